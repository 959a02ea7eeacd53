//! What people do in the viewer, in a real browser, at three widths, light and dark.

use fantoccini::Locator;
use fantoccini::elements::Element;
use std::path::Path;

use super::View;
use super::driver::Browser;
use crate::support::trustmh;

/// Runs of starter items by subjects that behave differently, and the name of the first.
fn some_runs(folder: &Path) -> Vec<String> {
    let tasks = "safety/jailbreak,reliability/knowledge,sycophancy/oeq,crisis/identification";
    let subjects = ["scripted/random:1", "scripted/always-a", "scripted/random:2"];
    let names = subjects.map(|subject| {
        let arguments = ["run", "--json", "--judge", "scripted/judge:1", "--items", "12"];
        let which = ["--tasks", tasks, "--subject", subject];
        let card = trustmh(folder, arguments.iter().chain(&which)).with_code(0).json();
        let run = Path::new(card[0]["run"].as_str().unwrap()).file_name().unwrap().to_owned();
        run.into_string().unwrap()
    });
    names.into()
}

impl Browser {
    async fn all(&self, css: &str) -> Vec<Element> {
        self.client.wait().for_element(Locator::Css(css)).await.unwrap();
        self.client.find_all(Locator::Css(css)).await.unwrap()
    }

    async fn click_on(&self, css: &str) {
        let found = self.client.wait().for_element(Locator::Css(css)).await.unwrap();
        found.click().await.unwrap();
    }

    async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.all(css).await {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// Goes to a page with replies, through the warning if it was not read.
    async fn past_the_warning(&self, address: &str, head: &str) {
        self.client.goto(address).await.unwrap();
        self.arrives(head).await;
    }

    /// Waits for the page with this head, through the warning if it was not read.
    pub(super) async fn arrives(&self, head: &str) {
        for _ in 0..200 {
            // A page that is being left has no head any more.
            let now = match self.client.find(Locator::Css("h1")).await {
                Ok(found) => found.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if now.contains(head) {
                return;
            }
            if now == "Before you read on" {
                let button = self.client.find(Locator::Css("main button")).await.unwrap();
                drop(button.click().await);
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{head} does not come: {}", self.address().await);
    }

    /// Presses a key and waits until another page is there.
    async fn press_to_leave(&self, key: &str) {
        let before = self.address().await;
        self.client.find(Locator::Css("body")).await.unwrap().send_keys(key).await.unwrap();
        for _ in 0..100 {
            if self.address().await != before {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{key} leads nowhere from {before}");
    }
}

#[tokio::test]
async fn runs_are_sorted_filtered_ticked_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    some_runs(folder.path());
    let view = View::start(folder.path(), &[]);
    let client = &browser.client;
    browser.fits_everywhere(&view.url).await;
    client.goto(&view.url).await.unwrap();
    assert_eq!(browser.text("p[role=status]").await, "3 of 3 runs");
    assert_eq!(browser.texts("tbody th a").await[0], "scripted/random:2", "the newest first");
    // The head of a column sorts by it, and the other way at the second click.
    browser.follow("Subject").await;
    browser.all("th[aria-sort=ascending]").await;
    assert_eq!(browser.texts("tbody th a").await[0], "scripted/always-a");
    browser.click_on("thead th[aria-sort] a").await;
    browser.all("th[aria-sort=descending]").await;
    assert_eq!(browser.texts("tbody th a").await[0], "scripted/random:2");
    browser.follow("Saf").await;
    browser.all("option[value=safety][selected]").await;
    let states = browser.texts("tbody .state").await;
    assert!(states.iter().all(|state| state == "● complete"), "{states:?}");
    let words = client.find(Locator::Css("input[type=search]")).await.unwrap();
    words.send_keys("random\u{e007}").await.unwrap();
    client.wait().for_element(Locator::Css("input[type=search][value=random]")).await.unwrap();
    assert_eq!(browser.text("p[role=status]").await, "2 of 3 runs");
    for tick in browser.all("tbody input[type=checkbox]").await {
        tick.click().await.unwrap();
    }
    browser.click_on("p.bar button").await;
    browser.arrives("2 runs compared").await;
    browser.fits_everywhere(&browser.address().await).await;
    // All three, each beside the first, and one trial in two of them.
    client.goto(&view.url).await.unwrap();
    for tick in browser.all("tbody input[type=checkbox]").await {
        tick.click().await.unwrap();
    }
    browser.click_on("p.bar button").await;
    browser.arrives("3 runs compared").await;
    assert_eq!(browser.texts("h2").await.len(), 3, "an order and two pairs");
    browser.fits_everywhere(&browser.address().await).await;
    let link = client.find(Locator::Css("details table tbody th a")).await.unwrap();
    let link = link.attr("href").await.unwrap().unwrap();
    let link = client.current_url().await.unwrap().join(&link).unwrap();
    browser.past_the_warning(link.as_str(), ":").await;
    assert_eq!(browser.all(".beside section h2 a").await.len(), 2);
    browser.press_to_leave("j").await;
    assert!(browser.text("nav.beside-trial").await.contains("Change 2 of"));
    browser.press_to_leave("k").await;
    assert!(browser.text("nav.beside-trial").await.contains("Change 1 of"));
    browser.fits_everywhere(&browser.address().await).await;
    browser.console_is_empty().await;
    browser.end().await;
}

#[tokio::test]
async fn a_run_has_tabs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let run = some_runs(folder.path()).remove(0);
    let view = View::start(folder.path(), &[]);
    let client = &browser.client;
    client.goto(&format!("{}run/{run}", view.url)).await.unwrap();
    assert!(browser.text("h1").await.contains("scripted/random:1"));
    for (tab, head) in
        [("Trials", "Trials"), ("Worst", "Worst replies"), ("Calls", "Calls"), ("Set-up", "Set-up")]
    {
        browser.follow(tab).await;
        browser.arrives(head).await;
        assert_eq!(browser.texts("nav.tabs a[aria-current=page]").await, [tab]);
        browser.fits_everywhere(&browser.address().await).await;
    }
    browser.follow("Calls").await;
    browser.arrives("Calls").await;
    client
        .find(Locator::Css("select[name=who] option[value=judge]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.click_on("form.filter button").await;
    browser.all("option[value=judge][selected]").await;
    let calls = browser.texts("tbody tr td:first-child").await;
    assert!(calls.iter().all(|call| call.contains("the judge")), "{calls:?}");
    browser.follow("Overview").await;
    browser.arrives("scripted/random:1").await;
    assert_eq!(browser.texts("nav.tabs a[aria-current=page]").await, ["Overview"]);
    browser.console_is_empty().await;
    browser.end().await;
}

#[tokio::test]
async fn trials_are_chosen_by_facets_walked_by_keys_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let run = some_runs(folder.path()).remove(0);
    let view = View::start(folder.path(), &["--annotate"]);
    let client = &browser.client;
    let trials = format!("{}run/{run}/trials", view.url);
    browser.past_the_warning(&trials, "Trials").await;
    browser.wide(1440).await;
    client.goto(&trials).await.unwrap();
    // Each count is what a click shows.
    for (place, facet) in ["safety/jailbreak", "attacked", "refused"].into_iter().enumerate() {
        let css = format!("//nav[@id='filters']//a[span[@class='value'][.='{facet}']]");
        let link = client.find(Locator::XPath(&css)).await.unwrap();
        let told = link.find(Locator::Css(".count")).await.unwrap().text().await.unwrap();
        link.click().await.unwrap();
        browser.all(&format!("ul.chips li:nth-child({})", place + 1)).await;
        let status = browser.text("p[role=status]").await;
        let shown = status.split(' ').next().unwrap();
        assert_eq!(shown, told, "{facet}");
    }
    assert_eq!(browser.all("ul.chips li").await.len(), 3);
    browser.fits_everywhere(&browser.address().await).await;
    let names = browser.texts("table.trials tbody th a").await;
    assert!(names.len() > 2, "{names:?}");
    client.find(Locator::Css("table.trials tbody th a")).await.unwrap().click().await.unwrap();
    browser.arrives(&names[0]).await;
    browser.fits_everywhere(&browser.address().await).await;
    // The keys walk through what was found, not through all trials.
    browser.press_to_leave("j").await;
    browser.arrives(&names[1]).await;
    browser.press_to_leave("k").await;
    browser.arrives(&names[0]).await;
    assert!(
        client.find(Locator::Css("button[data-copy]")).await.unwrap().is_displayed().await.unwrap()
    );
    browser.click_on("form.mark input[type=checkbox]").await;
    let note = client.find(Locator::Css("form.mark textarea")).await.unwrap();
    // A j that is written leads nowhere.
    note.send_keys("just <b>odd</b>").await.unwrap();
    browser.click_on("form.mark button").await;
    client.wait().for_element(Locator::Css("form.mark input:checked")).await.unwrap();
    let file = folder.path().join("runs").join(&run).join("marks.jsonl");
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written.contains(&names[0]) && written.contains("\"flagged\":\"yes\""), "{written}");
    client.goto(&format!("{trials}?mark=flagged")).await.unwrap();
    assert_eq!(browser.text("p[role=status]").await, "1 trial");
    assert!(browser.text("table.trials div.mark").await.contains("just <b>odd</b>"));
    client.goto(&format!("{trials}?task=reliability/knowledge")).await.unwrap();
    client.find(Locator::Css("table.trials tbody th a")).await.unwrap().click().await.unwrap();
    let right = browser.text("dl.right").await;
    assert!(right.contains("Read from the reply") && right.contains("Right"), "{right}");
    client.goto(&format!("{trials}?q=zzzzzzzz&page=99")).await.unwrap();
    assert_eq!(browser.text("p[role=status]").await, "0 trials");
    assert!(browser.text("main").await.contains("No trial fits"));
    browser.fits_everywhere(&browser.address().await).await;
    browser.console_is_empty().await;
    browser.end().await;
}

#[tokio::test]
async fn a_bookmark_works_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let run = some_runs(folder.path()).remove(0);
    let view = View::start(folder.path(), &[]);
    let bookmark = format!("{}run/{run}/setup", view.url);
    drop(view);
    let again = View::start(folder.path(), &[]);
    assert!(bookmark.starts_with(&again.url), "{} and {bookmark}", again.url);
    browser.client.goto(&bookmark).await.unwrap();
    assert_eq!(browser.text("h1").await, "Set-up");
    // A slash too many leads to the page that is meant.
    browser.client.goto(&format!("{bookmark}/")).await.unwrap();
    assert_eq!(browser.text("h1").await, "Set-up");
    browser.end().await;
}
