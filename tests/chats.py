"""Slack's and Telegram's web APIs and a webhook, as documented, behind a proxy that ends TLS: what the real client sends reaches them.

    with chats(folder) as chats:
        running("notifier", environ=chats.environ)          # HTTPS_PROXY and REQUESTS_CA_BUNDLE
        chats.posted["#desk"]                               # what stands in a chat, edits done

Each request asks `mood` what to do with it: `ok`; `later` (429), `broken` (500); `silence` (no answer, nothing taken), `reset`; `late`
(taken, but the answer never comes). Rates are enforced with `strict`: one a second a chat, twenty a minute a Telegram group.

Sources: docs.slack.dev/reference/methods/chat.postMessage, chat.update; docs.slack.dev/apis/web-api/rate-limits;
core.telegram.org/bots/api#sendmessage, #editmessagetext, #responseparameters; core.telegram.org/bots/faq.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

HOSTS = ("slack.com", "hooks.slack.com", "api.telegram.org")
SLACK = "slack://xoxb-1234567890-1234567890-4a7PLANTED0000000000000/{channel}?rto=1&cto=5"
TELEGRAM = "tgram://123456789:AAPLANTEDhijklmnopqrstuvwxyz123456/{chat}/?rto=1&cto=5"
GROUP_A_MINUTE = 20


@dataclass
class Posted:
    """A message in a chat."""

    id: str
    text: str
    payload: dict[str, Any]
    edits: int = 0


@dataclass
class Chats:
    """What stands in each chat, and how the services behave."""

    mood: Callable[[], str] = lambda: "ok"
    strict: bool = False
    posted: dict[str, list[Posted]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0
    """Requests above a rate."""
    faults: list[str] = field(default_factory=list)
    """Requests that the real services would refuse as malformed."""
    environ: dict[str, str] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _instants: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=GROUP_A_MINUTE)))

    def titles(self, chat: str) -> list[str]:
        """The first line of each message."""
        return [posted.text.partition("\n")[0] for posted in self.posted[chat]]

    def answer(self, host: str, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any] | str, dict[str, str]]:
        """Status, body and headers for one request that is taken."""
        with self.lock:
            return self._telegram(path, payload) if host == "api.telegram.org" else self._slack(host, path, payload)

    def _slack(self, host: str, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any] | str, dict[str, str]]:
        chat = str(payload.get("channel", ""))
        if self._too_fast(chat, group=False):
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}
        fault = slack_fault(payload)
        if fault:
            self.faults.append(fault)
            return 200, {"ok": False, "error": "invalid_blocks"}, {}
        if path == "/api/chat.update":
            chat = f"#{chat.removeprefix('C-')}"
            return 200, self._edited(chat, str(payload["ts"]), payload["text"], payload) or {"ok": False, "error": "message_not_found"}, {}
        one = self._added(chat, f"{len(self.posted[chat]) + 1}.000100", payload["text"], payload)
        if host == "hooks.slack.com":
            return 200, "ok", {}
        return 200, {"ok": True, "channel": f"C-{chat.removeprefix('#')}", "ts": one.id}, {}

    def _telegram(self, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any] | str, dict[str, str]]:
        chat = str(payload.get("chat_id", ""))
        if self._too_fast(chat, group=chat.startswith("-")):
            return 429, {"ok": False, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}}, {}
        fault = telegram_fault(payload)
        if fault:
            self.faults.append(fault)
            return 400, {"ok": False, "description": f"Bad Request: {fault}"}, {}
        if path.endswith("/editMessageText"):
            edited = self._edited(chat, str(payload["message_id"]), payload["text"], payload)
            if not edited:
                return 400, {"ok": False, "description": "Bad Request: message to edit not found"}, {}
            return 200, {"ok": True, "result": {"message_id": payload["message_id"]}}, {}
        one = self._added(chat, str(len(self.posted[chat]) + 1), payload["text"], payload)
        return 200, {"ok": True, "result": {"message_id": int(one.id)}}, {}

    def _added(self, chat: str, id: str, text: str, payload: dict[str, Any]) -> Posted:
        self.posted[chat].append(Posted(id, text, payload))
        return self.posted[chat][-1]

    def _edited(self, chat: str, id: str, text: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        for one in self.posted[chat]:
            if one.id == id:
                one.text, one.payload, one.edits = text, payload, one.edits + 1
                return {"ok": True, "channel": payload.get("channel"), "ts": id}
        return None

    def _too_fast(self, chat: str, *, group: bool) -> bool:
        if not self.strict:
            return False
        now, instants = time.monotonic(), self._instants[chat]
        fast = bool(instants) and now - instants[-1] < 0.95  # the network's own jitter is not the client's fault
        if fast or (group and len(instants) == GROUP_A_MINUTE and now - instants[0] < 60):
            self.refused += 1
            return True
        instants.append(now)
        return False


def slack_fault(payload: dict[str, Any]) -> str:
    """What Slack would refuse of a message, "" where it would take it."""
    blocks = payload.get("blocks", [])
    if len(blocks) > 50:
        return "more than 50 blocks"
    for block in blocks:
        if block["type"] == "header" and not 0 < len(block["text"]["text"]) <= 150:
            return "a header that is empty or too long"
        if block["type"] == "rich_text" and not block["elements"]:
            return "an empty block"
    if any(element.get("text") == "" for element in _elements(blocks)):
        return "an empty text"
    return "" if payload.get("text") else "no text"


def _elements(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") in {"text", "link"}:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _elements(one)


def telegram_fault(payload: dict[str, Any]) -> str:
    """What Telegram would refuse of a message, "" where it would take it."""
    from html.parser import HTMLParser

    allowed = {"b", "i", "a", "blockquote", "code", "pre", "u", "s"}
    shown: list[str] = []
    faults: list[str] = []
    stack: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            stack.append(tag)
            if tag not in allowed:
                faults.append(f"can't parse entities: unsupported start tag {tag}")

        def handle_endtag(self, tag: str) -> None:
            if not stack or stack.pop() != tag:
                faults.append("can't parse entities: unmatched end tag")

        def handle_data(self, data: str) -> None:
            shown.append(data)

    parser = Parser()
    parser.feed(payload.get("text", ""))
    parser.close()
    text = "".join(shown)
    if not text.strip():
        return "message text is empty"
    if len(text) + sum(char > "\uffff" for char in text) > 4096:
        return "message is too long"
    return faults[0] if faults else "can't parse entities: unclosed tag" if stack else ""


@contextmanager
def chats(folder: Path, *, strict: bool = False, mood: Callable[[], str] = lambda: "ok") -> Iterator[Chats]:
    """Serve them."""
    it = Chats(mood=mood, strict=strict)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*HOSTS).configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            self.host = self.path.partition(":")[0]
            self.send_response(200)
            self.end_headers()
            try:
                self.connection = context.wrap_socket(self.connection, server_side=True)
            except (OSError, ssl.SSLError):
                self.close_connection = True
                return
            self.close_connection = False  # the client asks for the tunnel as HTTP/1.0
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)  # type: ignore[assignment]

        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mood = it.mood()
            if mood in {"silence", "reset"}:
                if mood == "silence":
                    it.closing.wait(3)
                else:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            if mood == "later":
                status, body, headers = 429, {"ok": False, "parameters": {"retry_after": 1}}, {"Retry-After": "1"}
            elif mood == "broken":
                status, body, headers = 500, "oops", {}
            else:
                status, body, headers = it.answer(self.host, self.path, payload)  # type: ignore[assignment]
            if mood == "late":
                it.closing.wait(3)
                self.close_connection = True
                return
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True

        def finish(self) -> None:
            for stream in (self.wfile, self.rfile):
                with suppress(OSError):
                    stream.close()
            self.connection.close()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    proxy = f"http://127.0.0.1:{server.server_address[1]}"
    it.environ = {"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1", "REQUESTS_CA_BUNDLE": str(folder / "ca.pem")}
    try:
        yield it
    finally:
        it.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
