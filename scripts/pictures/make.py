"""Makes the pictures of the documentation: real runs on starter items, in a real browser. Fails where a page is not as expected.

    make.py PROGRAM CHROMIUM DOCS

The subjects are scripted (scripts/subjects), and every picture says so where it names them.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ending import coloured, svg
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
WIDE, HIGH = 1440, 960
# What a page of documentation may load.
MOST_BYTES = 300_000
TASKS = "all,crisis/conversation"
SUBJECTS = {
    "careful": ("command:scripts/subjects careful", "Careful (scripted)"),
    "eager": ("command:scripts/subjects eager", "Eager (scripted)"),
    "refuses": ("scripted/always-refuse", "Refuses all (scripted)"),
}


class Wrong(Exception):
    """A page or an ending that is not what its picture is to show."""


def holds(what, found, wanted):
    if not wanted(found):
        raise Wrong(f"{what}: found {found!r}")


class Workshop:
    """A folder with the runs, and the program."""

    def __init__(self, program, folder):
        self.program, self.folder, self.endings = program, folder, {}
        (folder / "scripts").symlink_to(ROOT / "scripts")
        self.variables = {key: value for key, value in os.environ.items() if not key.startswith("TRUSTMH_") or key == "TRUSTMH_WEIGHTS_DIR"}

    def call(self, *arguments):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Wrong(f"trustmh {' '.join(map(str, arguments))}: {done.stderr[-2000:]}")
        return done.stdout

    def run(self, name, *more, columns=100, pause=""):
        """A run by one of the subjects; its folder. The ending is kept as a terminal of so many columns gets it."""
        subject, shown = SUBJECTS[name]
        subject += pause
        before = set((self.folder / "runs").glob("*"))
        arguments = [self.program, "run", "--subject", subject, "--name", shown, "--tasks", TASKS, *more]
        self.endings[name + pause] = coloured(arguments, self.folder, self.variables, columns)
        (made,) = set((self.folder / "runs").glob("*")) - before
        return made.relative_to(self.folder)

    @contextlib.contextmanager
    def view(self, *options):
        """A viewer, and its address."""
        arguments = [self.program, "view", "--json", *options]
        viewer = subprocess.Popen(arguments, cwd=self.folder, env=self.variables, stdout=subprocess.PIPE, text=True)
        try:
            said = viewer.stdout.readline()
            address = re.search(r"https?://[^\s\"]+", said)
            if not address:
                raise Wrong(f"the viewer names no address: {said!r}")
            yield address[0].rstrip("/") + "/"
        finally:
            viewer.terminate()
            viewer.wait(timeout=40)


class Camera:
    """A page of the browser, and the folder of pictures."""

    def __init__(self, browser, docs):
        self.page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, color_scheme="light", reduced_motion="reduce")
        self.page.set_default_timeout(20_000)
        self.docs = docs

    def goto(self, address, head):
        """A page with this first heading, through the warning before the first reply."""
        self.page.goto(address)
        if self.head() == "Before you read on":
            self.page.locator("main button").first.click()
        holds(f"heading of {address}", self.head(), lambda found: head in found)

    def head(self):
        return self.page.locator("h1").first.inner_text()

    def rows(self, css, least):
        holds(css, self.page.locator(css).count(), lambda found: found >= least)

    def take(self, name, high=HIGH, until=None):
        """The window from the top, of this height or down to the end of elements, in at most 256 colours, the rare ones among them."""
        if until:
            boxes = [found.bounding_box() for found in self.page.locator(until).all()]
            high = round(max(box["y"] + box["height"] for box in boxes)) + 14
        self.page.set_viewport_size({"width": WIDE, "height": high})
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        path = self.docs / f"{name}.png"
        self.page.screenshot(path=path)
        with Image.open(path) as taken:
            few = taken.convert("RGB").quantize(colors=256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        size = path.stat().st_size
        holds(f"bytes of {path.name}", size, lambda found: 20_000 < found < MOST_BYTES)
        print(f"{path.name}: {size // 1000} kB")


def of_reports(shop, camera, runs):
    """The report's first screen, and three runs in one matrix."""
    shop.call("report", str(runs["eager"]), "--beside", str(runs["careful"]), "--output", "report.html")
    camera.goto((shop.folder / "report.html").as_uri(), "Eager (scripted)")
    camera.rows(".findings .finding", 5)
    camera.rows("table.forest tr", 20)
    camera.take("report", until="p.forest-key, .finding.unknown")
    shop.call("compare", *(str(run) for run in runs.values()), "--format", "html", "--output", "comparison.html")
    camera.goto((shop.folder / "comparison.html").as_uri(), "")
    camera.rows("table tbody tr", 20)
    camera.take("comparison", high=1060)


def of_reading(shop, camera, runs):
    """The list of runs, the trials of one, and the form by which people rate."""
    careful = runs["careful"].name
    with shop.view("--annotate") as address:
        camera.goto(address, "Runs")
        # They are scored for the list while somebody looks.
        for _ in range(60):
            if "being scored" not in camera.page.locator("p[role=status]").inner_text():
                break
            camera.page.wait_for_timeout(1000)
            camera.page.reload()
        camera.rows("table.runs tbody tr", len(runs) + 1)
        for box in camera.page.locator("tbody input[type=checkbox]").all()[1:3]:
            box.check()
        camera.take("viewer-runs", high=640)
        camera.goto(f"{address}run/{runs['eager'].name}/trials?task=safety/jailbreak&order=lowest", "Trials")
        camera.page.get_by_role("link", name="attacked", exact=False).first.click()
        camera.rows("table.trials tbody tr", 20)
        camera.take("viewer-trials")
        camera.goto(f"{address}run/{careful}/rate?task=crisis/escalation", "Rate")
        camera.page.fill("input[name=annotator]", "A.")
        camera.page.locator("main form button").first.click()
        # A reply to somebody who is not in danger.
        for _ in range(60):
            if "That sounds tiring" in camera.page.locator("main").inner_text():
                break
            camera.page.keyboard.press("s")
            camera.page.wait_for_timeout(150)
        camera.take("viewer-rate", high=640)


def of_starting(shop, camera, waiting):
    """A run put together in the browser, and one under way."""
    with shop.view("--allow-runs") as address:
        camera.goto(f"{address}new", "New run")
        camera.page.fill("#subject", "ollama/llama3.1:8b")
        camera.page.check("input[name=profile][value=standard]")
        for pillar in ("crisis", "safety"):
            camera.page.check(f"input[name=task][value={pillar}]")
        camera.page.locator("#plan table, #plan dl").first.wait_for()
        holds("plan", camera.page.locator("#plan").inner_text(), lambda found: "Calls" in found and "ollama/" in found)
        camera.take("viewer-new-run")
        camera.goto(f"{address}run/{waiting.name}/watch", "Careful")
        camera.page.locator("form.resume button[type=submit]").click()
        camera.page.wait_for_timeout(9000)
        holds("state", camera.page.locator("p.state").inner_text(), lambda found: found.startswith("Running"))
        camera.take("viewer-watch", high=1100)
        camera.page.locator("#actions button").first.click()
        camera.page.wait_for_timeout(1000)


def main():
    program, chromium, docs = sys.argv[1], sys.argv[2], Path(sys.argv[3]).resolve()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shop = Workshop(str(Path(program).resolve()), Path(folder))
        runs = {name: shop.run(name) for name in SUBJECTS}
        card = json.loads(shop.call("score", str(runs["careful"]), "--json"))
        holds("judge", str(card), lambda found: "scripted/judge" not in found)
        # Slow enough to be looked at when it goes on.
        waiting = shop.run("careful", "--max-calls", "700", pause=" --pause 0.02")
        (docs / "ending.svg").write_text(svg(shop.endings["eager"]), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        camera = Camera(browser, docs)
        of_reports(shop, camera, runs)
        of_reading(shop, camera, runs)
        of_starting(shop, camera, waiting)
        browser.close()


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"a picture would not show what it is to show. {wrong}")
