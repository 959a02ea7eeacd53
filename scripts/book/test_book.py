"""The checks of the documentation find what they are there to find."""
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import lay_out
import links
import pages


class OfMarkdown(unittest.TestCase):
    def test_links_are_read_and_code_is_not(self):
        text = (
            "[a](one.md#x) and `[b](no.md)` ![c](<two words.png>)\n```sh\n[d](no.md)\n```\n"
            "<!-- [e](no.md) -->\n<img src=\"three.png\">\n[f]: four.md\n"
            "[g](https://example.org/a_(b)) [h](five.md \"title\")\n"
        )
        found = [(link.line, link.target) for link in pages.links(text)]
        self.assertEqual(
            found,
            [(1, "one.md#x"), (1, "two words.png"), (6, "three.png"), (7, "four.md"), (8, "https://example.org/a_(b)"), (8, "five.md")],
        )

    def test_anchors_are_those_of_a_code_host(self):
        text = "# What's `--base-url`?\n## Two [runs](a.md): compare\n## Same\n### Same\n```\n# not this\n```\n<a name=\"own\"></a>\n"
        self.assertEqual(pages.anchors(text), {"whats---base-url", "two-runs-compare", "same", "same-1", "own"})

    def test_a_fence_is_closed_by_its_own_kind_only(self):
        self.assertEqual(pages.links("````\n```\n[a](no.md)\n````\n[b](yes.md)\n"), [pages.Link(5, "yes.md")])


class OfARepository(unittest.TestCase):
    """A repository of a few pages in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        for module in (pages, lay_out, links):
            patch = mock.patch.object(module, "ROOT", self.root)
            patch.start()
            self.addCleanup(patch.stop)
        self.write("README.md", "# Front\n[one](docs/one.md#part) [all](docs/more/) [rules](rules.toml)\n")
        self.write("rules.toml", "")
        self.write("docs/SUMMARY.md", "# Summary\n[Front](../README.md)\n- [One](one.md)\n- [More](more/README.md)\n")
        self.write("docs/one.md", "# One\n## Part\n[back](../README.md) [here](#part)\n")
        self.write("docs/more/README.md", "# More\n")
        self.write("docs/book.toml", "")
        self.write("docs/site.css", "")

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def laid(self, page):
        return (self.root / "out/pages" / page).read_text(encoding="utf-8")

    def test_sound_pages_are_laid_out_with_what_they_link(self):
        self.assertEqual(links.faults_of_sources(), [])
        self.assertEqual(lay_out.lay_out(self.root / "out"), [])
        self.assertIn("[one](docs/one.md#part) [all](docs/more/index.md)", self.laid("index.md"))
        self.assertIn("[back](../index.md) [here](#part)", self.laid("docs/one.md"))
        self.assertIn("- [More](docs/more/index.md)", self.laid("SUMMARY.md"))
        self.assertTrue((self.root / "out/pages/rules.toml").is_file())

    def test_a_page_that_the_summary_misses_is_a_fault_and_so_is_one_that_it_invents(self):
        self.write("docs/two.md", "# Two\n")
        self.assertEqual(links.faults_of_sources(), ["docs/two.md: is not in docs/SUMMARY.md"])
        self.write("docs/SUMMARY.md", "[F](../README.md) [1](one.md) [m](more/README.md) [2](two.md) [3](three.md) [1](one.md)\n")
        faults = links.faults_of_sources()
        self.assertIn("docs/SUMMARY.md: names docs/three.md, which is not there", faults)
        self.assertIn("docs/SUMMARY.md: names docs/one.md twice", faults)

    def test_links_that_lead_nowhere_are_faults(self):
        self.write("docs/one.md", "# One\n\n[a](gone.md) [b](#gone) [c](../README.md#gone) [d](../../etc/hosts)\n")
        self.assertEqual(
            [fault.removeprefix("docs/one.md:3: ") for fault in links.faults_of_sources() if fault.startswith("docs/")],
            ["gone.md leads nowhere", "#gone: docs/one.md has no such heading", "../README.md#gone: README.md has no such heading",
             "../../etc/hosts leads nowhere"],
        )

    def test_what_the_site_could_not_show_is_refused(self):
        self.write("rules/a.toml", "")
        self.write("other/page.md", "# Other\n")
        self.write("docs/one.md", "# One\n## Part\n[a](../rules) [b](../other/page.md)\n")
        self.assertEqual(
            sorted(lay_out.lay_out(self.root / "out")),
            ["docs/one.md:3: ../other/page.md is a page that docs/SUMMARY.md does not name",
             "docs/one.md:3: ../rules is a folder without a README.md: link a file in it"],
        )

    def test_the_cells_of_a_notebook_follow_its_page(self):
        cells = [
            {"cell_type": "markdown", "source": ["# Title\n", "\n", "Words."]},
            {"cell_type": "code", "source": ["print(1)"], "outputs": []},
            {"cell_type": "code", "source": ["%%bash\n", "ls"], "outputs": []},
        ]
        self.write("docs/one.ipynb", json.dumps({"cells": cells}))
        lay_out.lay_out(self.root / "out")
        self.assertTrue(self.laid("docs/one.md").endswith("\n\nWords.\n\n```python\nprint(1)\n```\n\n```sh\nls\n```\n"))

    def site(self, body, head="<title>T</title>", language=" lang=en"):
        for name in ("index.html", "docs/one.html", "docs/more/index.html"):
            self.write(f"site/{name}", f"<html{language}><head>{head}</head><body><h1 id=top>T</h1>{body}</body></html>")
        return links.faults_of_site(self.root / "site")

    def test_a_sound_site_has_no_faults(self):
        self.write("site/a.css", "@font-face { src: url('a.woff2') }")
        self.write("site/a.woff2", "")
        self.assertEqual(self.site("<a href='#top'>t</a> <a href='https://example.org/'>e</a>"), [])

    def test_a_site_with_something_missing_is_told(self):
        self.assertIn("index.html: has no language", self.site("", language=""))
        self.assertIn("index.html: has no title", self.site("", head=""))
        self.assertIn("index.html: shows a.png without words for it", self.site("<img src=a.png>"))
        self.assertIn("index.html: loads a.png, which is not there", self.site("<img src=a.png alt=A>"))
        self.assertIn("index.html:1: gone.html leads nowhere", self.site("<a href=gone.html>g</a>"))
        self.assertIn("index.html:1: #gone: there is no such anchor", self.site("<a href='#gone'>g</a>"))
        self.assertIn("index.html:1: docs leads nowhere", self.site("<a href=docs>a folder</a>"))
        (self.root / "site/docs/one.html").unlink()
        self.assertIn("docs/one.md: there is no docs/one.html", links.faults_of_site(self.root / "site"))

    def test_a_site_that_loads_from_elsewhere_is_told(self):
        for body in (
            "<script src='https://cdn.example/a.js'></script>",
            "<link rel=stylesheet href='//cdn.example/a.css'>",
            "<img alt=A src=a.png srcset='https://cdn.example/a.png 2x'>",
            "<style>@import 'https://cdn.example/a.css';</style>",
            "<p style='background: url(https://cdn.example/a.png)'>",
            "<iframe src='https://cdn.example/'></iframe>",
            "<script>fetch('https://cdn.example/a.json')</script>",
        ):
            with self.subTest(body):
                self.assertTrue([fault for fault in self.site(body) if "cdn.example" in fault])
        for name, text in (("a.css", "a { background: url(https://cdn.example/a.png) }"), ("a.js", "import('https://cdn.example/a.js')")):
            self.site("")
            self.write(f"site/{name}", text)
            with self.subTest(name):
                self.assertTrue([fault for fault in links.faults_of_site(self.root / "site") if "cdn.example" in fault])
            (self.root / "site" / name).unlink()


if __name__ == "__main__":
    unittest.main()
