//! The page of a pack in a real browser, at three widths, and on paper.

use fantoccini::Locator;
use serde_json::json;

use super::pack;
use crate::browser::driver::Browser;

#[tokio::test]
async fn the_page_can_be_read_by_everybody_at_every_width() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    for framework in ["chai", "eu-annex-iv"] {
        let output = folder.path().join(framework);
        pack(framework, &output, &[]).with_code(0);
        let client = &browser.client;
        client.goto(&format!("file://{}/index.html", output.display())).await.unwrap();
        assert!(browser.text("h1").await.starts_with("Evidence on Quiet Harbour for "));
        for width in [1440, 1024, 390] {
            client.set_window_size(width, 900).await.unwrap();
            browser.has_no_findings(&["minor", "moderate", "serious", "critical"]).await;
            let wider = "return document.documentElement.scrollWidth > window.innerWidth;";
            let wider = client.execute(wider, Vec::new()).await.unwrap();
            assert_eq!(wider, json!(false), "{framework}: the page scrolls sideways at {width}");
        }
        let fetched = "return performance.getEntriesByType('resource').length;";
        assert_eq!(client.execute(fetched, Vec::new()).await.unwrap(), json!(0));
        client.find(Locator::LinkText("The duties")).await.unwrap().click().await.unwrap();
        assert!(client.current_url().await.unwrap().as_str().ends_with("#duties"));
        browser.picture(&format!("evidence-{framework}")).await;
        browser.console_is_empty().await;
    }
    browser.end().await;
}
