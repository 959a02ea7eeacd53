"""Options: those of the program, checked before anything runs."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

import trustmh
from conftest import SMALL, says_a
from trustmh._options import known, words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_costs": 1}, "no option 'max_costs'; did you mean 'max_cost'?"),
        ({"reply_token": 1}, "did you mean 'reply_tokens'?"),
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
