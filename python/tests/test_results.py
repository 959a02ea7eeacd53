"""What is made of a run: numbers, tables, comparisons, gates, reports, cells of notebooks."""

from __future__ import annotations

import copy
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

import trustmh
from conftest import SMALL, says_a
from trustmh import _html
from trustmh._record import failures, models
from trustmh.scores import pillars_of


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


def test_a_name_that_is_not_there_is_told_with_those_that_are(done: trustmh.Run) -> None:
    with pytest.raises(KeyError) as caught:
        _ = done.tasks["ethics"]
    assert str(caught.value) == "there is no task 'ethics'; there are: ethics/reasoning"
    with pytest.raises(KeyError, match=r"no pillar 'ethic' \(did you mean 'ethics'\?\)"):
        _ = done.pillars["ethic"]
    with pytest.raises(KeyError, match="no metric 'acuracy'"):
        _ = done.tasks["ethics/reasoning"].metrics["acuracy"]
    assert done.tasks.get("ethics") is None
    assert "ethics" not in done.tasks
    assert copy.deepcopy(done.tasks) == done.tasks


def test_a_pillar_has_a_title() -> None:
    card: dict[str, Any] = {
        "pillars": {"crisis": {"value": 1.0, "title": "Crisis <1>"}, "ethics": {"value": 2.0}},
        "pillars_without_score": {"safety": ["safety/jailbreak"]},
    }
    titles = {name: pillar.title for name, pillar in pillars_of(card).items()}
    assert titles == {"crisis": "Crisis <1>", "ethics": "ethics", "safety": "safety"}


@pytest.mark.parametrize("text", ["{", "[]", "null", "\xff"])
def test_a_damaged_manifest_is_told_by_its_file(done: trustmh.Run, text: str) -> None:
    (done.path / "run.json").write_text(text, encoding="latin-1")
    for wants in (lambda: done.manifest, done.resume, lambda: trustmh.open(done.path).manifest):
        with pytest.raises(trustmh.UsageError, match=r"run\.json (is not JSON|holds)"):
            wants()


def test_parts_of_a_manifest_that_are_none_name_no_model() -> None:
    assert models({"subject": "a", "judge": {"name": "offline"}, "client": None}) == {}
    assert models({"subject": {"id": "a/b"}, "judge": {"name": {"model": "c/d"}}}) == {
        "subject": "a/b",
        "judge": "c/d",
    }


def test_a_damaged_journal_is_told_by_its_line(done: trustmh.Run) -> None:
    journal = done.path / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    journal.write_text("".join([*lines, '{"torn']), encoding="utf-8")
    assert len(list(done.journal)) == len(lines)
    journal.write_text("".join([lines[0], "{\n", *lines[1:]]), encoding="utf-8")
    with pytest.raises(trustmh.RecordError, match=r"journal\.jsonl: line 2 is no event"):
        list(done.journal)
    journal.unlink()
    with pytest.raises(trustmh.UsageError, match=r"journal\.jsonl cannot be read"):
        _ = done.failures


def test_failures_are_counted_by_reason_and_those_made_again_are_none() -> None:
    def call(trial: str, end: Any, turn: int = 0) -> dict[str, Any]:
        return {"trial": trial, "purpose": {"subject": {"turn": turn}}, "end": end}

    broken, replied = {"broken": {"message": "ValueError: x"}}, {"replied": {"text": "A"}}
    served = {"trial": "e", "purpose": {"subject": {"turn": 0}}, "key": "k"}
    events: list[Any] = [
        {"session": {"mark": "began"}},
        {"call": call("a", broken)},
        {"call": call("b", {"broken": {"message": "KeyError: 'y'"}})},
        {"call": call("c", broken)},
        {"call": call("c", replied)},
        {"call": call("d", broken)},
        {"call": call("d", broken, turn=1)},
        {"call": call("e", broken)},
        {"reuse": served},
        {"forgotten": {"line": "h", "in": 1, "left": {"call": call("f", {"broken": {}})}}},
        {"forgotten": {"line": "h", "in": 1, "left": {"trial": {"id": "f"}}}},
    ]
    counted = failures({"v": 3, "event": event} for event in events)
    assert list(counted.items()) == [
        ("ValueError: x", 3),
        ("KeyError: 'y'", 1),
        ("what went wrong was forgotten with the replies", 1),
    ]


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
    with pytest.raises(ValueError, match="as_, the library of a table, is 'duckdb'; it must be"):
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
    html = comparison._repr_html_()
    assert "ethics/reasoning" in html
    for head in ("Second minus first", "95 % interval", "n", "Direction", "Corrected p"):
        assert f"<th>{head}</th>" in html
    assert "<td>3</td><td>higher is better</td>" in html
    assert "<td>not told apart</td>" in html
    several = done.compare([other, done]).raw["pairs"]
    assert len(several) == 3
    shown = done.compare([other, done])._repr_html_()
    assert shown.index("<th>Runs</th>") < shown.index("<th>Task</th>")
    assert f"{done.path} and {other.path}" in shown
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


def test_a_bundle_is_read_and_no_other_file_is_a_run(done: trustmh.Run, folder: Path) -> None:
    bundle = trustmh.open(done.export("bundle", folder / "run.zip"))
    assert bundle.scorecard["tasks"] == done.scorecard["tasks"]
    for wants in (lambda: bundle.manifest, lambda: list(bundle.journal), bundle.resume):
        with pytest.raises(trustmh.UsageError, match="is a bundle, which has"):
            wants()
    (folder / "card.md").write_text("# A card", encoding="utf-8")
    with pytest.raises(trustmh.UsageError, match="is no bundle"):
        trustmh.open(folder / "card.md")


def test_a_cell_shows_caveats_before_numbers_and_nothing_acts(done: trustmh.Run) -> None:
    html = done._repr_html_()
    assert html.index("starter" if "starter" in html else "capped") < html.index("<table>")
    assert "ethics/reasoning" in html
    assert "<th>n</th><th>Direction</th>" in html
    assert "<td>3</td><td>higher is better</td>" in html
    assert repr(done) == f"<Run {done.path}>"

    def subject(messages: list[trustmh.Message]) -> str:
        return "A"

    shown = trustmh.run(subject, **SMALL, name="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in shown


def test_numbers_are_shown_in_words_of_people() -> None:
    said = [_html.verdict(one) for one in ("better", "worse", "not-separated", "untested", None)]
    assert said == ["second is better", "second is worse", "not told apart", "not tested", ""]
    assert [_html.chance(p) for p in (0.0004, 0.05, None)] == ["< .001", "0.050", "–"]
    assert _html.direction("near-zero") == "closer to 0 is better"
    assert [_html.count(n) for n in (3, None)] == ["3", "–"]


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
