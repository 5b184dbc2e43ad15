"""The address of a Kafka cluster, as people write it, checked.

What it deliberately does not do: it never shows a user, a password or an option in a message or a `repr`; it connects to nothing.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from ..errors import LogError

__all__ = ["Address", "address_of"]

PORT = 9092
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
OPTIONS = ("replication", "partitions", "prefix", "sasl", "ca", "cert", "key")
TLS_OPTIONS = ("ca", "cert", "key")
# What a topic's name may hold: org.apache.kafka.common.internals.Topic.
PREFIX = re.compile(r"[A-Za-z0-9._-]{0,100}")
HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?")
REPLICATION_MAX = 32767
PARTITIONS_MAX = 10_000


class _Socket(ssl.SSLSocket):
    """Closes itself when the other side cannot be trusted; kafka-python leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            self.close()
            raise


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster is, how to log in, and how topics are made there."""

    hosts: tuple[tuple[str, int], ...]
    replication: int | None = None
    partitions: int | None = None
    prefix: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    mechanism: str = MECHANISMS[0]
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{'kafka+ssl' if self.tls else 'kafka'}://{','.join(self.servers)}"

    @property
    def servers(self) -> list[str]:
        """Each host as `host:port`."""
        return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts]

    def settings(self) -> dict[str, object]:
        """What every client is told in order to connect."""
        connection: dict[str, object] = {"bootstrap_servers": self.servers, "ssl_context": self.tls}
        protocol = "SSL" if self.tls else "PLAINTEXT"
        if not self.user:
            return connection | {"security_protocol": protocol}
        return connection | {
            "security_protocol": f"SASL_{protocol}",
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }


def address_of(url: str, *, base: Path | None = None) -> Address:
    """`url`, checked; raises `LogError`, one line that names the mistake and no secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise LogError("the address of the Kafka log is no URL; use kafka://HOST:PORT,HOST:PORT") from None
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    options = _options(parts.query, base=base)
    secure = parts.scheme == "kafka+ssl"
    _refuse_nonsense(options, path=parts.path, fragment=parts.fragment, secure=secure, user=bool(user), password=bool(password))
    return Address(
        hosts=tuple(_host(text) for text in hosts.split(",")),
        replication=_number(options, "replication", REPLICATION_MAX),
        partitions=_number(options, "partitions", PARTITIONS_MAX),
        prefix=_prefix(options),
        user=unquote(user),
        password=unquote(password),
        mechanism=_mechanism(options),
        tls=_tls(options) if secure else None,
    )


def _options(query: str, *, base: Path | None) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in OPTIONS:
            raise LogError(f"the Kafka log has no option {_shown(name)}; there are {', '.join(OPTIONS)}")
        if name in options:
            raise LogError(f"the option {name} of the Kafka log is given twice")
        options[name] = str(base / value) if base and value and name in TLS_OPTIONS else value
    return options


def _shown(name: str) -> str:
    # A password with an unescaped "?" or "&" would end up here: only what looks like the name of an option is repeated.
    return f'"{name}"' if re.fullmatch(r"[a-z_.-]{1,40}", name) else "of that name"


def _refuse_nonsense(options: dict[str, str], *, path: str, fragment: str, secure: bool, user: bool, password: bool) -> None:
    if path.strip("/") or fragment:
        raise LogError('behind the hosts of the Kafka log stand only options: "?prefix=..."; percent-encode /, ?, # and @ in a password')
    if not secure and (given := [name for name in TLS_OPTIONS if name in options]):
        raise LogError(f"the option {given[0]} of the Kafka log needs TLS: kafka+ssl://")
    if user != password:
        raise LogError("the Kafka log needs both, a user and a password: kafka+ssl://USER:PASSWORD@HOST:PORT")
    if "sasl" in options and not user:
        raise LogError("the option sasl of the Kafka log needs a user and a password: kafka+ssl://USER:PASSWORD@HOST:PORT")


def _host(text: str) -> tuple[str, int]:
    match = HOST.fullmatch(text)
    port = int(match["port"] or PORT) if match else 0
    if match is None or not 0 < port < 65536:
        raise LogError("the address of the Kafka log has a host that is none; use kafka://HOST:PORT,HOST:PORT")
    return match["host"].strip("[]"), port


def _number(options: dict[str, str], name: str, highest: int) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) <= highest):
        raise LogError(f"the option {name} of the Kafka log is a number from 1 to {highest}")
    return int(text)


def _prefix(options: dict[str, str]) -> str:
    prefix = options.get("prefix", "")
    if not PREFIX.fullmatch(prefix):
        raise LogError("the option prefix of the Kafka log is made of at most 100 letters, digits, dots, hyphens and underscores")
    return prefix


def _mechanism(options: dict[str, str]) -> str:
    mechanism = options.get("sasl", MECHANISMS[0])
    if mechanism not in MECHANISMS:
        raise LogError(f"the option sasl of the Kafka log is one of {', '.join(MECHANISMS)}")
    return mechanism


def _tls(options: dict[str, str]) -> ssl.SSLContext:
    if "key" in options and "cert" not in options:
        raise LogError("the option key of the Kafka log needs the option cert")
    try:
        context = ssl.create_default_context(cafile=options.get("ca"))
    except (OSError, ValueError) as error:
        raise LogError(f"the option ca of the Kafka log: {options['ca']} holds no certificates that can be read") from error
    context.sslsocket_class = _Socket
    if "cert" in options:
        try:
            # An encrypted key would ask at the terminal: an empty password makes it an error instead.
            context.load_cert_chain(options["cert"], options.get("key"), password="")
        except (OSError, ValueError) as error:
            raise LogError(
                f"the options cert and key of the Kafka log: {options['cert']} holds no certificate with its unencrypted key"
            ) from error
    return context
