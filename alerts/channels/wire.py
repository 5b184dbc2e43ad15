"""Sees what Apprise hides: each HTTP answer and SMTP error while a message is sent, and adds headers of ours on the way.

    with recording(headers={"Idempotency-Key": "…"}) as seen:
        ok = apprise.notify(…)
    seen.answers        # a `Sent` for each exchange, in order

Apprise 2.2 reports a bare success or failure: no status, no Retry-After, no message id. Its plugins all speak through
`requests.Session.send` or `smtplib.SMTP`, so these few methods are wrapped, once a process; outside of `recording` (a context
variable: threads do not see each other's) they behave as ever.

What it deliberately does not do: it changes no answer but for its bounds, and catches nothing; what is asked is `Amending`'s to change.
"""

from __future__ import annotations

import functools
import io
import smtplib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
import urllib3

from ..records import Outcome
from .answers import of_http, of_smtp
from .manners import Amending
from .protocol import Sent

__all__ = ["ANSWER_BYTES_MAX", "ANSWER_S_MAX", "Seen", "recording"]

ANSWER_BYTES_MAX = 1_000_000
ANSWER_S_MAX = 15.0

_SMTP_STEPS = ("connect", "starttls", "login", "sendmail")


@dataclass(slots=True)
class Seen:
    """What was seen of one notification: the exchanges in order, and how far a mail came (under way, accepted)."""

    headers: Mapping[str, str] = field(default_factory=dict)
    amending: Amending | None = None
    answers: list[Sent] = field(default_factory=list)
    in_flight: bool = False
    mailed: bool = False


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)
_wrapping = threading.Lock()
_wrapped = False


@contextmanager
def recording(*, headers: Mapping[str, str], amending: Amending | None = None) -> Iterator[Seen]:
    """Record every exchange of this thread within the block; add `headers` to its HTTP requests, and make them what `amending` says."""
    _wrap_once()
    seen = Seen(headers, amending)
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def _wrap_once() -> None:
    global _wrapped
    with _wrapping:
        if not _wrapped:
            requests.Session.send = _session_send(requests.Session.send)  # type: ignore[method-assign]  # the one door of all HTTP plugins
            for step in _SMTP_STEPS:
                setattr(smtplib.SMTP, step, _smtp_step(getattr(smtplib.SMTP, step)))
            smtplib.SMTP.data = _smtp_data(smtplib.SMTP.data)  # type: ignore[method-assign]  # after it the mail may have arrived
            _wrapped = True


def _session_send(original: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    @functools.wraps(original)
    def send(self: requests.Session, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        seen = _seen.get()
        if seen is None:
            return original(self, request, **settings)
        request.headers.update(seen.headers)
        if seen.amending:
            seen.amending.request(request)
        try:
            response = original(self, request, **{**settings, "stream": True})
        except requests.RequestException as error:
            seen.answers.append(_of_error(error))
            raise
        body, whole = _bounded(response)
        answer = of_http(response.status_code, response.headers, body, now=datetime.now(UTC))
        if answer.outcome is Outcome.DELIVERED and not whole:
            answer = Sent(Outcome.UNKNOWN, reason="the answer broke off")
        seen.answers.append(answer)
        return response

    return send


def _bounded(response: requests.Response) -> tuple[bytes, bool]:
    """The body up to the bounds, and whether that is all of it; the response then reads from this copy."""
    deadline = time.monotonic() + ANSWER_S_MAX
    body, whole = bytearray(), False
    try:
        while len(body) <= ANSWER_BYTES_MAX and time.monotonic() < deadline:
            chunk = response.raw.read1(65_536, decode_content=True)
            if not chunk:
                whole = True
                break
            body += chunk
    except (urllib3.exceptions.HTTPError, OSError):
        pass  # the status came, the rest did not: `whole` says so
    response.raw.close()
    response.raw.release_conn()
    response.raw = io.BytesIO(body)
    return bytes(body), whole


def _of_error(error: requests.RequestException) -> Sent:
    """Whether the request may have reached the service; `requests` wraps what urllib3 knows."""
    cause = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    if isinstance(error, requests.exceptions.SSLError):
        return Sent(Outcome.LATER, reason="no trusted TLS connection to the service")
    if isinstance(error, requests.ConnectTimeout) or isinstance(
        cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.ProxyError
    ):
        return Sent(Outcome.LATER, reason="no connection to the service")
    if isinstance(error, requests.Timeout):
        return Sent(Outcome.UNKNOWN, reason="the service did not answer in time")
    if isinstance(error, requests.ConnectionError):
        return Sent(Outcome.UNKNOWN, reason="the connection was lost before the service answered")
    return Sent(Outcome.HALTED, reason=f"no request can be made with these settings ({type(error).__name__})")


def _smtp_step(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def step(self: smtplib.SMTP, *arguments: Any, **settings: Any) -> Any:
        seen = _seen.get()
        if seen is None:
            return original(self, *arguments, **settings)
        if original.__name__ == "sendmail" and seen.amending:
            sender, recipients, text, *others = arguments
            arguments = (sender, recipients, seen.amending.mail(text), *others)
        try:
            result = original(self, *arguments, **settings)
        except OSError as error:  # which every error of smtplib is
            seen.answers.append(of_smtp(error, in_flight=seen.in_flight))
            raise
        if original.__name__ == "connect" and result[0] != 220:  # smtplib's constructor raises it, behind our back
            seen.answers.append(of_smtp(smtplib.SMTPConnectError(*result), in_flight=False))
        if original.__name__ == "sendmail":  # accepted for one recipient at least: repeating it would tell that one twice
            seen.mailed = True
        return result

    return step


def _smtp_data(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def data(self: smtplib.SMTP, message: Any) -> Any:
        seen = _seen.get()
        if seen is not None:
            seen.in_flight = True
        return original(self, message)

    return data
