"""The outside world, small and on loopback: a site with a feed, a webhook, and the real command as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.builders import NOON

ALERTS = (sys.executable, "-m", "alerts")


def until(condition: Callable[[], object], *, within_s: float = 30.0, what: str = "") -> None:
    """Wait for a condition; fail when it does not hold in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what or condition}")
        time.sleep(0.02)


def rss(items: Sequence[tuple[str, str]], *, site: str = "https://example.org", date: str = "") -> bytes:
    """An RSS 2.0 document of (slug, title) items, newest first as feeds have it."""
    date = date or format_datetime(NOON)
    body = "".join(
        f"<item><title>{escape(title)}</title><link>{site}/{slug}</link><guid>{site}/{slug}</guid><pubDate>{date}</pubDate></item>"
        for slug, title in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Test</title><link>{site}</link>{body}</channel></rss>'.encode()


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Site:
    """A site with one feed; `items` and `status` may change while it serves. Counts the requests."""

    items: list[tuple[str, str]]
    address: str = ""
    requests: int = 0
    status: int = 200

    @property
    def url(self) -> str:
        return f"http://{self.address}/feed.xml"


@contextmanager
def site(items: Sequence[tuple[str, str]]) -> Iterator[Site]:
    """Serve a feed of these items."""
    it = Site(list(items))

    class Handler(_Quiet):
        def do_GET(self) -> None:
            it.requests += 1
            body = rss(it.items)
            etag = f'"{hash(body)}"'
            if it.status != 200:
                self.answer(it.status)
            elif self.headers.get("If-None-Match") == etag:
                self.answer(304, headers={"ETag": etag})
            else:
                self.answer(200, body, {"Content-Type": "application/rss+xml", "ETag": etag})

    with _served(Handler) as it.address:
        yield it


@dataclass
class Hook:
    """A webhook that takes JSON; `status` may change while it serves. `taken` are the bodies it answered with 2xx."""

    address: str = ""
    status: int = 200
    delay_s: float = 0.0
    taken: list[dict[str, object]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def url(self) -> str:
        return f"json://{self.address}/hook"

    def titles(self) -> list[str]:
        return [str(body.get("title", "")) for body in self.taken]

    def count(self, text: str) -> int:
        """How many messages hold this text."""
        return sum(text in json.dumps(body, ensure_ascii=False) for body in self.taken)

    def told(self, headline: str) -> int:
        """How many messages tell of this headline; one may name another in its text, as what it may be related to."""
        return sum(headline in title for title in self.titles())


@contextmanager
def hook(*, status: int = 200) -> Iterator[Hook]:
    """Serve a webhook."""
    it = Hook(status=status)
    lock = threading.Lock()

    class Handler(_Quiet):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(it.delay_s)
            with lock:
                if it.status < 300:
                    it.taken.append(body)
                    it.ids.append(self.headers.get("Idempotency-Key", ""))
                else:
                    it.refused += 1
            self.answer(it.status)

    with _served(Handler) as it.address:
        yield it


@dataclass
class Running:
    """The command `alerts` as a process; what it prints is collected in files."""

    process: subprocess.Popen[bytes]
    folder: Path
    name: str

    @property
    def out(self) -> str:
        return (self.folder / f"{self.name}.out").read_text("utf-8")

    @property
    def talk(self) -> str:
        return (self.folder / f"{self.name}.err").read_text("utf-8")

    def kill(self) -> None:
        """As a machine would: no goodbye."""
        self.process.kill()
        self.process.wait()

    def stop(self, *, within_s: float = 30.0) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)


@contextmanager
def running(*arguments: str, folder: Path, name: str = "", environ: dict[str, str] | None = None) -> Iterator[Running]:
    """Run `alerts ARGUMENTS` in `folder` until the block ends."""
    name = name or "-".join(argument.strip("-") for argument in arguments)
    with (folder / f"{name}.out").open("ab") as out, (folder / f"{name}.err").open("ab") as err:
        process = subprocess.Popen(
            [*ALERTS, *arguments], cwd=folder, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=_environ(environ)
        )
        it = Running(process, folder, name)
        try:
            yield it
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def alerts(
    *arguments: str, folder: Path, stdin: bytes = b"", environ: dict[str, str] | None = None, within_s: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run `alerts ARGUMENTS` in `folder` to its end."""
    done = subprocess.run(
        [*ALERTS, *arguments], cwd=folder, input=stdin, capture_output=True, env=_environ(environ), timeout=within_s, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def _environ(more: dict[str, str] | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ALERTS_")}
    root = str(Path(__file__).parent.parent)
    return kept | {"PYTHONPATH": root, "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1,localhost"} | (more or {})
