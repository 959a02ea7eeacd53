"""Serves functions to the program, on loopback and with a token."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import logging
import secrets
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._functions import Function
from .replies import Model

if TYPE_CHECKING:
    from ._answers import Answers

_LOG = logging.getLogger("trustmh")
_LOG.addHandler(logging.NullHandler())

#: So many connections wait until they are taken.
BACKLOG = 1024


class Server:
    """Functions behind an address, as long as the `with` block lasts.

    It has a thread and a loop of its own, so that it works where another loop runs, and several may
    stand side by side. The address is there at once; what answers is loaded while the program
    starts, and whoever asks meanwhile waits.
    """

    def __init__(self, functions: Mapping[str, Model], most: int | None = None) -> None:
        self._functions = {name: Function(model, most) for name, model in functions.items()}
        self._token = secrets.token_urlsafe(32)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_noted)
        self._thread = threading.Thread(target=self._run, name="trustmh", daemon=True)
        self._is_ending = False
        self._socket: socket.socket | None = None
        self._address = ""
        self._beginning: Future[None] | None = None
        self._answers: Answers | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the program finds the functions."""
        assert self._address, "the server is asked inside its `with` block"
        at_once = {name: function.at_once for name, function in self._functions.items()}
        return {
            "TRUSTMH_CALLABLE_URL": self._address,
            "TRUSTMH_CALLABLE_TOKEN": self._token,
            "TRUSTMH_CALLABLE_FUNCTIONS": json.dumps(at_once),
        }

    @property
    def first_errors(self) -> Mapping[str, BaseException]:
        """What each function raised first, by its name, in the order in which they failed."""
        return {} if self._answers is None else self._answers.first_errors

    def __enter__(self) -> Server:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        # Where nobody can answer the socket is closed, and whoever asks is refused.
        self._address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread.start()
        self._beginning = asyncio.run_coroutine_threadsafe(self._begin(), self._loop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        # One class since Python 3.11.
        except (TimeoutError, concurrent.futures.TimeoutError):
            _LOG.info("functions are still at work; they are left behind")
        finally:
            self._stop()
        if error is None and self._beginning is not None and self._beginning.done():
            # Why nobody answered says more than that the program was not answered.
            self._beginning.result()

    def _run(self) -> None:
        while not self._is_ending:
            try:
                self._loop.run_forever()
            except BaseException as error:
                # SystemExit and KeyboardInterrupt of any task leave the loop; other calls go on.
                _LOG.info("a function wanted to leave", exc_info=error)

    async def _begin(self) -> None:
        assert self._socket is not None
        try:
            # It takes longer to load than all the rest of the package.
            from ._answers import Answers

            self._answers = Answers(self._functions, self._token)
            await self._answers.serve(self._socket, BACKLOG)
        except BaseException:
            # Nobody is to wait for an answer.
            self._socket.close()
            raise

    async def _end(self) -> None:
        if self._beginning is not None:
            with contextlib.suppress(Exception):
                await asyncio.wrap_future(self._beginning)
        if self._answers is not None:
            await self._answers.end()
        for function in self._functions.values():
            function.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=5)

    def _stop(self) -> None:
        self._is_ending = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        if not self._thread.is_alive():
            self._loop.close()
        if self._socket is not None:
            self._socket.close()


def _noted(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a function left behind on the loop: asyncio would print it."""
    error = context.get("exception")
    _LOG.warning("%s", context.get("message"), exc_info=error)
