"""What is said of a gate: the comment of a request to merge, and the page of the build."""
from __future__ import annotations

import re

from forge import Build
from settings import Settings

# GitHub takes comments of 65,536 characters; GitLab takes more.
LONGEST = 60_000
EXIT_CODES = {
    0: "every rule holds",
    1: "a rule is violated, has too little data, or could not be measured",
    2: "wrong usage, configuration or input",
    3: "the subject or the judge could not be reached, or refused the key",
    4: "the run is incomplete or was repaired",
    130: "the run was interrupted",
}
HEADINGS = {"passed": "Gate passed", "failed": "Gate not passed", "incomplete": "The gate cannot decide", "broken": "The run failed"}


def marker(name: str) -> str:
    """What the comment of a gate begins with, by which it is found again."""
    return f"<!-- trustmh-gate: {name} -->"


def quiet(markdown: str) -> str:
    """Markdown that calls nobody and refers to nothing: names in it are no mentions, and comments cannot hide in it."""
    return re.sub(r"@(?=[A-Za-z0-9_])", "@\u2060", markdown).replace("<!--", "&lt;!--")


def cut(text: str) -> str:
    """At most as much as a comment holds, by whole lines."""
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST].rsplit("\n", 1)[0]
    return f"{kept}\n\n… The rest is in gate.md, among the build's artefacts.\n"


def told(settings: Settings, build: Build, markdown: str | None) -> str:
    """The whole text, without its marker."""
    state = build.state
    lines = [f"### {HEADINGS[state['result']]}: `{settings['name']}`", ""]
    code = state.get("exit")
    ended = "A step before the run failed" if code is None else f"Exit code {code}: {EXIT_CODES.get(code, 'see docs/exit-codes.md')}"
    lines.append(f"{ended}. Commit {build.commit[:12]}, TrustMH {state.get('version', 'unknown')}, [build]({build.page}).")
    lines += ["", state["baseline_told"]] if state.get("baseline_told") else []
    body = "\n".join(lines) + "\n"
    if markdown:
        body += "\n" + quiet(markdown.strip()) + "\n"
    else:
        body += "\nThere is no verdict, since there is no run. The log of the build says why.\n"
    return cut(body)
