"""TLS and passwords, against a real broker's listeners; and that no password appears anywhere."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.errors import LogError, LogUnavailable
from alerts.log.kafka import KafkaLog
from tests.kafka.broker import Broker, free_ports
from tests.kafka.helpers import TOPICS, all_keys, numbered, opened

pytestmark = pytest.mark.kafka
PASSWORD = "correct horse"
ENCODED = "correct%20horse"


class Secured:
    """A broker with a plain, a TLS and two SASL listeners."""

    def __init__(self, kind: type[Broker], folder: Path) -> None:
        self.ca = folder / "ca.pem"
        _certificate(folder, self.ca)
        plain, controller, tls, sasl = free_ports(4)
        self.tls, self.sasl = tls, sasl
        jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice"
        self.broker = kind(
            ports=(plain, controller),
            properties={
                "listeners": f"PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SSL://localhost:{tls},SASL_SSL://localhost:{sasl}",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL",
                "inter.broker.listener.name": "PLAINTEXT",
                "ssl.keystore.location": str(folder / "broker.p12"),
                "ssl.keystore.password": "changeit",
                "ssl.keystore.type": "PKCS12",
                "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
                "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{jaas}="{PASSWORD}";',
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
            },
        )


def _certificate(folder: Path, ca: Path) -> None:
    keytool = ["keytool", "-keystore", str(folder / "broker.p12"), "-storetype", "PKCS12", "-storepass", "changeit", "-alias", "broker"]
    subprocess.run(
        [*keytool, "-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost", "-ext", "BC:c"],
        check=True,
        capture_output=True,
    )
    subprocess.run([*keytool, "-exportcert", "-rfc", "-file", str(ca)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def secured(broker_of_its_own: type[Broker], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    secured = Secured(broker_of_its_own, tmp_path_factory.mktemp("tls"))
    with secured.broker:
        yield secured


def test_tls_with_our_own_authority(secured: Secured) -> None:
    with opened(f"kafka+ssl://localhost:{secured.tls}?ca={secured.ca}&prefix=tls-") as log:
        log.append(numbered(2))
        assert all_keys(log, "in") == ["k0", "k1"]


def test_a_certificate_that_nobody_vouches_for_is_one_clear_line(secured: Secured) -> None:
    with pytest.raises(LogUnavailable, match="certificate: self-signed certificate"):
        KafkaLog.open(f"kafka+ssl://localhost:{secured.tls}", topics=TOPICS, instance="one", patience_s=1.0)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_password_over_tls(secured: Secured, mechanism: str) -> None:
    _enrol(secured)
    with opened(f"kafka+ssl://alice:{ENCODED}@localhost:{secured.sasl}?ca={secured.ca}&sasl={mechanism}&prefix={mechanism}-") as log:
        log.append(numbered(2))
        assert all_keys(log, "in") == ["k0", "k1"]


def test_a_wrong_password_is_one_clear_line_and_shown_nowhere(secured: Secured, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("kafka", "alerts"):
        caplog.set_level(logging.DEBUG, logger)
    with pytest.raises(LogError) as refused:
        opened(f"kafka+ssl://alice:wrong%20mule@localhost:{secured.sasl}?ca={secured.ca}&sasl=PLAIN")
    assert str(refused.value) == f"kafka+ssl://localhost:{secured.sasl} refuses the login: SaslAuthenticationFailedError"
    assert "mule" not in caplog.text


def _enrol(secured: Secured) -> None:
    from kafka import KafkaAdminClient
    from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

    admin = KafkaAdminClient(bootstrap_servers=secured.broker.servers)
    admin.alter_user_scram_credentials([UserScramCredentialUpsertion("alice", ScramMechanism.SCRAM_SHA_512, PASSWORD)])
    admin.close()
