"""Runs that are begun here."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from ._ending import concluded, executed
from ._functions import named
from ._options import OptionValue
from ._run import RULES, PathLike, Run
from ._work import Done, Work
from .progress import Follower, Progress, Shown
from .replies import Model


def _begin(
    subject: str | Model,
    judge: str | Model | None,
    tasks: str | Sequence[str] | None,
    data: PathLike | None,
    client: str | Model | None,
    runs_dir: PathLike,
    follower: Follower,
    options: Mapping[str, OptionValue],
) -> tuple[Work, dict[str, Model]]:
    if isinstance(judge, list | tuple):
        raise TypeError(
            "judge is a list; a run has one judge: give each a run of its own, "
            "with reuse=run.path from the second on, which asks the subject nothing again"
        )
    names, functions = named({"subject": subject, "judge": judge, "client": client})
    line = [f"--{part}={name}" for part, name in names.items()]
    if tasks is not None:
        wanted = [tasks] if isinstance(tasks, str) else list(tasks)
        line.append(f"--tasks={','.join(wanted)}")
    line += [] if data is None else [f"--data={os.fspath(data)}"]
    line.append(f"--runs-dir={os.fspath(runs_dir)}")
    named_here = ("subject", "judge", "tasks", "data", "client", "runs_dir")
    return Work(["run", *line], functions, options, follower, named=named_here), functions


def _made(
    done: Done, follower: Follower, functions: dict[str, Model], again: Mapping[str, OptionValue]
) -> Run:
    run = None
    if done.folder is not None and (done.folder / "run.json").is_file():
        run = Run(done.folder, **{name: again.get(name) for name in RULES})
        run._functions = functions  # pyright: ignore[reportPrivateUsage]
        run._data = again.get("data")  # pyright: ignore[reportPrivateUsage]
    return concluded(done, follower, run)


def run(
    subject: str | Model,
    judge: str | Model | None = None,
    tasks: str | Sequence[str] | None = None,
    data: PathLike | None = None,
    client: str | Model | None = None,
    *,
    runs_dir: PathLike = "runs",
    progress: Shown = "auto",
    on_progress: Callable[[Progress], None] | None = None,
    **options: OptionValue,
) -> Run:
    """Asks a subject, judges and scores its replies, and records it all.

    Args:
        subject: Who is measured: a model's name (docs/models.md), or a function. The function takes
            the messages of a conversation, a list of `{"role", "content"}`, and returns text, text
            and usage, or a `Reply`; it may be async. Other functions run in up to 8 threads; the
            option `connections` says how many calls there are at once. If it has a parameter of the
            name `call`, it gets a `Call`.
        judge: Who judges replies: a name, a function, `offline`, `embedded` or `none`.
        tasks: Tasks, pillars or suites, such as `"crisis"` or `["crisis/severity", "ethics"]`; all
            of the benchmark if it is not said.
        data: The folder of published data; starter items if it is not said.
        client: Who plays the clients of conversations: a name, a function, or `offline`.
        runs_dir: The folder that holds runs.
        progress: Whether to show a bar: `auto` does in notebooks where tqdm is installed.
        on_progress: Is called about once a second, in the calling thread.
        options: Those of `trustmh run` by their names with underscores: `items=8`, `repeats=5`,
            `temperature=0.7`, `max_cost=1`, `subject_option={"top_p": 0.9}`, `profile="quick"`.
            `system` may be a text as well as a file.

    Returns:
        The run, complete.

    Raises:
        TypeError: An option is mistyped; nothing was begun.
        UsageError: Something that was given cannot be used; nothing was asked.
        UnreachableError: Subject or judge cannot be reached, or fail in every call.
        IncompleteRun: A limit was reached, or too much failed; `error.run` is what there is.
        Interrupted: It was interrupted; `error.run.resume()` goes on.
        TrustMHError: Anything else, by the exit code.
    """
    follower = Follower(progress, on_progress)
    work, functions = _begin(subject, judge, tasks, data, client, runs_dir, follower, options)
    done = executed(work, follower)
    return _made(done, follower, functions, {"data": data, **options})


async def arun(
    subject: str | Model,
    judge: str | Model | None = None,
    tasks: str | Sequence[str] | None = None,
    data: PathLike | None = None,
    client: str | Model | None = None,
    *,
    runs_dir: PathLike = "runs",
    progress: Shown = "auto",
    on_progress: Callable[[Progress], None] | None = None,
    **options: OptionValue,
) -> Run:
    """Like `run`, without holding up the loop that it is awaited on.

    Async functions run on a loop of their own, not on this one. `on_progress` is called in another
    thread. Where the task is cancelled, calls in flight are finished and recorded before the
    cancellation goes on.
    """
    follower = Follower(progress, on_progress)
    work, functions = _begin(subject, judge, tasks, data, client, runs_dir, follower, options)
    done = asyncio.ensure_future(asyncio.to_thread(executed, work, follower))
    try:
        came = await asyncio.shield(done)
    except asyncio.CancelledError:
        work.interrupt()
        await asyncio.wait([done])
        raise
    return _made(came, follower, functions, {"data": data, **options})
