//! The report in a real browser: what its first screen holds, how long it is, and what it is on paper.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::driver::{Browser, Colours};
use crate::support::{self, trustmh};

/// A run of all tasks and one of conversations, and one beside it that behaves otherwise.
fn two_runs(folder: &Path) -> [PathBuf; 2] {
    let all =
        ["run", "--tasks", "all,crisis/conversation", "--judge", "scripted/judge:1", "--subject"];
    trustmh(folder, [&all[..], &["scripted/random:1", "--runs-dir", "first"]].concat())
        .with_code(0);
    trustmh(folder, [&all[..], &["scripted/always-a", "--runs-dir", "second"]].concat())
        .with_code(0);
    ["first", "second"].map(|runs| support::only_run(&folder.join(runs)))
}

#[tokio::test]
async fn the_report_is_sound_at_every_width_and_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let [first, second] = two_runs(folder.path());
    let beside = [first.as_os_str(), "--beside".as_ref(), second.as_os_str()];
    let arguments = ["report".as_ref()].into_iter().chain(beside);
    trustmh(folder.path(), arguments).with_code(0);
    let address = format!("file://{}", first.join("report.html").display());
    browser.fits_everywhere(&address).await;
    let count = "return performance.getEntriesByType('resource').length;";
    assert_eq!(browser.client.execute(count, Vec::new()).await.unwrap(), json!(0));
    browser.console_is_empty().await;

    browser.wide(1440).await;
    browser.coloured(Colours::Light).await;
    browser.client.goto(&address).await.unwrap();
    assert_eq!(browser.text("h1").await, "scripted/random:1 beside scripted/always-a");
    let look = "const bottom = (css) => document.querySelector(css).getBoundingClientRect().bottom;\
        const links = [...document.querySelectorAll('a[href^=\"#\"]')].map((link) => link.getAttribute('href').slice(1));\
        return { screens: document.documentElement.scrollHeight / 900, findings: bottom('.findings'), tasks: bottom('table.forest'),\
            dead: links.filter((id) => !document.getElementById(id)), links: links.length,\
            other: document.querySelectorAll('.forest circle.beside').length, quoted: document.querySelectorAll('blockquote').length };";
    let found = browser.client.execute(look, Vec::new()).await.unwrap();
    assert!(found["screens"].as_f64().unwrap() <= 8.0, "{found}");
    // What stands out and the tasks of all pillars end within a screen of 1,200 pixels.
    assert!(found["findings"].as_f64().unwrap() < 1100.0, "{found}");
    assert!(found["tasks"].as_f64().unwrap() < 1200.0, "{found}");
    assert_eq!(found["dead"], json!([]), "{found}");
    assert!(
        found["links"].as_u64().unwrap() > 60 && found["other"].as_u64().unwrap() > 10,
        "{found}"
    );
    // Nobody asked for replies.
    assert_eq!(found["quoted"], json!(0));
    // The contents stay in sight.
    browser
        .client
        .execute("document.getElementById('limits').scrollIntoView();", Vec::new())
        .await
        .unwrap();
    let top = "return document.querySelector('nav.contents').getBoundingClientRect().top;";
    assert_eq!(browser.client.execute(top, Vec::new()).await.unwrap(), json!(0));
    let pages = browser.printed().await;
    assert!((4..=8).contains(&pages), "{pages} pages");

    trustmh(folder.path(), ["report".as_ref(), first.as_os_str(), "--with-replies".as_ref()])
        .with_code(0);
    browser.client.goto(&address).await.unwrap();
    let quoted =
        "return document.querySelectorAll('details.sensitive:not([open]) blockquote').length;";
    let quoted = browser.client.execute(quoted, Vec::new()).await.unwrap();
    assert!(quoted.as_u64().unwrap() > 10, "{quoted}");
    browser.end().await;
}
