"""What is made of a run: numbers, tables, comparisons, gates, reports, cells of notebooks."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

import trustmh
from conftest import SMALL, says_a


def test_the_scorecard_has_types(done: trustmh.Run) -> None:
    task = done.tasks["ethics/reasoning"]
    assert (task.n, task.pending, task.outcomes["scored"]) == (3, 0, 3)
    assert task.primary is not None
    assert task.primary.name == "accuracy"
    assert task.primary.value == done.scorecard["tasks"][task.name]["metrics"]["accuracy"]["value"]
    assert task.primary.low is not None
    pillar = done.pillars["ethics"]
    assert pillar.value is not None
    assert any("capped" in caveat for caveat in done.caveats)
    again = trustmh.open(done.path)
    assert again.scorecard == done.scorecard
    assert again.tasks == done.tasks


def test_a_summary_says_how_the_record_stands_before_anything_else(done: trustmh.Run) -> None:
    assert done.summary.startswith("CAPPED: ")
    assert "scripted" in done.summary or "callable" in done.summary
    assert "Trials  3 scored" in done.summary


def test_a_pillar_without_a_score_names_what_is_missing() -> None:
    run = trustmh.run(says_a, tasks="crisis/severity", items=2, judge="offline")
    assert run.pillars["crisis"].value is None
    assert run.pillars["crisis"].missing


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_trials_are_a_table(done: trustmh.Run, library: Any) -> None:
    table: Any = done.trials_as(library)
    assert type(table).__module__.startswith(library)
    assert len(table) == 3
    assert {"trial", "task"} <= set(table.columns)
    assert "A" in str(table.to_dict(as_series=False) if library == "polars" else table.to_dict())


def test_trials_take_the_library_that_is_there(
    done: trustmh.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    assert type(done.trials).__module__.startswith("pandas")
    hidden = {"pandas"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in hidden else found(name)
    )
    assert type(done.trials).__module__.startswith("polars")
    with pytest.raises(ImportError, match=r"pip install 'trustmh\[pandas\]'"):
        done.trials_as("pandas")
    hidden.add("polars")
    with pytest.raises(ImportError, match="needs pandas"):
        _ = done.trials
    with pytest.raises(ValueError, match="must be 'pandas' or 'polars'"):
        done.trials_as("duckdb")  # pyright: ignore


def test_runs_are_compared(done: trustmh.Run) -> None:
    other = trustmh.run(lambda messages: "B", **SMALL)
    comparison = done.compare(other)
    for library in ("pandas", "polars"):
        table: Any = comparison.to_frame(library)  # pyright: ignore
        assert type(table).__module__.startswith(library)
        assert {"task", "metric", "difference", "low", "high", "p_corrected"} <= set(table.columns)
        assert len(table) == len(comparison.rows)
    row = next(row for row in comparison.rows if row["primary"])
    assert row["first_run"] == str(done.path)
    assert row["difference"] == pytest.approx(row["second"] - row["first"])
    assert comparison.rows == done.compare([other.path]).rows
    assert "ethics/reasoning" in comparison._repr_html_()
    stranger = trustmh.run(says_a, tasks="ethics/dependency", items=1, judge="offline")
    with pytest.raises(trustmh.UsageError):
        done.compare(stranger)


POLICY = """
title = "Knows <ethics>"

[[rules]]
name = "Not always wrong"
task = "ethics/reasoning"
at_least = {least}
by = "value"
"""


def test_a_gate_passes_or_does_not_and_is_no_truth_value(done: trustmh.Run, folder: Path) -> None:
    policy = folder / "policy.toml"
    policy.write_text(POLICY.format(least=0.0), encoding="utf-8")
    gate = done.gate(policy)
    assert gate.passed
    assert gate.complete
    assert [check.known for check in gate.checks] == ["holds"]
    policy.write_text(POLICY.format(least=1.0), encoding="utf-8")
    gate = done.gate(policy, baseline=done)
    assert not gate.passed
    assert gate.failed == gate.checks
    with pytest.raises(TypeError, match=r"gate\.passed"):
        bool(gate)
    html = gate._repr_html_()
    assert "not passed" in html
    assert "Knows &lt;ethics&gt;" in html
    assert html.index("<ul>") < html.index("<table>")
    with pytest.raises(trustmh.UsageError):
        done.gate("no-such-policy")


def test_an_incomplete_run_passes_no_gate(folder: Path) -> None:
    with pytest.raises(trustmh.IncompleteRun) as caught:
        trustmh.run(says_a, **{**SMALL, "items": 6}, max_calls=2, connections=1)
    run = caught.value.run
    assert run is not None
    policy = folder / "policy.toml"
    policy.write_text(POLICY.format(least=0.0), encoding="utf-8")
    gate = run.gate(policy)
    assert (gate.passed, gate.complete) == (False, False)
    assert "pending" in run._repr_html_()
    assert len(run.trials) == 2


def test_a_report_is_written(done: trustmh.Run, folder: Path, monkeypatch: Any) -> None:
    assert done.report() == done.path / "report.html"
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    written = done.report(folder / "card.html", open=True, name="Coach <3>")
    assert written.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert opened == [written.resolve().as_uri()]
    assert done.export("markdown", folder / "card.md").read_text(encoding="utf-8")


def test_a_cell_shows_caveats_before_numbers_and_nothing_acts(done: trustmh.Run) -> None:
    html = done._repr_html_()
    assert html.index("starter" if "starter" in html else "capped") < html.index("<table>")
    assert "ethics/reasoning" in html
    assert repr(done) == f"<Run {done.path}>"

    def subject(messages: list[trustmh.Message]) -> str:
        return "A"

    shown = trustmh.run(subject, **SMALL, name="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in shown


def test_a_bar_is_shown_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[trustmh.Progress] = []
    trustmh.run(says_a, **SMALL, progress=True, on_progress=seen.append)
    assert "3/3" in capfd.readouterr().err
    assert (seen[-1].trials, seen[-1].of, seen[-1].failures) == (3, 3, 0)
    trustmh.run(says_a, **SMALL, progress="auto")
    with pytest.raises(TypeError, match="progress is 'yes'"):
        trustmh.run(says_a, **SMALL, progress="yes")  # pyright: ignore
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"trustmh\[notebook\]"):
        trustmh.run(says_a, **SMALL, progress=True)


def test_tasks_are_listed() -> None:
    assert {"id", "title", "suite"} <= set(trustmh.tasks()[0])
    assert "ethics/reasoning" in {task["id"] for task in trustmh.tasks()}
