"""Local services that answer as Slack, Telegram, webhooks and mail servers do, good or bad."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """What the service does with the next request; `act` may end the connection instead of answering."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    act: str = ""


class Service:
    """An HTTP service on loopback; gives the queued answers, then `usual` for ever."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.queued: list[Answer] = []
        self.usual = Answer()
        self.closing = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                service.requests.append(Request(self.path, dict(self.headers), body))
                answer = service.queued.pop(0) if service.queued else service.usual
                if answer.act == "silence":
                    service.closing.wait(20)
                if answer.act == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                if answer.act:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> None:
        """Queue an answer; header names with underscores for dashes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.queued.append(Answer(status, raw, {name.replace("_", "-"): value for name, value in headers.items()}))

    def act(self, what: str) -> None:
        self.queued.append(Answer(act=what))

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture
def slack(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "webhook_url", f"{service.url}/services")
    monkeypatch.setattr(NotifySlack, "api_url", f"{service.url}/api/{{}}")
    return service


@pytest.fixture
def telegram(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    from apprise.plugins.telegram import NotifyTelegram

    monkeypatch.setattr(NotifyTelegram, "notify_url", f"{service.url}/bot")
    service.usual = Answer(body=b'{"ok": true, "result": {"message_id": 4711}}')
    return service


@dataclass
class Mailbox:
    """A mail server; `says` maps a step (CONNECT, MAIL, RCPT, DATA) to the answer that it gives instead of yes, `drop` to hang up."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)

    def _answer(self, step: str, server: SMTP, yes: str) -> str:
        answer = self.says.get(step, yes)
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
        return answer

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self._answer("MAIL", server, "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self._answer(f"RCPT {address}", server, self._answer("RCPT", server, "250 OK"))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer("DATA", server, "250 OK")
        if answer == "250 OK":
            self.mails.append(envelope)
        return answer


def _password(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == b"s3cret-pass", handled=False)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(
        box, hostname="127.0.0.1", port=_free_port(), authenticator=_password, auth_require_tls=False, auth_required=False
    )
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def free_port() -> Callable[[], int]:
    return _free_port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
