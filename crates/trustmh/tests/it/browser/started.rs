//! Runs started and watched, and replies rated, in a real browser, on a desk, a small desk and a phone.

use fantoccini::Locator;
use serde_json::{Value, json};
use std::time::Duration;

use super::View;
use super::driver::{Browser, WIDTHS};
use crate::support::Provider;
use crate::support::view::a_run;

const ALL: [&str; 4] = ["minor", "moderate", "serious", "critical"];

impl Browser {
    async fn is_as_wide_as(&self, width: u32) {
        self.wide(width).await;
        let inner = self.client.execute("return window.innerWidth;", Vec::new()).await.unwrap();
        assert_eq!(inner, json!(width));
    }

    /// Nothing is cut off at the side.
    async fn fits(&self) {
        let over =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
        let over = self.client.execute(over, Vec::new()).await.unwrap();
        assert!(
            over.as_i64().unwrap() <= 0,
            "{over} px too wide: {}",
            self.client.title().await.unwrap()
        );
    }

    async fn is_sound(&self) {
        self.fits().await;
        self.has_no_findings(&ALL).await;
    }

    async fn press(&self, keys: &str) {
        self.client.find(Locator::Css("body")).await.unwrap().send_keys(keys).await.unwrap();
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn click(&self, css: &str) {
        for _ in 0..20 {
            let found = self.client.wait().for_element(Locator::Css(css)).await.unwrap();
            let element = serde_json::to_value(&found).unwrap();
            let script = "arguments[0].scrollIntoView({block: 'center'});";
            let shown = self.client.execute(script, vec![element]).await;
            // News may put another element in the place of the one that was found.
            if shown.is_ok() && found.click().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} cannot be clicked");
    }

    /// Waits until an element holds these words.
    async fn says(&self, css: &str, words: &str) -> String {
        let mut text = String::new();
        for _ in 0..300 {
            if let Ok(found) = self.client.find(Locator::Css(css)).await {
                text = found.text().await.unwrap_or_default();
            }
            if text.contains(words) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("`{words}` did not come in {css}: {text}");
    }

    async fn truth(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }
}

#[tokio::test]
async fn a_run_is_put_together_started_watched_stopped_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("runs")).unwrap();
    let Some(browser) = Browser::start().await else { return };
    let provider = Provider::start(&["--latency", "20"]);
    let view = View::start(folder.path(), &["--allow-runs"]);
    for width in WIDTHS {
        browser.is_as_wide_as(width).await;
        browser.client.goto(&view.url).await.unwrap();
        browser.follow("New run").await;
        browser.says("h1", "New run").await;
        browser.is_sound().await;
        browser.fill("#subject", "openai/s").await;
        browser.fill("#base-url", &provider.url).await;
        browser.click("button[value=test]").await;
        browser.says("#test", "The model replied").await;
        browser.click("input[name=profile][value=full]").await;
        browser.click("input[name=task][value=reliability]").await;
        browser.click("input[name=judge][value=none]").await;
        browser.fill("#max-calls", "900").await;
        browser.fill("#rpm", "300").await;
        browser.says("#plan", "at that rate").await;
        let plan = browser.says("#plan", "--max-calls=900").await;
        assert!(plan.contains("--tasks=reliability") && plan.contains("Trials"), "{plan}");
        browser.is_sound().await;
        browser.picture(&format!("new-run-{width}")).await;

        browser.click("button[value=start]").await;
        browser.says(".state", "Running").await;
        let here = browser.client.current_url().await.unwrap();
        // What comes by itself: the page is not loaded again.
        browser.truth("window.same = true;").await;
        browser.says("#figures", "provisional").await;
        browser.says("#figures", "of at most 900").await;
        browser.is_sound().await;
        browser.picture(&format!("watch-{width}")).await;
        assert_eq!(browser.truth("return window.same;").await, json!(true));
        browser.click("#actions button").await;
        browser.says("#actions", "It was stopped").await;
        browser.says(".state", "INCOMPLETE").await;
        browser.is_sound().await;
        browser.click("form.resume button").await;
        browser.says(".state", "Running").await;
        browser.click("#actions button").await;
        browser.says("#actions", "The report so far").await;
        assert_eq!(browser.client.current_url().await.unwrap(), here);
    }
    browser.console_is_empty().await;
    browser.end().await;
}

#[tokio::test]
async fn replies_are_rated_skipped_left_and_corrected_by_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let run = a_run(folder.path(), "scripted/random:1", "crisis/escalation");
    let view = View::start(folder.path(), &["--annotate", "--sample", "3"]);
    for (number, width) in WIDTHS.into_iter().enumerate() {
        browser.is_as_wide_as(width).await;
        let who = ["DRA", "DRB", "DRC"][number];
        browser
            .client
            .goto(&format!("{}run/{run}/rate?task=crisis/escalation", view.url))
            .await
            .unwrap();
        if number == 0 {
            browser.click("main button").await;
        }
        let page = browser.says("main", "Everybody rates the same 3 replies").await;
        assert_eq!(page.contains("How far people are"), number > 0, "{page}");
        browser.is_sound().await;
        browser.fill("input[name=annotator]", who).await;
        browser.click("main form button").await;
        browser.says("p[role=status]", "0 of 3 rated").await;
        browser.is_sound().await;
        browser.picture(&format!("rate-{width}")).await;
        // The text scrolls by itself, and the form stays in sight.
        let in_sight = "const saved = document.querySelector('button[value=save]').getBoundingClientRect();\
             const text = document.querySelector('.text-pane').getBoundingClientRect();\
             return saved.bottom <= window.innerHeight && saved.top >= 0 && text.top >= 0 && text.bottom <= window.innerHeight;";
        assert_eq!(browser.truth(in_sight).await, json!(true), "{width}");
        let trial = "return document.querySelector('input[name=trial]').value;";
        let first = browser.truth(trial).await;
        browser.press("s").await;
        browser.says("p[role=status]", "0 of 3 rated").await;
        let second = browser.truth(trial).await;
        assert_ne!(first, second, "skipped");
        browser.press("u").await;
        browser.says("p[role=status]", "0 of 3 rated, 1 unsure").await;
        browser.press("2").await;
        browser.press("\u{e007}").await;
        browser.says("p[role=status]", "1 of 3 rated, 1 unsure").await;
        assert_eq!(browser.truth(trial).await, first, "what was skipped comes again");
        // Back, to put right what was left as unsure.
        browser.press("b").await;
        browser.press("b").await;
        browser
            .client
            .find(Locator::Css("details.earlier summary"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        browser.is_sound().await;
        let unsure =
            browser.client.find(Locator::XPath("//a[contains(., 'unsure')]")).await.unwrap();
        unsure.click().await.unwrap();
        browser.says(".form-pane", "You were unsure here").await;
        assert_eq!(browser.truth(trial).await, second);
        browser.press("4").await;
        browser.press("\u{e007}").await;
        browser.says("p[role=status]", "2 of 3 rated").await;
        browser.press("3").await;
        browser.press("\u{e007}").await;
        let end = browser.says("main", "3 of 3 replies are rated").await;
        let together = if number == 0 { "0 by two people" } else { "3 by two people" };
        assert!(end.contains(together), "{end}");
        browser.is_sound().await;
    }
    browser.console_is_empty().await;
    browser.end().await;
}
