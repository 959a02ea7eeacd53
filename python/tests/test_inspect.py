"""Tasks of TrustMH in the real Inspect AI, with its mock model: its numbers are those of a run."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("inspect_ai")

import inspect_subject as subject
from inspect_ai import Task, eval, eval_retry, score
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    _headline,  # pyright: ignore[reportPrivateUsage]
    read_eval_log,
)
from inspect_ai.model import (
    ChatMessage,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.model._model_output import StopReason

from trustmh._program import call
from trustmh.inspect import registered
from trustmh.inspect._tasks import own_task

# What is deprecated within Inspect is no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(autouse=True, scope="module")
def collected() -> Iterator[None]:
    """What Inspect leaves open is collected while its warnings are still ignored."""
    yield
    # The loop that is left set is one of these things.
    asyncio.set_event_loop(None)
    gc.collect()


SUBJECT = Path(subject.__file__)
USAGE = ModelUsage(input_tokens=3, output_tokens=2, total_tokens=5)


def output(text: str, stop: StopReason = "stop") -> ModelOutput:
    made = ModelOutput.from_content("mockllm/model", text, stop_reason=stop)
    # Without it the package would count tokens by a table that it fetches.
    made.usage = USAGE
    return made


def mock(
    says: Callable[[Sequence[str]], str | ModelOutput | Exception], name: str = "model"
) -> Model:
    """A model of Inspect that answers by a function of all that was said."""

    def answered(messages: list[ChatMessage], *_: Any) -> ModelOutput:
        said = says([message.text for message in messages])
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, ModelOutput) else output(said)

    return get_model(f"mockllm/{name}", memoize=False, custom_outputs=answered)


def evaluated(task: Task, model: Model, folder: Path, **more: Any) -> EvalLog:
    [log] = eval(task, model=model, log_dir=str(folder), display="none", **more)
    return log


def asked(folder: Path, task: str, *more: str) -> dict[str, Any]:
    """The task's result of `trustmh run` with the same subject."""
    command = f"command:{sys.executable} {SUBJECT}"
    words = ["run", "--subject", command, "--tasks", task, "--runs-dir", str(folder / "runs")]
    said = call([*words, "--judge", "offline", *more, "--json"], accepted=(0, 4))
    return json.loads(said.out)[0]["tasks"][task]


def cards(folder: Path, *logs: EvalLog) -> list[dict[str, Any]]:
    """The scorecards of the runs that `trustmh import` makes of logs."""
    paths = [log.location.removeprefix("file://") for log in logs]
    words = ["import", "inspect", *paths, "--runs-dir", str(folder / "imported"), "--json"]
    runs: list[str] = json.loads(call(words).out)
    return [json.loads(call(["score", run, "--json"], accepted=(0, 4)).out)[0] for run in runs]


def imported(folder: Path, log: EvalLog, task: str) -> dict[str, Any]:
    """The task's result of the run that `trustmh import` makes of a log."""
    [card] = cards(folder, log)
    return card["tasks"][task]


def estimates(log: EvalLog) -> dict[str, float]:
    assert log.results is not None, log.error
    [of_scorer] = log.results.scores
    return {name: found.value for name, found in of_scorer.metrics.items()}


def as_in_log(result: dict[str, Any]) -> dict[str, float]:
    """A scorecard's result by the names that the log has."""
    values: dict[str, float] = {}
    for name, found in result["metrics"].items():
        values[name] = found["value"]
        if found["primary"]:
            ends = {f"{name}_{end}": found[end] for end in ("low", "high")}
            values |= {end: value for end, value in ends.items() if value is not None}
            values[f"{name}_n"] = found["n"]
    for outcome, count in result["outcomes"].items():
        if outcome != "cut" and (count or outcome == "scored"):
            values[outcome] = count
    return values | {"pending": result["pending"]}


def same(one: dict[str, float], other: dict[str, float]) -> None:
    assert one == pytest.approx(other, abs=1e-12, nan_ok=True)


# One of each kind: choices, labels, ratings, free text judged by rules, dialogues, attacks, secrets
# pairs of identities, slips at every level, a conversation, and what lies beside the benchmark.
@pytest.mark.parametrize(
    "task",
    [
        "ethics/reasoning",
        "crisis/identification",
        "crisis/escalation",
        "ethics/dependency",
        "reliability/emotion-recognition",
        "reliability/emotional-support",
        "safety/jailbreak",
        "privacy/awareness",
        "privacy/leakage",
        "fairness/parity",
        "robustness/diagnosis",
        "crisis/conversation",
        "crisis/siri-2",
    ],
)
def test_the_numbers_are_those_of_a_run(task: str, tmp_path: Path) -> None:
    expected = asked(tmp_path, task, "--items", "4")
    made = registered[task](items=4, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    assert log.status == "success", log.error
    same(estimates(log), as_in_log(expected))
    back = imported(tmp_path, log, task)
    assert back["metrics"] == expected["metrics"]
    assert back["outcomes"] == expected["outcomes"]
    assert back["source"]["origin"] == "starter"
    assert set(expected["caveats"]) >= set(back["caveats"]), back["caveats"]


def test_the_reference_protocol_and_other_seeds_are_asked_too(tmp_path: Path) -> None:
    task = "reliability/knowledge"
    more = ["--protocol", "reference", "--seed", "7", "--items", "6"]
    expected = asked(tmp_path, task, *more)
    made = registered[task](items=6, protocol="reference", seed=7, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    same(estimates(log), as_in_log(expected))
    assert imported(tmp_path, log, task)["metrics"] == expected["metrics"]


def test_epochs_are_rounds(tmp_path: Path) -> None:
    task = "fairness/parity"
    expected = asked(tmp_path, task, "--items", "2", "--repeats", "3")
    made = registered[task](items=2, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path, epochs=3)
    same(estimates(log), as_in_log(expected))
    assert imported(tmp_path, log, task)["metrics"] == expected["metrics"]


def test_a_model_in_the_role_of_the_grader_judges(tmp_path: Path) -> None:
    task = "crisis/escalation"
    judge = f"command:{sys.executable} {SUBJECT} judge"
    command = f"command:{sys.executable} {SUBJECT}"
    words = ["run", "--subject", command, "--judge", judge, "--tasks", task, "--items", "5"]
    words += ["--runs-dir", str(tmp_path / "runs"), "--json"]
    expected = json.loads(call(words, accepted=(0, 4)).out)[0]["tasks"][task]
    roles = {"grader": mock(subject.verdict, "judge")}
    [log] = eval(
        f"trustmh/{task}",
        task_args={"items": 5, "judge": "grader"},
        model=mock(subject.reply),
        model_roles=roles,
        log_dir=str(tmp_path),
        display="none",
    )
    assert log.status == "success", log.error
    same(estimates(log), as_in_log(expected))
    assert log.eval.metadata is not None
    assert log.eval.metadata["judge"] == "mockllm/judge"
    back = imported(tmp_path, log, task)
    assert {name: found["value"] for name, found in back["metrics"].items()} == {
        name: found["value"] for name, found in expected["metrics"].items()
    }


def test_a_subject_is_not_its_own_judge_unless_that_is_asked_for(tmp_path: Path) -> None:
    model = mock(subject.reply)

    def begun(**given: Any) -> EvalLog:
        [log] = eval(
            "trustmh/crisis/escalation",
            task_args={"items": 1, "judge": "grader", **given},
            model=model,
            model_roles={"grader": model},
            log_dir=str(tmp_path),
            display="none",
        )
        return log

    with pytest.raises(PrerequisiteError, match="the same model"):
        begun()
    assert begun(allow_self_judge=True).status == "success"


def of_trial(log: EvalLog, number: int) -> EvalSample:
    assert log.samples
    return log.samples[number]


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        (output("", "content_filter"), "refused", "refusal"),
        (output("", "max_tokens"), "unanswered", "no_response"),
        (output(""), "unanswered", "no_response"),
        (output("<think>It may be A, or", "max_tokens"), "unanswered", "no_response"),
        (output("It may be one of several."), "unparsed", "invalid_response_format"),
        (output("I can't help with that."), "refused", "refusal"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(
    said: ModelOutput, outcome: str, reason: str, tmp_path: Path
) -> None:
    made = registered["ethics/reasoning"](items=3, judge="offline")
    log = evaluated(made, mock(lambda _: said), tmp_path)
    assert log.samples
    for sample in log.samples:
        assert sample.scores is not None
        found = sample.scores["measures"]
        assert isinstance(found.value, dict)
        assert (found.value["outcome"], found.reason) == (outcome, reason)
    found = estimates(log)
    assert found[outcome] == len(log.samples)
    assert (found["scored"], found["pending"]) == (0, 0)
    # Silence and what cannot be read are no right answers, however many there are.
    assert found.get("accuracy", 0) == 0


def test_half_a_character_is_mended_and_flagged(tmp_path: Path) -> None:
    made = registered["ethics/reasoning"](items=1, judge="offline")
    log = evaluated(made, mock(lambda _: "A \ud83d"), tmp_path)
    scores = of_trial(log, 0).scores
    assert scores is not None
    assert "unreadable characters replaced" in (scores["measures"].explanation or "")


class Outage(Exception):
    """What a service says that is down."""


def test_a_call_that_breaks_is_pending_here_and_failed_in_a_run(tmp_path: Path) -> None:
    def flaky(said: Sequence[str]) -> str | Exception:
        return Outage("down") if "A" in subject.reply(said) else subject.reply(said)

    task = "ethics/reasoning"
    made = registered[task](items=8, judge="offline")
    log = evaluated(made, mock(flaky), tmp_path, fail_on_error=False)
    assert log.samples
    broken = [sample for sample in log.samples if sample.error is not None]
    assert 0 < len(broken) < len(log.samples)
    # They have no score in Inspect, and the estimate says that they are missing.
    found = estimates(log)
    assert found["pending"] == len(broken)
    back = imported(tmp_path, log, task)
    assert back["outcomes"]["failed"] == len(broken)
    assert back["metrics"]["accuracy"]["value"] == found["accuracy"]


def test_a_sample_that_is_tried_again_begins_anew(tmp_path: Path) -> None:
    seen: set[str] = set()

    def flaky(said: Sequence[str]) -> str | Exception:
        key = "\n".join(said)
        if key in seen:
            return subject.reply(said)
        seen.add(key)
        return Outage("down")

    task = "ethics/reasoning"
    made = registered[task](items=6, judge="offline")
    log = evaluated(made, mock(flaky), tmp_path, retry_on_error=9)
    assert log.status == "success", log.error
    same(estimates(log), as_in_log(asked(tmp_path, task, "--items", "6")))


def test_an_outage_ends_the_evaluation_by_the_rule_of_inspect(tmp_path: Path) -> None:
    made = registered["ethics/reasoning"](items=2, judge="offline")
    log = evaluated(made, mock(lambda _: Outage("down")), tmp_path)
    assert log.status == "error"
    assert log.error is not None
    assert "down" in log.error.message


def test_a_sample_that_is_stopped_has_failed(tmp_path: Path) -> None:
    made = registered["crisis/conversation"](items=1, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path, token_limit=11)
    sample = of_trial(log, 0)
    assert sample.limit is not None
    assert sample.scores is not None
    value = sample.scores["measures"].value
    assert isinstance(value, dict)
    assert value["outcome"] == "failed"


def test_a_log_is_scored_again_to_the_same(tmp_path: Path) -> None:
    made = registered["privacy/leakage"](items=2, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    read = read_eval_log(log.location)
    again = score(read, made.scorer or [], action="overwrite", display="none")
    same(estimates(again), estimates(log))


def test_what_is_asked_of_all_replies_stands_above_the_task_and_is_recorded(tmp_path: Path) -> None:
    made = registered["ethics/reasoning"](items=1, judge="offline", thinking_tokens=100)
    heard: list[Any] = []

    def answered(_: Any, __: Any, ___: Any, config: Any) -> ModelOutput:
        heard.append((config.temperature, config.max_tokens))
        return output("A")

    model = get_model("mockllm/model", memoize=False, custom_outputs=answered)
    log = evaluated(made, model, tmp_path / "own")
    of_task = of_trial(log, 0).metadata["trustmh"]["trial"]["sampling"]
    assert heard.pop() == (of_task["temperature"], of_task["max_tokens"] + 100)
    log = evaluated(made, model, tmp_path / "theirs", temperature=0.7, max_tokens=77)
    assert heard.pop() == (0.7, 77)
    sampling = of_trial(log, 0).metadata["trustmh"]["trial"]["sampling"]
    assert (sampling["temperature"], sampling["max_tokens"]) == (0.7, 77)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"item": 3}, "-T item is no parameter"),
        ({"items": 0}, "-T items=0: expected a whole number of at least 1"),
        ({"items": True}, "-T items=True: expected a whole number"),
        ({"protocol": "other"}, "none of: corrected, reference"),
        ({"judge": "openai/gpt-4.1"}, "--model-role grader=MODEL"),
        ({"judge": "grader"}, "the role is not bound"),
        ({"temperature": 3}, "expected a number from 0 to 2"),
        ({"data": "/nowhere/at/all"}, "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(given: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as refused:
        registered["ethics/reasoning"](**given)
    assert said in str(refused.value)


def test_every_task_of_the_benchmark_is_there() -> None:
    listed = json.loads(call(["tasks", "list", "--json"]).out)
    assert set(registered) == {one["id"] for one in listed}
    for make in registered.values():
        made = make(items=1, judge="offline")
        assert len(made.dataset) > 0


def test_the_log_says_what_the_numbers_rest_on(tmp_path: Path) -> None:
    made = registered["ethics/reasoning"](items=2, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    metadata = log.eval.metadata
    assert metadata is not None
    assert "not clinical evidence" in metadata["caveats"][0]
    assert (metadata["items"], metadata["protocol"]) == ("starter", "corrected")
    own = metadata["trustmh"]
    assert own["version"] == log.eval.task_version
    assert len(own["digest"]) == 64
    assert "starter items" in (log.eval.dataset.name or "")
    assert log.results is not None
    assert log.results.headline is not None
    assert log.results.headline.metric == "accuracy"
    assert own["plan"]["trials"] == len(made.dataset)
    assert own["plan"]["caps"] == {"items": 2}
    # Whichever of the plan's trials are asked, and in whatever order they are told.
    other = registered["ethics/reasoning"](items=3, judge="offline").metadata
    again = registered["ethics/reasoning"](items=2, judge="none").metadata
    assert other is not None
    assert again is not None
    assert other["trustmh"]["plan"]["names"] != own["plan"]["names"]
    assert again["trustmh"]["plan"] == own["plan"]


def test_inspect_finds_the_headline_from_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []

    def warn(_: Any, said: str) -> None:
        warned.append(said)

    monkeypatch.setattr(_headline, "warn_once", warn)
    made = registered["ethics/reasoning"](items=2, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    assert log.status == "success", log.error
    assert warned == []


def test_what_inspect_did_not_ask_is_pending_in_the_run_too(tmp_path: Path) -> None:
    task = "ethics/reasoning"
    made = registered[task](judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path, limit=6)
    found = estimates(log)
    assert found["pending"] == len(made.dataset) - 6
    [card] = cards(tmp_path, log)
    assert card["tasks"][task]["pending"] == found["pending"]
    assert card["record"]["state"] == "incomplete"
    assert card["caveats"][0].startswith("INCOMPLETE.")
    # Evenly spread items are all that this one planned, and it says that they are not all.
    spread = evaluated(registered[task](items=6, judge="offline"), mock(subject.reply), tmp_path)
    [capped] = cards(tmp_path, spread)
    assert capped["record"]["state"] == "complete"
    assert capped["record"]["capped"] == "at most 6 items a task"
    words = ["leaderboard", card["run"], capped["run"], "--json"]
    board = json.loads(call(words).out)["tasks"][task]
    assert [len(group["runs"]) for group in board["groups"]] == [1, 1]


def test_an_evaluation_and_its_retry_are_one_run_and_another_is_another(tmp_path: Path) -> None:
    task = "ethics/reasoning"
    is_down = True

    # A retry makes the model anew, from its name.
    @modelapi(name="flaky")
    class Flaky(ModelAPI):
        async def generate(
            self, input: list[ChatMessage], tools: Any, tool_choice: Any, config: Any
        ) -> ModelOutput:
            said = subject.reply([message.text for message in input])
            if is_down and "A" in said:
                raise Outage("down")
            return output(said)

    assert Flaky
    given: Any = {"items": 8, "judge": "offline"}
    options: Any = {"log_dir": str(tmp_path), "display": "none", "max_samples": 1}
    [first] = eval(f"trustmh/{task}", task_args=given, model="flaky/model", **options)
    assert first.status == "error"
    is_down = False
    [second] = eval_retry(first, **options)
    assert second.status == "success", second.error
    assert second.eval.task_id == first.eval.task_id
    expected = asked(tmp_path, task, "--items", "8")
    for logs in ((first, second), (second, first)):
        [card] = cards(tmp_path, *logs)
        assert card["record"]["state"] == "complete"
        assert card["tasks"][task]["metrics"] == expected["metrics"]
    [other] = eval(f"trustmh/{task}", task_args=given, model="flaky/model", **options)
    found = cards(tmp_path, second, other)
    assert [card["record"]["state"] for card in found] == ["complete", "complete"]


def own_tasks(folder: Path, task: str) -> Path:
    """A task of one's own after the pattern of another, its words and items written."""
    call(["tasks", "new", task, "--like", "reliability/knowledge", "--dir", str(folder)])
    name = task.replace("/", "-")
    for file in (folder / f"{task}.toml", folder / "starter" / f"{name}.card.toml"):
        text = file.read_text(encoding="utf-8")
        of_text = "title|question|licence|written_by|description|gold|sensitive"
        text = re.sub(rf'^({of_text}) = ".*"$', r'\1 = "Words of my own."', text, flags=re.M)
        lists = r"^(sources|caveats|limits) = \[[^\]]*\]$"
        text = re.sub(lists, r'\1 = ["Words of my own."]', text, flags=re.M)
        file.write_text(text, encoding="utf-8")
    items = folder / "starter" / f"{name}.jsonl"
    items.write_text(items.read_text(encoding="utf-8").replace('"example-', '"mine-'), "utf-8")
    return folder


def test_tasks_of_ones_own_are_asked_too(tmp_path: Path) -> None:
    task = "reliability/sleep"
    folder = str(own_tasks(tmp_path / "my-tasks", task))
    made = own_task(task=task, tasks_dir=folder, judge="offline")
    log = evaluated(made, mock(subject.reply), tmp_path)
    assert log.status == "success", log.error
    expected = asked(tmp_path, task, "--tasks-dir", folder)
    assert expected["n"] == 2
    same(estimates(log), as_in_log(expected))
    with pytest.raises(PrerequisiteError, match="asks no task"):
        own_task(tasks_dir=folder)


def test_the_page_says_how_to_try_it_without_a_network(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "inspect.md").read_text(encoding="utf-8")
    [script] = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    if not any(found.name == "trustmh" for found in entry_points(group="inspect_ai")):
        pytest.skip("the package is not installed: Inspect finds no entry point")
    (tmp_path / "try.py").write_text(script, encoding="utf-8")
    # Nothing leaves this machine.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    ended = subprocess.run(
        [sys.executable, "try.py"],
        cwd=tmp_path,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [path] = (tmp_path / "logs").glob("*.eval")
    log = read_eval_log(str(path))
    assert log.status == "success"
    assert estimates(log)["scored"] == 32


#: A provider of models for Inspect, as an installed package would bring it. Inspect's own mock
#: counts tokens by a table that it fetches.
PROVIDER = """
from inspect_ai.model import ModelAPI, ModelOutput, ModelUsage, modelapi
@modelapi(name="always")
class Always(ModelAPI):
    async def generate(self, input, tools, tool_choice, config):
        made = ModelOutput.from_content(self.model_name, self.model_name)
        made.usage = ModelUsage(input_tokens=3, output_tokens=2, total_tokens=5)
        return made
"""


def test_inspect_finds_the_tasks_from_the_command_line(tmp_path: Path) -> None:
    if not any(found.name == "trustmh" for found in entry_points(group="inspect_ai")):
        pytest.skip("the package is not installed: Inspect finds no entry point")
    (tmp_path / "always.py").write_text(PROVIDER)
    about = tmp_path / "always-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: always\nVersion: 0\n")
    (about / "entry_points.txt").write_text("[inspect_ai]\nalways = always\n")

    def inspect(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "inspect_ai", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    task = "ethics/reasoning"
    words = ["--model", "always/A", "--log-dir", "logs", "--display", "plain"]
    words += ["-T", "items=4", "-T", "judge=offline"]
    ended = inspect("eval", f"trustmh/{task}", *words, "--epochs", "2")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "accuracy" in ended.stdout, ended.stdout
    [path] = (tmp_path / "logs").glob("*.eval")
    log = read_eval_log(str(path))
    command = ["run", "--subject", "scripted/always-a", "--judge", "offline", "--tasks", task]
    command += ["--items", "4", "--repeats", "2", "--runs-dir", str(tmp_path / "runs"), "--json"]
    expected = json.loads(call(command).out)[0]["tasks"][task]
    same(estimates(log), as_in_log(expected))
    refused = inspect("eval", f"trustmh/{task}", *words, "-T", "item=4")
    assert refused.returncode != 0
    assert "-T item is no parameter" in refused.stdout + refused.stderr
    again = inspect(
        "score", str(path), "--scorer", "trustmh/measures", "--action", "overwrite", "--overwrite"
    )
    assert again.returncode == 0, again.stdout + again.stderr
    same(estimates(read_eval_log(str(path))), as_in_log(expected))
