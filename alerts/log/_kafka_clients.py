"""The clients of kafka-python, made safe: every one that the log uses is made here, and every error of theirs is translated here.

What it deliberately does not do: no client is shared by two threads that consume; no call here waits without a bound.
"""

from __future__ import annotations

import logging
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import kafka
import kafka.errors
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from ..errors import Fenced, LogError, LogUnavailable, RecordTooLarge
from ._kafka_address import Address

__all__ = ["Clients", "Seldom", "log", "translated"]

log: Final = logging.getLogger("alerts.log")
T = TypeVar("T")

CONNECT_S = 5.0
"""How long a new client may take to find the cluster, before the next attempt."""
RETRY_S = 0.5
CALL_S = 15.0
"""How long a question to a cluster that is being changed or away is repeated."""
WARN_EVERY_S = 60.0
TRANSACTION_S: Final = 15.0
"""When the cluster aborts a transaction whose process went silent; so long it may hide later records."""

COMMON: Final[dict[str, Any]] = {
    "retry_backoff_ms": 20,
    "reconnect_backoff_max_ms": 1000,  # with the default of 30,000 a client came back up to 33 s after its broker
    "metadata_max_age_ms": 30_000,
    "proxy_url": "direct://",  # no proxy, but the class below
}

FENCED = (
    kafka.errors.CommitFailedError,
    kafka.errors.ProducerFencedError,
    kafka.errors.InvalidProducerEpochError,
    kafka.errors.IllegalGenerationError,
    kafka.errors.UnknownMemberIdError,
    kafka.errors.FencedInstanceIdError,
    kafka.errors.RebalanceInProgressError,
)
TOO_LARGE = (kafka.errors.MessageSizeTooLargeError, kafka.errors.RecordListTooLargeError)
REFUSED = (
    kafka.errors.AuthorizationError,
    kafka.errors.SaslAuthenticationFailedError,
    kafka.errors.UnsupportedSaslMechanismError,
    kafka.errors.IllegalSaslStateError,
)

TELLTALES = ("kafka.admin.client", "kafka.net.connection", "kafka.protocol.parser")
"""Loggers of kafka-python 3.0.12 that write user and password at level DEBUG."""


def _quiet() -> None:
    # During an outage kafka-python logs several lines a second; what matters of them is said here, once a minute.
    library = logging.getLogger("kafka")
    if library.level == logging.NOTSET:
        library.setLevel(logging.CRITICAL)
    for name in TELLTALES:
        logging.getLogger(name).setLevel(logging.CRITICAL)


_quiet()


class _Manager(KafkaConnectionManager):  # type: ignore[misc]  # kafka-python is untyped
    """Ends the search for a cluster that refuses the login; the library's own only logs it, and knocks on until the time is over."""

    def __init__(self, net: Any, **options: object) -> None:
        super().__init__(net, **options)
        self._refusal: Exception | None = None

    def get_connection(self, node_id: Any, **options: Any) -> Any:
        if self.bootstrapped:
            return super().get_connection(node_id, **options)
        if self._refusal is not None:
            raise self._refusal
        connection = super().get_connection(node_id, **options)
        connection.init_future.add_errback(self._note)
        return connection

    def _note(self, error: Exception) -> None:
        if isinstance(error, REFUSED):
            self._refusal = error


class _Client(KafkaNetClient):  # type: ignore[misc]  # kafka-python is untyped
    """The network client, with a cure for kafka-python 3.0.12.

    `Sender._maybe_send_pending_request` takes a request off the queue and drops it when `await_ready` raises, though it handles False;
    without the cure a transaction that a broker's restart interrupts waits for ever.
    """

    def __init__(self, **options: object) -> None:
        net = NetworkSelector(**options)
        super().__init__(net=net, manager=_Manager(net, **options), **options)

    def await_ready(self, node_id: int, timeout_ms: float = 30_000) -> bool:
        try:
            return bool(super().await_ready(node_id, timeout_ms=timeout_ms))
        except kafka.errors.KafkaError:
            return False

    def close(self, node_id: int | None = None) -> None:
        """Also closes what was about to send something; the library cancels that and leaves the socket to the garbage collector."""
        transports = [connection.transport for connection in list(self._manager._conns.values()) if node_id is None]
        sockets = [transport._sock for transport in transports if transport and transport._sock]
        super().close(node_id)
        for each in sockets:
            each.close()


class _Socket(KafkaNetSocket):  # type: ignore[misc]  # kafka-python is untyped
    """Connects as the library's own does, and closes what could not be connected, which that leaves to the garbage collector."""

    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: Any, sockaddr: Any, timeout_at: float | None = None) -> Any:
        try:
            return await super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise


class Seldom:
    """Warnings that repeat, at most one a minute."""

    def __init__(self) -> None:
        self._next = -math.inf
        self._lock = threading.Lock()

    def warn(self, event: str, **facts: object) -> None:
        """Log `event`, unless a warning was logged less than a minute ago."""
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                return
            self._next = now + WARN_EVERY_S
        log.warning(event, extra=facts)


class Clients:
    """Makes clients for one cluster."""

    def __init__(self, address: Address, *, instance: str, connect_s: float = CONNECT_S, transaction_s: float = TRANSACTION_S) -> None:
        self.address = address
        self._connect_ms = int(connect_s * 1000)
        self._transaction_ms = int(transaction_s * 1000)
        self._settings = COMMON | address.settings() | {"client_id": instance}
        self._seldom = Seldom()

    def admin(self) -> Any:
        """A client for topics, groups and offsets; any thread may use it."""
        client, _ = self._make(kafka.KafkaAdminClient)
        return client

    def consumer(self, **settings: object) -> tuple[Any, Any]:
        """A consumer and its network client. Only one thread may use the consumer."""
        return self._make(
            kafka.KafkaConsumer,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **settings,
        )

    def producer(self, transactional_id: str) -> tuple[Any, Any]:
        """A transactional producer, not yet initialised, and its network client."""
        return self._make(
            kafka.KafkaProducer,
            transactional_id=transactional_id,
            transaction_timeout_ms=self._transaction_ms,
            compression_type="zstd",
            linger_ms=0,
            # Slept while the transaction before is still being finished: commits in a row took 41 ms each with 20, 9 with 5.
            retry_backoff_ms=5,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            max_block_ms=int(CALL_S * 1000),
        )

    def _make(self, kind: Callable[..., Any], **settings: object) -> tuple[Any, Any]:
        made: list[_Client] = []

        def network(**options: object) -> _Client:
            made.append(_Client(**options))
            return made[0]

        options = self._settings | settings | {"kafka_client": network, "bootstrap_timeout_ms": self._connect_ms}
        try:
            return kind(**options), made[0]
        except kafka.errors.KafkaError as error:
            # A constructor that fails leaves its connection and its thread behind.
            for client in made:
                with suppress(kafka.errors.KafkaError, RuntimeError):
                    client.close()
            if isinstance(error, REFUSED):
                raise LogError(f"{self.address} refuses the login: {type(error).__name__}") from error
            raise LogUnavailable(f"{self.address} does not answer: {self.reason()}") from error

    def patiently(self, make: Callable[[], T], *, patience_s: float) -> T:
        """What `make` returns, tried again while the cluster does not answer, for `patience_s` at most."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return make()
            except LogUnavailable as error:
                if time.monotonic() + RETRY_S >= deadline:
                    raise
                self.away(str(error))
            time.sleep(RETRY_S)

    def away(self, why: str) -> None:
        """Warn, at most once a minute, that the cluster does not answer."""
        self._seldom.warn("log unavailable, waiting for it", log=str(self.address), reason=why)

    def reason(self) -> str:
        """Why the cluster does not answer, as far as a connection tells."""
        reasons = [self._why(host, port) for host, port in self.address.hosts]
        return next((reason for reason in reasons if reason), "it accepts connections, and is silent")

    def refused(self) -> str:
        """Why no host of the address can be connected to; "" when one can."""
        reasons = [self._why(host, port) for host, port in self.address.hosts]
        return reasons[0] if all(reasons) else ""

    def _why(self, host: str, port: int) -> str:
        try:
            with socket.create_connection((host, port), timeout=CONNECT_S) as plain:
                if self.address.tls is not None:
                    self.address.tls.wrap_socket(plain, server_hostname=host).close()
        except ssl.SSLCertVerificationError as error:
            return f"certificate: {error.verify_message}"
        except OSError as error:
            return (error.strerror or str(error) or type(error).__name__).lower()
        return ""

    def ask(self, question: Callable[[], T]) -> T:
        """The answer to an idempotent `question`, asked again for a while when the cluster is changing or away."""
        deadline = time.monotonic() + CALL_S
        while True:
            try:
                with translated(self.address):
                    return question()
            except LogUnavailable:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(RETRY_S)


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn what kafka-python raises into errors of the log."""
    try:
        yield
    except LogError:
        raise
    except FENCED as error:
        raise Fenced(f"{address}: this member no longer owns what it commits for: nothing was committed") from error
    except TOO_LARGE as error:
        raise RecordTooLarge(f"{address} takes no record that large: nothing was committed") from error
    except REFUSED as error:
        raise LogError(f"{address} refuses: {type(error).__name__}") from error
    except kafka.errors.KafkaError as error:
        raise LogUnavailable(f"{address} could not do it now: {type(error).__name__}") from error
