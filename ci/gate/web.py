"""Requests over HTTP: few, bounded, and with tokens that do not travel further than the host they are for."""
from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from pathlib import Path

TRIES = 3
SECONDS = 60
LARGEST_ANSWER = 16 * 1024 * 1024


class Refused(Exception):
    """An answer that is no success, or none at all (`status` is None). The address is shown without its query."""

    def __init__(self, method: str, url: str, status: int | None, why: str):
        shown = url.split("?")[0]
        super().__init__(f"{method} {shown}: {why}" if status is None else f"{method} {shown}: {status} {why}")
        self.status = status


def checked(url: str) -> str:
    """The address, if a token or a program may travel by it: https, or this very machine."""
    parts = urllib.parse.urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError(f"{url.split('?')[0]} is not an https address")
    if parts.username or parts.password:
        raise ValueError(f"{parts.hostname}: an address with a user or a password is refused")
    return url


def opened(method: str, url: str, headers: dict[str, str], body: object = None):
    """The answer to a request; tried again where the server or the way to it fails."""
    # Here, since most steps ask nothing, and these take longer to load than all else.
    import urllib.error
    import urllib.request

    data = None if body is None else json.dumps(body).encode()
    for attempt in range(TRIES):
        request = urllib.request.Request(checked(url), data=data, method=method)
        request.add_header("User-Agent", "trustmh-gate")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            # Downloads are redirected to stores of other hosts, which are not to see the token.
            request.add_unredirected_header(name, value)
        try:
            return urllib.request.urlopen(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            refusal = Refused(method, url, error.code, error.reason)
            again = error.code >= 500 or error.code == 429
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            refusal = Refused(method, url, None, str(getattr(error, "reason", error)))
            # Whether a request that makes something was carried out is not known.
            again = method != "POST"
        if not again or attempt == TRIES - 1:
            raise refusal
        time.sleep(2**attempt)
    raise AssertionError("the loop returns or raises")


def piece_of(answer, method: str, url: str, most: int) -> bytes:
    """At most so many bytes of an answer; it may break off long after it began."""
    try:
        return answer.read(most)
    except (OSError, http.client.HTTPException) as error:
        raise Refused(method, url, None, f"the answer broke off: {error}") from None


def asked(method: str, url: str, headers: dict[str, str], body: object = None):
    """The JSON of an answer."""
    with opened(method, url, headers, body) as answer:
        text = piece_of(answer, method, url, LARGEST_ANSWER + 1)
    if len(text) > LARGEST_ANSWER:
        raise Refused(method, url, None, f"the answer is longer than {LARGEST_ANSWER} bytes")
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(method, url, None, "the answer is not JSON") from None


def downloaded(url: str, headers: dict[str, str], to: Path, most: int) -> Path:
    """Writes what is at an address into a file of at most `most` bytes."""
    taken = 0
    with opened("GET", url, headers) as answer, to.open("wb") as file:
        while piece := piece_of(answer, "GET", url, 1 << 20):
            taken += len(piece)
            if taken > most:
                raise Refused("GET", url, None, f"more than {most} bytes")
            file.write(piece)
    return to
