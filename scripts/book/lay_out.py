#!/usr/bin/env python3
"""Lays the pages that docs/SUMMARY.md names out for mdBook: `lay_out.py target/book`.

They are copied as they stand, in the shape of the repository, with the files that they link: so a relative link holds in the site
where it holds on a code host. Two things are changed. README.md becomes index.md, and a link to it, or to the folder that it stands
for, leads there: a site that is opened from a disk shows no page for a folder. Where a page has a notebook of the same name beside
it, the cells follow the page.
"""
import json
import posixpath
import re
import shutil
import sys
from pathlib import Path

import pages
from pages import ROOT, SUMMARY


def lay_out(folder):
    """Writes the book's settings and pages; returns what is wrong with the pages."""
    faults = pages.faults_of_summary()
    if faults:
        return faults
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "pages"
    named = set(pages.summary())
    linked = set()
    for page in named:
        text = (ROOT / page).read_text(encoding="utf-8")
        for link in pages.links(text):
            if link.is_external or not link.path:
                continue
            led = pages.led_to(page, link.path)
            if led is None or not (ROOT / led).exists():
                faults.append(f"{page}:{link.line}: {link.target} leads nowhere")
            elif (ROOT / led).is_dir():
                faults.append(f"{page}:{link.line}: {link.target} is a folder without a README.md: link a file in it")
            elif led == SUMMARY:
                continue
            elif led.suffix == ".md" and led not in named:
                faults.append(f"{page}:{link.line}: {link.target} is a page that {SUMMARY} does not name")
            else:
                linked.add(led)
        write(source / laid(page), with_notebook(page, with_index(page, text)))
    for file in linked - named:
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, source / file)
    write(source / "SUMMARY.md", summary_from_the_root())
    for file in ("book.toml", "site.css"):
        shutil.copyfile(ROOT / "docs" / file, folder / file)
    return faults


def laid(page):
    """Where a page lies in the book."""
    return page.with_name("index.md") if page.name == "README.md" else page


def summary_from_the_root():
    """docs/SUMMARY.md with its links counted from the root, where mdBook looks for it."""
    text = (ROOT / SUMMARY).read_text(encoding="utf-8")
    return re.sub(r"\]\(([^)]+)\)", lambda link: f"]({laid(pages.led_to(SUMMARY, link.group(1)))})", text)


def with_index(page, text):
    """The page's text with each link to a README.md, or to the folder that it stands for, made one to the index.md that it is laid out as."""
    for target, path in {(link.target, link.path) for link in pages.links(text) if link.path and not link.is_external}:
        led = pages.led_to(page, path)
        # In the site the summary stands beside every page; the link leads to the first.
        led = Path("README.md") if led == SUMMARY else led
        if led and led.name == "README.md":
            index = posixpath.relpath(laid(led).as_posix(), page.parent.as_posix())
            text = text.replace(f"]({target})", f"]({index}{target[len(path):]})")
    return text


def with_notebook(page, text):
    """The page's text, followed by the cells of the notebook that stands beside it, if there is one."""
    notebook = (ROOT / page).with_suffix(".ipynb")
    if not notebook.is_file():
        return text
    parts = [text.rstrip("\n")]
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        words = "".join(cell["source"])
        match cell["cell_type"]:
            case "markdown":
                # The page has a title already: the notebook's own is left out.
                parts.append(re.sub(r"\A# .*\n*", "", words))
            case "code":
                kind = "sh" if words.startswith("%%bash") else "python"
                parts.append(f"```{kind}\n{words.removeprefix('%%bash').strip()}\n```")
    return "\n\n".join(part for part in parts if part) + "\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit("\n".join(lay_out(Path(sys.argv[1]).resolve())) or 0)
