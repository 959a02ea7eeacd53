"""The tutorial runs from first to last, shows nobody's messages, and is kept without outputs."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import trustmh

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
STARTER = ROOT / "benchmark" / "starter"

#: What runs a notebook, and what the tutorial's tables are made with.
NEEDED = ("nbformat", "nbclient", "jupyter_core.utils", "ipykernel", "pandas", "pyarrow")


@pytest.fixture(autouse=True)
def nothing_is_printed() -> None:
    """A notebook's kernel says things of its own."""


def modules() -> dict[str, Any]:
    """Those that are needed; where one is missing the test is skipped, with CI=true it fails."""
    if os.environ.get("CI") == "true":
        return {name: importlib.import_module(name) for name in NEEDED}
    return {name: pytest.importorskip(name) for name in NEEDED}


def texts(value: Any) -> Iterator[str]:
    """All texts in JSON that are long enough to be somebody's words."""
    if isinstance(value, str) and len(value) > 60:
        yield value
    elif isinstance(value, dict):
        for one in cast("dict[str, Any]", value).values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from texts(one)


def test_it_is_kept_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 20
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []


def test_it_runs_from_its_first_cell_to_its_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = modules()
    # The kernel is a process of its own: it finds this package, and keeps all in the folder.
    source = str(Path(trustmh.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("TRUSTMH_PROGRAM", str(trustmh.program()))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("TRUSTMH_DATA", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    notebook = found["nbformat"].read(NOTEBOOK, as_version=4)
    client = found["nbclient"].NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(work)}}
    )
    try:
        client.execute()
    finally:
        # The loop that it makes is left open and set.
        found["jupyter_core.utils"].ensure_event_loop().close()
        asyncio.set_event_loop(None)
    assert len(list((work / "runs").iterdir())) == 4
    assert (work / "thoughtful.html").is_file()
    shown = json.dumps([cell.get("outputs") for cell in notebook.cells], ensure_ascii=False)
    for said in ("too-little-data", "kappa", "not-separated"):
        assert said in shown, said
    # The messages of the items are shown to nobody who has not asked for them.
    for file in STARTER.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines()[1:]:
            for text in texts(json.loads(line).get("content")):
                assert json.dumps(text, ensure_ascii=False)[1:61] not in shown
