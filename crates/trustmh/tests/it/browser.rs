//! The viewer and the report in a real browser.
#[path = "browser/driver.rs"]
pub mod driver;
#[path = "browser/flows.rs"]
mod flows;
mod report;
mod started;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use self::driver::Browser;
use crate::support::{program, shared, trustmh};
use fantoccini::Locator;

/// The viewer as a process, until it is dropped.
struct View {
    child: Child,
    url: String,
}

impl View {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let mut child = program(folder)
            .args(["view", "runs"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Recorded Ethics replies of two models as runs.
fn recorded(folder: &Path) -> Option<()> {
    let records = shared("records")?.join("ethics");
    let mut files: Vec<_> =
        std::fs::read_dir(records).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let arguments = ["import", "trustmh-ethics"].map(Into::into).into_iter();
    trustmh(folder, arguments.chain(files.into_iter().take(2))).with_code(0);
    Some(())
}

#[tokio::test]
async fn replies_are_found_read_and_rated_and_the_agreement_follows() {
    let folder = tempfile::tempdir().unwrap();
    if recorded(folder.path()).is_none() {
        return;
    }
    let Some(browser) = Browser::start().await else { return };
    let view = View::start(folder.path(), &["--annotate"]);
    let client = &browser.client;
    client.goto(&view.url).await.unwrap();
    assert_eq!(browser.text("h1").await, "Runs");
    browser.is_accessible().await;
    client.find(Locator::Css("tbody th a")).await.unwrap().click().await.unwrap();
    assert_eq!(browser.text("nav.tabs a[aria-current=page]").await, "Overview");
    browser.is_accessible().await;

    browser.follow("Trials").await;
    assert_eq!(browser.text("h1").await, "Before you read on");
    browser.is_accessible().await;
    client.find(Locator::Css("main button")).await.unwrap().click().await.unwrap();
    assert_eq!(browser.text("p[role=status]").await, "125 trials");
    let search = client.find(Locator::Css("input[type=search]")).await.unwrap();
    search.send_keys("confidentiality\u{e007}").await.unwrap();
    client
        .wait()
        .for_element(Locator::Css("input[type=search][value=confidentiality]"))
        .await
        .unwrap();
    let found = browser.text("p[role=status]").await;
    let found: u32 = found.split(' ').next().unwrap().parse().unwrap();
    assert!((1..125).contains(&found), "{found} trials speak of confidentiality");
    browser.is_accessible().await;
    client.find(Locator::Css("tbody th a")).await.unwrap().click().await.unwrap();
    assert!(browser.text(".said.reply .text").await.len() > 1, "a reply");
    browser.is_accessible().await;

    let run = client.current_url().await.unwrap();
    let run = run.as_str().split("/trial").next().unwrap().to_owned();
    client.goto(&format!("{run}/rate?task=ethics/reasoning")).await.unwrap();
    let name = client.find(Locator::Css("input[name=annotator]")).await.unwrap();
    name.send_keys("AB\u{e007}").await.unwrap();
    let mut told = Vec::new();
    for rated in 0..3 {
        let status = format!("{rated} of 125 rated");
        client.wait().for_element(Locator::XPath(&format!("//p[.='{status}']"))).await.unwrap();
        let page = browser.text("main").await;
        assert!(!page.contains("Verdict") && !page.contains("gpt"), "the rating is blind");
        if rated == 0 {
            browser.is_accessible().await;
        }
        // Scores that vary, so that there is something to agree about.
        for field in 0..5 {
            let key = (1 + (rated + field) % 3).to_string();
            client.find(Locator::Css("body")).await.unwrap().send_keys(&key).await.unwrap();
        }
        client.find(Locator::Css("body")).await.unwrap().send_keys("\u{e007}").await.unwrap();
        client
            .wait()
            .for_element(Locator::XPath(&format!("//p[.='{} of 125 rated']", rated + 1)))
            .await
            .unwrap();
        let here = client.current_url().await.unwrap();
        client.goto(&format!("{run}/agreement?task=ethics/reasoning")).await.unwrap();
        told.push(browser.text("main").await);
        client.goto(here.as_str()).await.unwrap();
    }
    assert!(told[0].contains("1 reply rated by AB; 0 by two people"), "{}", told[0]);
    assert!(told[2].contains("3 replies rated by AB; 0 by two people"), "{}", told[2]);
    assert!(told[1] != told[2] && told[2].contains("kappa, quadratic weights"), "{}", told[2]);
    assert!(told[2].contains("below 30 nothing is said"), "{}", told[2]);
    client.goto(&format!("{run}/agreement?task=ethics/reasoning")).await.unwrap();
    browser.is_accessible().await;
    browser.console_is_empty().await;

    client.goto(&view.url).await.unwrap();
    let choose = async |css: &str| {
        client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    };
    choose("tbody tr:nth-child(1) input[type=checkbox]").await;
    choose("tbody tr:nth-child(2) input[type=checkbox]").await;
    choose("p.bar button").await;
    browser.arrives("2 runs compared").await;
    assert!(browser.text("p[role=status]").await.ends_with("of 1 tasks."));
    choose("section details > summary").await;
    choose("details table a").await;
    client.wait().for_element(Locator::Css(".beside .said.reply")).await.unwrap();
    assert_eq!(client.find_all(Locator::Css(".beside .said.reply")).await.unwrap().len(), 2);
    browser.is_accessible().await;
    browser.console_is_empty().await;
    browser.end().await;
}
