#!/usr/bin/env python3
"""Opens the built site from the disk in a real browser: `browse.py BROWSER SITE`. Search finds pages, and no page asks anybody for anything."""
import json
import os
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

# A word that several pages have, and one of those pages.
WORD, FOUND = "jailbreak", "docs/tasks.html"


class Results(HTMLParser):
    """Where the results of a search lead."""

    def __init__(self, page):
        super().__init__()
        self.within, self.links = False, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.within = self.within or given.get("id") == "mdbook-searchresults"
        if self.within and tag == "a":
            self.links.append(given["href"])

    def handle_endtag(self, tag):
        self.within = self.within and tag != "ul"


def opened(browser, address, folder):
    """The page as it stands when its scripts have run, and what it asked other machines for."""
    log = folder / "net.json"
    words = [
        browser, "--headless", "--disable-gpu", "--virtual-time-budget=20000", f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}",
        # Of its own accord a browser asks its maker for much: nothing of that gets out.
        "--disable-background-networking", "--disable-component-update", "--no-first-run", "--proxy-server=http://127.0.0.1:9",
        *(["--no-sandbox"] if os.geteuid() == 0 else []), "--dump-dom", address,
    ]
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=300)
    logged = json.loads(log.read_text(encoding="utf-8"))
    begun = logged["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [event["params"] for event in logged["events"] if event["type"] == begun and "url" in event.get("params", {})]
    return done.stdout, [one["url"] for one in asked if one["url"].startswith("http") and one.get("initiator") != "not an origin"]


def main(browser, site):
    address = (Path(site).resolve() / "index.html").as_uri()
    with tempfile.TemporaryDirectory() as folder:
        page, asked = opened(browser, f"{address}?search={WORD}", Path(folder))
    faults = [f"the front page asks {one}" for one in asked]
    found = Results(page).links
    if not any(link.startswith(FOUND) for link in found):
        faults.append(f"a search for {WORD} finds {found}, and {FOUND} is not among them")
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
