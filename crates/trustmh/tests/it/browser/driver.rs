//! A headless Chromium by its WebDriver.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::support::{python_packages, skip};

/// A browser, and the driver's process.
pub struct Browser {
    pub client: Client,
    driver: Child,
}

/// The lines that the browser wrote to its console since the last look.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let Self(command, parameters) = self;
        (http::Method::POST, Some(json!({ "cmd": command, "params": parameters }).to_string()))
    }
}

/// Which colours a page is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Colours {
    Light,
    Dark,
}

/// The widths that pages are looked at in, in CSS pixels.
pub const WIDTHS: [u32; 3] = [1440, 1024, 390];

impl Browser {
    /// Makes the window this wide, in CSS pixels.
    pub async fn wide(&self, width: u32) {
        let is_phone = width < 500;
        let height = if is_phone { 844 } else { 900 };
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone });
        let command = Devtools("Emulation.setDeviceMetricsOverride", size);
        self.client.issue_cmd(command).await.unwrap();
    }

    /// Asks for light or dark colours.
    pub async fn coloured(&self, colours: Colours) {
        let value = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.client.issue_cmd(Devtools("Emulation.setEmulatedMedia", features)).await.unwrap();
    }

    /// The page at `address` has no finding of axe-core at three widths, light and dark; it takes the same room in both, and no more than
    /// the window is wide.
    pub async fn fits_everywhere(&self, address: &str) {
        for width in WIDTHS {
            self.wide(width).await;
            let mut rooms = Vec::new();
            for colours in [Colours::Light, Colours::Dark] {
                self.coloured(colours).await;
                self.client.goto(address).await.unwrap();
                self.has_no_findings(&["minor", "moderate", "serious", "critical"]).await;
                let room = "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight];";
                rooms.push(self.client.execute(room, Vec::new()).await.unwrap());
            }
            assert_eq!(rooms[0], rooms[1], "light and dark at {width}: {address}");
            let needs = rooms[0][0].as_u64().unwrap();
            assert!(needs <= u64::from(width), "{needs} wide at {width}: {address}");
        }
        self.wide(WIDTHS[0]).await;
        self.coloured(Colours::Light).await;
    }

    /// None where there is no driver; with CI=true that is a failure.
    pub async fn start() -> Option<Self> {
        let started = Command::new("chromedriver")
            .args(["--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else { return skip("no chromedriver") };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
        });
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900"],
        });
        let capabilities = Capabilities::from_iter([
            ("goog:chromeOptions".to_owned(), options),
            ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ]);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", port.expect("the driver names its port")))
            .await
            .unwrap();
        // A long page takes axe a while where other tests run beside it.
        let patience = TimeoutConfiguration::new(Some(Duration::from_secs(180)), None, None);
        client.update_timeouts(patience).await.unwrap();
        Some(Self { client, driver })
    }

    /// What the console holds must be nothing.
    pub async fn console_is_empty(&self) {
        let log = self.client.issue_cmd(ConsoleLog).await.unwrap();
        assert_eq!(log, json!([]), "the console");
    }

    /// The text of the first element that fits.
    pub async fn text(&self, css: &str) -> String {
        // An element of a page that is being left is gone before it is read.
        for _ in 0..20 {
            let found = self.client.wait().for_element(Locator::Css(css)).await.unwrap();
            if let Ok(text) = found.text().await {
                return text;
            }
        }
        panic!("{css} does not stay");
    }

    /// Follows the first link with this text.
    pub async fn follow(&self, text: &str) {
        self.client.find(Locator::LinkText(text)).await.unwrap().click().await.unwrap();
    }

    /// No serious or critical finding of axe-core on the page as it stands.
    pub async fn is_accessible(&self) {
        self.has_no_findings(&["serious", "critical"]).await;
    }

    /// No finding of axe-core of these impacts on the page as it stands.
    pub async fn has_no_findings(&self, impacts: &[&str]) {
        let Some(packages) = python_packages("axe_playwright_python") else { return };
        let axe =
            std::fs::read_to_string(packages.join("axe_playwright_python/axe.min.js")).unwrap();
        self.client.execute(&axe, Vec::new()).await.unwrap();
        let found = self
            .client
            .execute_async(
                "const done = arguments[1]; axe.run({ resultTypes: ['violations'] })\
                 .then((found) => done(found.violations\
                 .filter((one) => arguments[0].includes(one.impact))\
                 .map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html)])));",
                vec![json!(impacts)],
            )
            .await
            .unwrap();
        assert_eq!(found, Value::Array(Vec::new()), "{}", self.client.title().await.unwrap());
    }

    /// A picture of the page, where `TRUSTMH_SCREENSHOTS` names a folder for them.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("TRUSTMH_SCREENSHOTS") else { return };
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }

    /// Pages of A4 that the page is on paper.
    pub async fn printed(&self) -> usize {
        let asked = json!({ "preferCSSPageSize": true, "printBackground": true });
        let printed = self.client.issue_cmd(Devtools("Page.printToPDF", asked)).await.unwrap();
        let data = base64::engine::general_purpose::STANDARD;
        let file = base64::Engine::decode(&data, printed["data"].as_str().unwrap()).unwrap();
        // Each page is an object of this type (ISO 32000-1, 7.7.3.3); the tree above them is `/Pages`.
        let page = b"/Type /Page\n";
        file.windows(page.len()).filter(|window| window == page).count()
    }

    pub async fn end(mut self) {
        self.client.clone().close().await.unwrap();
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.driver.kill());
    }
}
