"""Runs: opened, resumed, and what is made of them."""

from __future__ import annotations

import json
import os
import tempfile
import webbrowser
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from . import _html, _record
from ._ending import concluded, executed
from ._options import OptionValue, known, words
from ._program import call
from ._work import Work
from .comparisons import Comparison
from .errors import UsageError
from .frames import Library, library, read_parquet
from .gates import Gate
from .progress import Follower, Progress, Shown
from .replies import Model
from .scores import Json, Pillar, Task, pillars_of, tasks_of

if TYPE_CHECKING:
    import pandas
    import polars

PathLike: TypeAlias = "str | os.PathLike[str]"

#: Exit codes of commands that read a run: an incomplete one is read, too.
_READ = (0, 4)

#: Options by which a run's tasks are found again.
RULES = ("tasks_dir", "rubric")


class Run:
    """A run: a folder that holds what was planned and every call with its reply.

    Everything here is read from that folder by the program; nothing is kept beside it.

    Args:
        path: The run's folder, or a bundle of one.
        tasks_dir: The folder of own tasks that it was made with, if any.
        rubric: The rubrics that it was made with, if any.

    Raises:
        UsageError: There is no run.
    """

    path: Path

    def __init__(self, path: PathLike, **rules: OptionValue) -> None:
        self.path = Path(path)
        if unknown := [name for name in rules if name not in RULES]:
            raise TypeError(f"a run is opened with {' and '.join(RULES)} alone, not {unknown[0]!r}")
        self._rules = {name: value for name, value in rules.items() if value is not None}
        self._card: Json | None = None
        self._functions: dict[str, Model] = {}
        self._data: OptionValue = None
        #: What the program warned of while the run was made in this process.
        self.warnings: list[str] = []
        hint = "a run is a folder below runs/, or a bundle"
        if self.path.is_file() and not zipfile.is_zipfile(self.path):
            raise UsageError(f"{self.path} is no run: it is no bundle", hint=hint)
        if not self.path.is_file() and not (self.path / "run.json").is_file():
            raise UsageError(f"{self.path} is no run: it holds no run.json", hint=hint)

    # What was found.

    @property
    def scorecard(self) -> Json:
        """The scorecard (docs/scorecard.md), as the program writes it."""
        if self._card is None:
            line = ["score", *self._rules_of("score"), "--json", str(self.path)]
            self._card = json.loads(call(line, accepted=_READ).out)[0]
        assert self._card is not None
        return self._card

    @property
    def summary(self) -> str:
        """What a run ends with on a screen: its record, what stands out, what it cannot say."""
        return call(["score", *self._rules_of("score"), str(self.path)], accepted=_READ).out

    @property
    def tasks(self) -> dict[str, Task]:
        """The tasks of the scorecard by their id, with types."""
        return tasks_of(self.scorecard)

    @property
    def pillars(self) -> dict[str, Pillar]:
        """The pillars of the scorecard by their short name, with types."""
        return pillars_of(self.scorecard)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be read before any number."""
        return tuple(self.scorecard["caveats"])

    @property
    def is_complete(self) -> bool:
        """Whether every planned trial has ended and the record is as it was written."""
        record: Json = self.scorecard.get("record") or {}
        return record.get("state", "complete") == "complete"

    @property
    def manifest(self) -> Json:
        """What was planned: `run.json`.

        Raises:
            UsageError: It is a bundle, which has it inside, or `run.json` is damaged.
        """
        return _record.manifest(self._own("run.json"))

    @property
    def journal(self) -> Iterator[Json]:
        """The events of the journal, one after the other: every call with its reply.

        Raises:
            UsageError: It is a bundle, which has it inside.
            RecordError: A line is damaged.
        """
        return _record.journal(self._own("journal.jsonl"))

    @property
    def failures(self) -> dict[str, int]:
        """How many calls failed for good, by reason, the most common first.

        The reason of a function's exception is its type and message. `resume()` makes these calls
        again, and what it mends is no failure any more.

        Raises:
            UsageError: It is a bundle, which has the journal inside.
            RecordError: A line of the journal is damaged.
        """
        return _record.failures(self.journal)

    @property
    def trials(self) -> Any:
        """A table with a row for each trial: what was asked, what was replied, every measure.

        It is a pandas or a polars data frame, whichever is installed, pandas first; `trials_as`
        says which. It holds prompts and replies in full.

        Raises:
            ImportError: Neither is installed.
        """
        return self.trials_as(library(None))

    @overload
    def trials_as(self, as_: Literal["pandas"]) -> pandas.DataFrame: ...
    @overload
    def trials_as(self, as_: Literal["polars"]) -> polars.DataFrame: ...
    @overload
    def trials_as(self, as_: Library) -> pandas.DataFrame | polars.DataFrame: ...
    def trials_as(self, as_: Library) -> pandas.DataFrame | polars.DataFrame:
        """The same, made with the library that is named.

        Args:
            as_: `pandas` or `polars`.

        Raises:
            ImportError: It is not installed.
        """
        made_with = library(as_)
        with tempfile.TemporaryDirectory(prefix="trustmh-") as folder:
            file = Path(folder) / "trials.parquet"
            self._export("parquet", file)
            return read_parquet(file, made_with)

    # What is made of it.

    def compare(
        self, other: Run | PathLike | Sequence[Run | PathLike], **options: OptionValue
    ) -> Comparison:
        """Compares it with other runs on the trials that they share.

        Args:
            other: A run or several, as `Run` or by their folders.
            options: Those of `trustmh compare`, such as `even_if_unlike=True` or `alpha=0.01`.

        Raises:
            UsageError: They share no trial, or are not comparable in any task.
        """
        single = isinstance(other, str | os.PathLike | Run)
        others = [other] if single else list(other)
        paths = [str(one.path if isinstance(one, Run) else Path(one)) for one in others]
        line = self._line("compare", options, ("all", "json", "format", "output"), ("other",))
        said = call([*line, "--all", "--json", str(self.path), *paths], accepted=_READ)
        return Comparison(json.loads(said.out))

    def gate(
        self,
        policy: PathLike,
        baseline: Run | PathLike | None = None,
        **options: OptionValue,
    ) -> Gate:
        """Checks it against a policy (docs/gate.md).

        Args:
            policy: A file, or one of the built-in `release`, `research` and `drift`.
            baseline: A run that it must not be worse than.
            options: Those of `trustmh gate`, such as `junit="gate.xml"`.

        Raises:
            UsageError: The policy or the baseline cannot be read.
        """
        line = self._line("gate", options, ("json",), ("policy", "baseline"))
        line.append(f"--policy={os.fspath(policy)}")
        if baseline is not None:
            line.append(
                f"--baseline={baseline.path if isinstance(baseline, Run) else Path(baseline)}"
            )
        said = call([*line, "--json", str(self.path)], accepted=(0, 1, 4))
        return Gate(json.loads(said.out), complete=said.exit_code != 4)

    def report(
        self, path: PathLike | None = None, *, open: bool = False, **options: OptionValue
    ) -> Path:
        """Writes the HTML report.

        Args:
            path: The file; `report.html` in the run's folder if it is not said.
            open: Whether to show it in a browser.
            options: Those of `trustmh report`, such as `with_replies=True`.

        Returns:
            The file.
        """
        line = self._line("report", options, ("json", "output"), ("path", "open"))
        if path is not None:
            line.append(f"--output={os.fspath(path)}")
        said = call([*line, "--json", str(self.path)], accepted=_READ)
        written = Path(json.loads(said.out)["report"])
        if open:
            webbrowser.open(written.resolve().as_uri())
        return written

    def export(self, format: str, path: PathLike, **options: OptionValue) -> Path:
        """Writes it in one of the formats of docs/exports.md.

        Args:
            format: Such as `markdown`, `model-card`, `csv` or `bundle`.
            path: The file, or the folder for formats of several files.
            options: Those of `trustmh export`.

        Returns:
            The file or folder.
        """
        return self._export(format, Path(path), options)

    def resume(
        self,
        subject: Model | None = None,
        judge: Model | None = None,
        client: Model | None = None,
        *,
        progress: Shown = "auto",
        on_progress: Callable[[Progress], None] | None = None,
        **options: OptionValue,
    ) -> Run:
        """Goes on with it; what is recorded is not asked again.

        Args:
            subject: The function that it was begun with. It need not be given in the process that
                began the run.
            judge: Likewise.
            client: Likewise.
            progress: As for `run`.
            on_progress: As for `run`.
            options: Those of `trustmh resume`, such as `max_cost=2`.

        Returns:
            This run.

        Raises:
            TrustMHError: As for `run`.
        """
        functions = self._served({"subject": subject, "judge": judge, "client": client})
        given: dict[str, OptionValue] = {"data": self._data, **self._rules, **options}
        follower = Follower(progress, on_progress)
        named = ("subject", "judge", "client")
        work = Work(["resume", str(self.path)], functions, given, follower, named=named)
        done = executed(work, follower)
        self._card = None
        self._functions = functions
        return concluded(done, follower, self)

    # How.

    def _own(self, name: str) -> Path:
        """A file of the run's folder."""
        if self.path.is_file():
            raise UsageError(
                f"{self.path} is a bundle, which has {name} inside",
                hint="unpack it, and open the folder",
            )
        return self.path / name

    @property
    def is_served(self) -> bool:
        """Whether functions of this process answer for it."""
        return bool(self._functions)

    def _served(self, given: Mapping[str, Model | None]) -> dict[str, Model]:
        """The functions of the run by their recorded names."""
        functions = dict(self._functions)
        recorded = _record.models(self.manifest)
        for part, function in given.items():
            if function is None:
                continue
            if not callable(function):
                raise TypeError(f"{part} must be the function that the run was begun with")
            name = recorded.get(part, "")
            if not name.startswith("callable/"):
                raise UsageError(
                    f"the run's {part} is {name or 'nobody'}, and no function",
                    hint=f"leave {part} out",
                )
            functions[name.removeprefix("callable/")] = function
        return functions

    def _export(
        self, format: str, path: Path, options: Mapping[str, OptionValue] | None = None
    ) -> Path:
        line = self._line("export", options or {}, ("output",), ("format", "path"))
        line += [f"--format={format}", f"--output={path}", str(self.path)]
        call(line, accepted=_READ)
        return path

    def _line(
        self,
        command: str,
        options: Mapping[str, OptionValue],
        reserved: Sequence[str] = (),
        named: Sequence[str] = (),
    ) -> list[str]:
        given = {name: value for name, value in self._rules.items() if name not in options}
        given = {name: value for name, value in given.items() if name in known(command)}
        return [command, *words(command, {**given, **options}, reserved=reserved, named=named)]

    def _rules_of(self, command: str) -> list[str]:
        return self._line(command, {})[1:]

    def __repr__(self) -> str:
        return f"<Run {self.path}>"

    def _repr_html_(self) -> str:
        card = self.scorecard
        first = list(self.caveats)
        if warning := _outcomes_in_words(self.tasks.values()):
            first.insert(0, warning)
        rows = [
            (pillar.title, _html.number(pillar.value), _html.interval(pillar.low, pillar.high))
            if pillar.value is not None
            else (pillar.title, "no score", f"missing or not scored: {', '.join(pillar.missing)}")
            for pillar in self.pillars.values()
        ]
        tasks = [
            (
                task.name,
                metric.title,
                _html.number(metric.value),
                _html.interval(metric.low, metric.high),
                str(metric.n),
                _html.direction(metric.direction),
            )
            if (metric := task.primary)
            else (task.name, "not scored", "–", "", "", "")
            for task in self.tasks.values()
        ]
        pillar_heads = ("Pillar", "Score of 100, higher is better", "95 % interval")
        task_heads = ("Task", "Metric", "Value", "95 % interval", "n", "Direction")
        return _html.page(
            f"TrustMH: {card['subject']}",
            (
                _html.first(first),
                _html.table(pillar_heads, rows) if rows else "",
                _html.table(task_heads, tasks),
                _html.note(str(self.path)),
            ),
        )


def _outcomes_in_words(tasks: Any) -> str | None:
    """What brought no number, for whoever sees nothing but numbers."""
    missing: dict[str, int]
    missing = dict.fromkeys(("failed", "unanswered", "unparsed", "broken_client"), 0)
    pending = 0
    for task in tasks:
        pending += task.pending
        for name in missing:
            missing[name] += task.outcomes.get(name, 0)
    missing["pending"] = pending
    said = ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in missing.items() if count
    )
    return f"Trials without an answer that counts: {said}." if said else None


def open_run(path: PathLike, **rules: OptionValue) -> Run:
    """A run that there is, by its folder or bundle.

    Args:
        path: The folder, such as `runs/20261123T101500Z-my_bot-3f2a`.
        rules: `tasks_dir` and `rubric`, where it was made with own tasks or rubrics.

    Raises:
        UsageError: There is no run.
    """
    return Run(path, **rules)


def tasks() -> list[dict[str, Any]]:
    """The tasks that there are: for each its `id`, `suite`, `title`, `version` and `metrics`."""
    return json.loads(call(["tasks", "list", "--json"]).out)
