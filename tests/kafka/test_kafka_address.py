"""The address of the Kafka log: what it may say, and that a mistake is one line without a secret."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest

from alerts.errors import LogError
from alerts.log._kafka_address import Address, address_of


def test_hosts_and_options_are_read() -> None:
    address = address_of("kafka://a.example:9092,b.example,[::1]:9094?replication=2&prefix=alerts-&partitions=16")
    assert address.servers == ["a.example:9092", "b.example:9092", "[::1]:9094"]
    assert (address.replication, address.prefix, address.partitions, address.tls) == (2, "alerts-", 16, None)
    assert address.settings()["security_protocol"] == "PLAINTEXT"


def test_without_options_the_defaults_stand() -> None:
    assert address_of("kafka://localhost:9092") == Address(hosts=(("localhost", 9092),))


def test_user_and_password_are_decoded_and_log_in_by_scram_over_tls() -> None:
    address = address_of("kafka+ssl://us%40er:p%2Fa%3Ass@host:9093")
    settings = address.settings()
    assert (settings["sasl_plain_username"], settings["sasl_plain_password"]) == ("us@er", "p/a:ss")
    assert (settings["security_protocol"], settings["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert isinstance(settings["ssl_context"], ssl.SSLContext)


@pytest.mark.parametrize("secret", ["hunter2", "hunter?xyzzy", "hunter/xyzzy", "hunter#xyzzy", "hunter@xyzzy", "hunter&xyzzy=z"])
@pytest.mark.parametrize(
    "rest", ["@host:9093?replication=zero", "@host:9093?nonsense=1", "@ho st", "@host:99999", "@host:9093?sasl=GSSAPI", "@[::1", "@host/x"]
)
def test_no_mistake_shows_the_password(secret: str, rest: str) -> None:
    with pytest.raises(LogError) as refused:
        address_of(f"kafka+ssl://user:{secret}{rest}")
    assert "\n" not in str(refused.value)
    assert not any(part in str(refused.value) for part in (secret, "user:", "hunter", "xyzzy"))


def test_the_address_shows_itself_without_user_password_and_options() -> None:
    address = address_of("kafka+ssl://user:hunter2@host:9093?prefix=alerts-")
    assert str(address) == "kafka+ssl://host:9093"
    assert "hunter2" not in repr(address)
    assert "user" not in repr(address)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("kafka://host?replicas=3", '"replicas"; there are replication, partitions, prefix, sasl, ca, cert, key'),
        ("kafka://host?replication=0", "replication of the Kafka log is a number from 1"),
        ("kafka://host?partitions=many", "partitions of the Kafka log is a number from 1"),
        ("kafka://host?prefix=a/b", "prefix of the Kafka log is made of"),
        ("kafka://host?prefix=a&prefix=b", "prefix of the Kafka log is given twice"),
        ("kafka://host?ca=ca.pem", "kafka+ssl://"),
        ("kafka://host?sasl=PLAIN", "needs a user and a password"),
        ("kafka+ssl://user@host", "a user and a password"),
        ("kafka+ssl://user:password@host?sasl=OAUTHBEARER", "SCRAM-SHA-512, SCRAM-SHA-256, PLAIN"),
        ("kafka+ssl://host?key=key.pem", "needs the option cert"),
        ("kafka://", "a host that is none"),
        ("kafka://host:0", "a host that is none"),
        ("kafka://host,,other", "a host that is none"),
        ("kafka://host/path", "only options"),
    ],
)
def test_a_mistake_is_named(url: str, says: str) -> None:
    with pytest.raises(LogError) as refused:
        address_of(url)
    assert says in str(refused.value)


@pytest.mark.parametrize("option", ["ca", "cert"])
def test_a_file_that_holds_no_certificate_is_named(option: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in (tmp_path / "empty.pem", tmp_path / "missing.pem"):
        with pytest.raises(LogError, match=file.name):
            address_of(f"kafka+ssl://host?{option}={file}")


def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=re.escape(str(tmp_path / "tls" / "ca.pem"))):
        address_of("kafka+ssl://host?ca=tls/ca.pem", base=tmp_path)
