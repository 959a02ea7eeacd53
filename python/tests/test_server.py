"""The server: who is let in, and what of it is recorded."""

from __future__ import annotations

import http.client
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import trustmh
from conftest import SMALL, says_a
from trustmh._answers import BODY_LIMIT
from trustmh._server import Server


def asked(server: Server, token: str | None, body: bytes, path: str = "/reply") -> tuple[int, Any]:
    address = urlsplit(server.environment["TRUSTMH_CALLABLE_URL"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, json.loads(said) if said.startswith(b"{") else said


CALL = json.dumps(
    {"model": "bot", "messages": [{"role": "user", "content": "Hello."}], "session": "s"}
).encode()


def test_nobody_is_let_in_without_the_token() -> None:
    with Server({"bot": says_a}) as server:
        environment = server.environment
        token = environment["TRUSTMH_CALLABLE_TOKEN"]
        assert asked(server, token, CALL) == (200, {"text": "A"})
        for other in (None, "", token[:-1], token + "x", token.swapcase(), "ü"):
            for path in ("/reply", "/ended"):
                status, said = asked(server, other, CALL, path)
                assert (status, "text" in said) == (401, False)
        assert urlsplit(environment["TRUSTMH_CALLABLE_URL"]).hostname == "127.0.0.1"
        assert len(token) > 40


def test_requests_that_are_none_are_refused() -> None:
    with Server({"bot": says_a}) as server:
        token = server.environment["TRUSTMH_CALLABLE_TOKEN"]
        assert asked(server, token, b"{")[0] == 400
        assert asked(server, token, b"[]")[0] == 400
        assert asked(server, token, b"\xff")[0] == 400
        assert asked(server, token, b'{"model": "other"}')[0] == 404
        assert asked(server, token, b"x" * (BODY_LIMIT + 1))[0] == 413


def test_a_server_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise OSError("there is no room for sockets")

    monkeypatch.setattr("trustmh._answers.Answers.serve", broken)
    with pytest.raises(OSError, match="no room for sockets"):
        trustmh.run(says_a, **SMALL)


def test_two_servers_have_addresses_and_tokens_of_their_own() -> None:
    with Server({"bot": says_a}) as one, Server({"bot": says_a}) as other:
        for name in ("TRUSTMH_CALLABLE_URL", "TRUSTMH_CALLABLE_TOKEN"):
            assert one.environment[name] != other.environment[name]
        assert asked(one, other.environment["TRUSTMH_CALLABLE_TOKEN"], CALL)[0] == 401


def test_neither_address_nor_token_is_recorded_or_told(monkeypatch: pytest.MonkeyPatch) -> None:
    environments: list[dict[str, str]] = []
    lines: list[str] = []
    began = Server.__enter__

    def noted(server: Server) -> Server:
        began(server)
        environments.append(server.environment)
        return server

    monkeypatch.setattr(Server, "__enter__", noted)

    def subject(messages: list[trustmh.Message]) -> str:
        # The command line of the program that asks: a child of this process.
        for process in Path("/proc").glob("[0-9]*"):
            try:
                status = (process / "status").read_text()
                if f"\nPPid:\t{os.getpid()}\n" in status:
                    lines.append((process / "cmdline").read_text())
            except OSError:
                continue
        # A function that gives the token away gives away nothing.
        return f"A {environments[0]['TRUSTMH_CALLABLE_TOKEN']}"

    run = trustmh.run(subject, **SMALL)
    port = str(urlsplit(environments[0]["TRUSTMH_CALLABLE_URL"]).port)
    for file in run.path.iterdir():
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert environments[0]["TRUSTMH_CALLABLE_TOKEN"] not in text, file
            assert f"127.0.0.1:{port}" not in text, file
    assert run.manifest["subject"].get("base_url") is None
    if os.path.exists("/proc"):
        assert lines
    assert not any(environments[0]["TRUSTMH_CALLABLE_TOKEN"] in line for line in lines)


def test_without_a_server_the_program_says_who_serves_functions() -> None:
    with pytest.raises(trustmh.UsageError, match="nobody serves it") as caught:
        trustmh.run("callable/bot", **SMALL)
    assert "trustmh.run(my_function)" in (caught.value.hint or "")


@pytest.mark.parametrize("url", ["http://192.0.2.1:80", "https://127.0.0.1:80", "127.0.0.1:80"])
def test_only_loopback_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTMH_CALLABLE_URL", url)
    monkeypatch.setenv("TRUSTMH_CALLABLE_TOKEN", "token-of-the-test-1")
    monkeypatch.setenv("TRUSTMH_CALLABLE_FUNCTIONS", '{"bot": 1}')
    with pytest.raises(trustmh.UsageError, match=r"loopback|neither http"):
        trustmh.run("callable/bot", **SMALL)
