#!/usr/bin/env python3
"""Checks what the documentation links: `links.py [--site DIR] [--external]`. Nothing is fetched.

Of the pages as they are written: every link's file and anchor is there. With --site, of the built site too: every link and
anchor, every picture, style and script is there, nothing is loaded from elsewhere, and each page has a language, a title, and words for
its pictures. --external lists the addresses that pages lead to, with the pages.
"""
import argparse
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pages
from pages import ROOT, Link

# What mdBook's own script names and never asks here: it runs examples in Rust, of which pages have none that run (docs/book.toml).
NAMED_BY_MDBOOK = {"https://play.rust-lang.org"}
# The table of contents for browsers without scripts: a frame of other pages.
FRAME = "toc.html"
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"(?:https?|wss?)://[\w.-]+")
IN_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)|@import\s+[\"']([^\"']+)[\"']")
LOADS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("audio", "src"),
         ("embed", "src"), ("object", "data"), ("video", "poster"), ("image", "href"), ("use", "href"), ("input", "src")}
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect", "dns-prefetch", "shortcut"}


class Page(HTMLParser):
    """A page of the built site: its anchors, what it links, what it loads, and what a reader cannot do without."""

    def __init__(self, text, is_frame):
        super().__init__(convert_charrefs=True)
        self.anchors, self.links, self.loads, self.faults = set(), [], [], []
        self.language = self.title = ""
        self.within = None
        self.feed(text)
        self.close()
        if not self.language:
            self.faults.append("has no language")
        if not self.title.strip() and not is_frame:
            self.faults.append("has no title")

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        self.within = tag
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "img" and "alt" not in given:
            self.faults.append(f"shows {given.get('src')} without words for it")
        if tag == "a" and "href" in given:
            self.links.append(Link(self.getpos()[0], given["href"]))
        if tag == "base":
            self.faults.append("has a base: its links hold at one address only")
        self.loads += [given[name] for (of, name) in LOADS if of == tag and name in given]
        self.loads += [one.split()[0] for one in given.get("srcset", "").split(",") if one.strip()]
        if tag == "link" and LOADING_LINKS & set(given.get("rel", "").lower().split()):
            self.loads.append(given.get("href", ""))
        self.loads += loaded_by_style(given.get("style", ""))

    def handle_endtag(self, tag):
        self.within = None

    def handle_data(self, data):
        match self.within:
            case "title":
                self.title += data
            case "style":
                self.loads += loaded_by_style(data)
            case "script":
                self.faults += named_by_script(data)


def loaded_by_style(text):
    return [one or other for one, other in IN_STYLE.findall(text)]


def named_by_script(text):
    return [f"a script names {address}" for address in sorted(set(ADDRESS.findall(COMMENT.sub("", text))) - NAMED_BY_MDBOOK)]


def faults_of_sources():
    """What is wrong with the pages as they are written."""
    faults = pages.faults_of_summary()
    known = {}
    for page in [pages.SUMMARY, *(page for page in pages.summary() if page and (ROOT / page).is_file())]:
        for link in pages.links((ROOT / page).read_text(encoding="utf-8")):
            if link.is_external:
                continue
            led = pages.led_to(page, link.path) if link.path else page
            if led is None or not (ROOT / led).exists():
                faults.append(f"{page}:{link.line}: {link.target} leads nowhere")
            elif link.anchor and led.suffix == ".md":
                if led not in known:
                    known[led] = pages.anchors((ROOT / led).read_text(encoding="utf-8"))
                if link.anchor not in known[led]:
                    faults.append(f"{page}:{link.line}: {link.target}: {led} has no such heading")
    return faults


def faults_of_site(site):
    """What is wrong with the built site."""
    read = {path: Page(path.read_text(encoding="utf-8"), path == site / FRAME) for path in sorted(site.rglob("*.html"))}
    faults = [] if read else [f"{site}: there is no page"]
    for page in pages.summary():
        made = site / page.parent / ("index.html" if page.name == "README.md" else f"{page.stem}.html")
        if made not in read:
            faults.append(f"{page}: there is no {made.relative_to(site)}")
    for path, page in read.items():
        name = path.relative_to(site)
        faults += [f"{name}: {fault}" for fault in page.faults]
        faults += [f"{name}: {fault}" for load in page.loads if (fault := fault_of_load(site, path, load))]
        for link in page.links:
            if link.is_external:
                if not re.match(r"https?:|mailto:", link.target):
                    faults.append(f"{name}:{link.line}: {link.target}: not an address of the web")
                continue
            led = path.parent.joinpath(link.path).resolve() if link.path else path
            if not led.is_relative_to(site) or not led.is_file():
                faults.append(f"{name}:{link.line}: {link.target} leads nowhere")
            elif link.anchor and led in read and link.anchor not in read[led].anchors:
                faults.append(f"{name}:{link.line}: {link.target}: there is no such anchor")
    for path in sorted([*site.rglob("*.css"), *site.rglob("*.svg"), *site.rglob("*.js")]):
        name, text = path.relative_to(site), path.read_text(encoding="utf-8")
        if path.suffix == ".js":
            # The index for searching holds the words of the pages, addresses among them: it is data.
            if not path.name.startswith("searchindex"):
                faults += [f"{name}: {fault}" for fault in named_by_script(text)]
            continue
        faults += [f"{name}: {fault}" for load in loaded_by_style(text) if (fault := fault_of_load(site, path, load))]
    return faults


def fault_of_load(site, path, load):
    """What is wrong with loading this from a page or style of the site, if anything is."""
    if load.startswith(("data:", "#")):
        return None
    if re.match(r"[a-z][a-z0-9+.-]*:|//", load, re.IGNORECASE):
        return f"loads {load} from elsewhere"
    led = path.parent.joinpath(unquote(re.split(r"[?#]", load, maxsplit=1)[0])).resolve()
    return None if led.is_relative_to(site) and led.is_file() else f"loads {load}, which is not there"


def external():
    """The addresses that pages lead to, each with its pages."""
    found = {}
    for page in pages.summary():
        for link in pages.links((ROOT / page).read_text(encoding="utf-8")):
            if link.is_external:
                found.setdefault(link.target, []).append(f"{page}:{link.line}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, help="a built site to check, too")
    parser.add_argument("--external", action="store_true", help="list the addresses that pages lead to, and check nothing")
    given = parser.parse_args()
    if given.external:
        for address, found in sorted(external().items()):
            print(f"{address}  {', '.join(found)}")
        return
    faults = faults_of_sources()
    if given.site:
        faults += faults_of_site(given.site.resolve())
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
