"""Serves functions to the program, on loopback and with a token."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from ._functions import Function
from .replies import Call, Message, Model, RateLimited, Refused, Reply

_LOG = logging.getLogger("trustmh")
_LOG.addHandler(logging.NullHandler())

#: The most bytes of a request: conversations are long, not endless.
BODY_LIMIT = 64 * 1024 * 1024

#: The most characters that are told of what an exception says.
MESSAGE_LIMIT = 2_000

#: Fields of a request that are no option of the user's.
_KNOWN = frozenset(
    ("model", "messages", "temperature", "max_tokens", "thinking_tokens", "seed", "session")
) | {"trial", "turn"}

#: Fails for a while, and may work when it is asked again.
_PASSING = (TimeoutError, asyncio.TimeoutError, ConnectionError)


class Server:
    """Functions behind an address, as long as the `with` block lasts.

    It has a thread and a loop of its own, so that it works where another loop runs, and several may
    stand side by side.
    """

    def __init__(self, functions: Mapping[str, Model], most: int | None = None) -> None:
        self._functions = {name: Function(model, most) for name, model in functions.items()}
        self._token = secrets.token_urlsafe(32)
        self._expected = f"Bearer {self._token}".encode()
        self._own = secrets.token_hex(4)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="trustmh", daemon=True)
        self._runner: web.ServerRunner | None = None
        self._address = ""
        #: What a function raised first.
        self.first_error: BaseException | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the program finds the functions."""
        at_once = {name: function.at_once for name, function in self._functions.items()}
        return {
            "TRUSTMH_CALLABLE_URL": self._address,
            "TRUSTMH_CALLABLE_TOKEN": self._token,
            "TRUSTMH_CALLABLE_FUNCTIONS": json.dumps(at_once),
        }

    def __enter__(self) -> Server:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        except TimeoutError:
            _LOG.info("functions are still at work; they are left behind")
        finally:
            self._stop()

    async def _begin(self) -> None:
        # Two addresses need no router.
        server = web.Server(
            self._answered,
            request_factory=_request,
            access_log=None,
            handler_cancellation=True,
        )
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        self._address = f"http://127.0.0.1:{port}"

    async def _end(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        for function in self._functions.values():
            function.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=5)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        if not self._thread.is_alive():
            self._loop.close()

    def _is_ours(self, request: web.BaseRequest) -> bool:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._expected)

    async def _answered(self, request: web.BaseRequest) -> web.Response:
        if not self._is_ours(request):
            return _error(401, "the token is not that of this run")
        asked = await _fields(request) if request.method == "POST" else None
        if asked is None:
            return _error(400, "the request is not one of this program")
        if request.path == "/reply":
            return await self._reply(asked)
        if request.path == "/ended":
            return self._ended(asked)
        return _error(404, "there is nothing here")

    async def _reply(self, asked: dict[str, Any]) -> web.Response:
        function = self._functions.get(str(asked.get("model")))
        if function is None:
            return _error(404, "there is no function of this name")
        try:
            reply = await function.answer(
                cast("list[Message]", asked.get("messages", [])), self._call(asked)
            )
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and _is_cancelled(task):
                raise
            return self._failed(asyncio.CancelledError("the function was cancelled"))
        except Refused as refused:
            return _json({"refused": True, "text": refused.text})
        except RateLimited as limited:
            after = limited.retry_after
            waits = {} if after is None else {"retry-after-ms": str(round(after * 1000))}
            return _error(429, str(limited) or "RateLimited", waits)
        except BaseException as error:
            return self._failed(error)
        return _json(_told(reply))

    def _failed(self, error: BaseException) -> web.Response:
        if self.first_error is None:
            self.first_error = error
        _LOG.info("a function failed", exc_info=error)
        return _error(503 if isinstance(error, _PASSING) else 400, _words(error))

    def _ended(self, asked: dict[str, Any]) -> web.Response:
        function = self._functions.get(str(asked.get("model")))
        if function is not None:
            function.ended(self._session(asked))
        return _json({})

    def _session(self, asked: Mapping[str, Any]) -> str:
        # Trials of two runs may have the same name.
        return f"{self._own}:{asked.get('session')}"

    def _call(self, asked: Mapping[str, Any]) -> Call:
        return Call(
            temperature=asked.get("temperature", 0.0),
            max_tokens=asked.get("max_tokens", 0),
            thinking_tokens=asked.get("thinking_tokens"),
            seed=asked.get("seed"),
            session=self._session(asked),
            trial=asked.get("trial"),
            turn=asked.get("turn"),
            options={name: value for name, value in asked.items() if name not in _KNOWN},
        )


def _is_cancelled(task: asyncio.Task[Any]) -> bool:
    """Whether the call itself was given up, and not something that the function waited for."""
    cancelling = getattr(task, "cancelling", None)
    return cancelling is None or cancelling() > 0


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT
    )


async def _fields(request: web.BaseRequest) -> dict[str, Any] | None:
    try:
        asked: object = json.loads(await request.read())
    except ValueError:
        return None
    return cast("dict[str, Any]", asked) if isinstance(asked, dict) else None


def _told(reply: Reply) -> dict[str, Any]:
    told: dict[str, Any] = {"text": reply.text}
    if reply.thought is not None:
        told["thought"] = reply.thought
    if reply.usage is not None:
        told["prompt_tokens"] = reply.usage.prompt_tokens
        told["reply_tokens"] = reply.usage.reply_tokens
    if reply.finish_reason == "length":
        told["cut"] = True
    if reply.finish_reason == "content_filter":
        told["refused"] = True
    return told


def _words(error: BaseException) -> str:
    """An exception by its type and what it says; where it was raised is nobody's business."""
    try:
        said = str(error)
    except Exception:
        said = ""
    name = type(error).__name__
    return f"{name}: {said}"[:MESSAGE_LIMIT] if said else name


def _json(
    told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = json.dumps(told).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return _json({"error": message}, status, headers)
