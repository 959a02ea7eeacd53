"""What the program asks of functions, and what it is answered: HTTP with JSON, on loopback."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import socket
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from ._faults import is_cancelled, words
from ._functions import Function
from .replies import Call, Message, RateLimited, Refused, Reply

_LOG = logging.getLogger("trustmh")

#: The most bytes of a request: conversations are long, not endless.
BODY_LIMIT = 64 * 1024 * 1024

#: Fields of a request that are no option of the user's.
_KNOWN = frozenset(
    ("model", "messages", "temperature", "max_tokens", "thinking_tokens", "seed", "session")
) | {"trial", "turn"}

#: Fails for a while, and may work when it is asked again.
_PASSING = (TimeoutError, asyncio.TimeoutError, ConnectionError)


class Answers:
    """Answers for functions to whoever has the token."""

    def __init__(self, functions: Mapping[str, Function], token: str) -> None:
        self._functions = functions
        self._expected = f"Bearer {token}".encode()
        self._own = secrets.token_hex(4)
        self._runner: web.ServerRunner | None = None
        #: What each function raised first, by its name, in the order in which they failed.
        self.first_errors: dict[str, BaseException] = {}

    async def serve(self, listening: socket.socket, backlog: int) -> None:
        """Answers whoever connects, until it is ended."""
        # Two addresses need no router.
        server = web.Server(
            self._answered,
            request_factory=_request,
            access_log=None,
            handler_cancellation=True,
        )
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=backlog).start()

    async def end(self) -> None:
        """Answers nobody any more."""
        if self._runner is not None:
            await self._runner.cleanup()

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
        name = str(asked.get("model"))
        function = self._functions.get(name)
        if function is None:
            return _error(404, "there is no function of this name")
        try:
            reply = await function.answer(
                cast("list[Message]", asked.get("messages", [])), self._call(asked)
            )
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and is_cancelled(task):
                raise
            return self._failed(name, asyncio.CancelledError("the function was cancelled"))
        except Refused as refused:
            return _json({"refused": True, "text": refused.text})
        except RateLimited as limited:
            after = limited.retry_after
            waits = {} if after is None else {"retry-after-ms": str(round(after * 1000))}
            return _error(429, str(limited) or "RateLimited", waits)
        except BaseException as error:
            return self._failed(name, error)
        return _json(_told(reply))

    def _failed(self, name: str, error: BaseException) -> web.Response:
        self.first_errors.setdefault(name, error)
        _LOG.info("a function failed", exc_info=error)
        return _error(503 if isinstance(error, _PASSING) else 400, words(error))

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


def _json(
    told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = json.dumps(told).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return _json({"error": message}, status, headers)
