"""Options: those of the program, checked before anything runs."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

import trustmh
from conftest import SMALL, says_a
from trustmh._options import known, words
from trustmh._program import sendable


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_costs": 1}, "no option 'max_costs'; did you mean 'max_cost'?"),
        ({"reply_token": 1}, "did you mean 'reply_tokens'?"),
        ({"jugde": 1}, "no option 'jugde'; did you mean 'judge'?"),
        ({"tsaks": 1}, "did you mean 'tasks'?"),
        ({"task": 1}, "did you mean 'tasks'?"),
        ({"on_progres": 1}, "did you mean 'on_progress'?"),
        ({"zzz": 1}, "`trustmh run --help` lists them"),
        ({"json": True}, "no option 'json'"),
        ({"help": True}, "no option 'help'"),
        ({"items": True}, "items is True; it takes a value (N)"),
        ({"stream": "yes"}, "stream is 'yes'; it takes no value: give True or False"),
        ({"items": [1, 2]}, "items is a list; it takes one value (N)"),
        ({"items": {"a": 1}}, "items is a mapping"),
        ({"items": object()}, "items is a value of type object"),
        ({"connections": 0}, "connections is 0"),
        ({"system": 7}, "system is a value of type int"),
    ],
)
def test_a_mistyped_option_is_told_before_anything_runs(
    options: dict[str, Any], said: str, folder: Any
) -> None:
    with pytest.raises(TypeError) as caught:
        trustmh.run(says_a, **{**SMALL, **options})
    assert said in str(caught.value)
    assert not list(folder.iterdir())


def test_every_method_knows_its_parameters(done: trustmh.Run) -> None:
    for call, said in (
        (lambda: done.gate("release", baselin=done), "baseline"),  # pyright: ignore
        (lambda: done.report(opne=True), "open"),
        (lambda: done.export("csv", "a", fromat="csv"), "format"),
        (lambda: done.resume(subjct=1), "subject"),
    ):
        with pytest.raises(TypeError, match=f"did you mean '{said}'"):
            call()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "a\0"}, "name holds a NUL character"),
        ({"name": "a\ud83d"}, r"name holds half a character \('\\ud83d'\)"),
        ({"system": "You are\0 kind."}, "system holds a NUL"),
        ({"system": "You are kind \ud83d"}, "system holds half a character"),
        ({"system": "You were kind \udc80"}, "system holds half a character"),
        ({"subject_option": {"a": "\ud83d"}}, "subject_option holds half a character"),
        ({"subject_option": {"a\0": 1}}, "subject_option holds a NUL"),
        ({"subject_option": {"a": float("nan")}}, "subject_option: the field 'a' is nan"),
        ({"subject_option": {"a": [float("inf")]}}, "subject_option: the field 'a' is"),
        ({"tasks": "a\0"}, "tasks holds a NUL"),
        ({"runs_dir": "a\0"}, "runs_dir holds a NUL"),
    ],
)
def test_what_no_program_can_be_given_is_an_error_of_usage(
    options: dict[str, Any], said: str, folder: Any
) -> None:
    with pytest.raises(trustmh.UsageError, match=said):
        trustmh.run(says_a, **{**SMALL, **options})
    assert not list(folder.iterdir())


def test_a_field_that_is_no_json_is_named() -> None:
    with pytest.raises(TypeError, match="subject_option: the field 'a' cannot be written as JSON"):
        words("run", {"subject_option": {"a": object()}})


@pytest.mark.skipif(os.name != "posix", reason="names of files are text there")
def test_a_path_may_hold_bytes_that_are_no_text() -> None:
    assert sendable(["--data=a\udce9"]) == ["--data=a\udce9"]


def test_values_become_words() -> None:
    options: dict[str, Any] = {
        "max_cost": 1.5,
        "stream": True,
        "allow_self_judge": False,
        "items": None,
        "reuse": ["runs/a", "runs/b"],
        "subject_option": {"top_p": 0.9, "stop": ["a"], "user": "5", "seed": None},
        "name": "-- x",
    }
    assert words("run", options) == [
        "--max-cost=1.5",
        "--stream",
        "--reuse=runs/a",
        "--reuse=runs/b",
        "--subject-option=top_p=0.9",
        '--subject-option=stop=["a"]',
        '--subject-option=user="5"',
        "--subject-option=seed=null",
        "--name=-- x",
    ]


def test_the_programs_own_list_is_the_only_one() -> None:
    said = subprocess.run(
        [trustmh.program(), "reference", "--json"], capture_output=True, check=True
    )
    commands = {tuple(one["command"]): one for one in json.loads(said.stdout)["commands"]}
    of_run = {option["name"].replace("-", "_") for option in commands["run",]["options"]}
    assert known("run") == of_run
    assert {"max_cost", "repeats", "temperature", "system", "tasks_dir"} <= of_run
    assert ("tasks", "list") in commands


def test_wrong_values_are_errors_of_usage() -> None:
    with pytest.raises(trustmh.UsageError) as caught:
        trustmh.run(says_a, **{**SMALL, "profile": "slow"})
    assert caught.value.exit_code == 2
    with pytest.raises(trustmh.UsageError):
        trustmh.run(says_a, tasks="no/task", judge="offline")
