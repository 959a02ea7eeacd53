"""The questions, for this program and for the others."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROMPT = """Answer a question by choosing the one best option.

Question:
{question}

Options:
{options}

Answer with one JSON object in a Markdown code block and nothing else:
```json
{{"choice": "<one letter: {letters}>"}}
```
"""


@dataclass(frozen=True)
class Questions:
    """Questions on disk, and what a subject that always chooses A gets right."""

    #: A folder for `--tasks-dir`.
    tasks: Path
    #: One JSON object a line: id, prompt, key.
    prompts: Path
    count: int
    keyed_a: int


def written(count: int, root: Path, folder: Path) -> Questions:
    """Writes `count` questions into `folder`."""
    tasks, prompts = folder / "tasks", folder / "questions.jsonl"
    subprocess.run([root / "benches" / "questions", str(count), tasks], check=True)
    keyed_a = 0
    with (tasks / "starter" / "reliability-knowledge.jsonl").open() as items, prompts.open("w") as out:
        for line in items:
            item = json.loads(line)
            content = item["content"]
            letters = [chr(ord("A") + place) for place in range(len(content["options"]))]
            options = "\n".join(f"{letter}. {text}" for letter, text in zip(letters, content["options"]))
            prompt = PROMPT.format(
                question=content["question"],
                options=options,
                letters=f"{', '.join(letters[:-1])} or {letters[-1]}",
            )
            out.write(json.dumps({"id": item["id"], "prompt": prompt, "key": content["key"]}) + "\n")
            keyed_a += content["key"] == "A"
    return Questions(tasks, prompts, count, keyed_a)
