"""A real Apache Kafka broker for the tests: found, or started and stopped.

    servers = bootstrap_servers()        # "host:port"; started at most once a test session
    with Broker() as broker:             # one of its own, to kill and restart
        broker.kill(); broker.start()    # the same data, the same port
    with Cluster(3) as cluster: ...      # three of them, replicating

`bootstrap_servers` takes the broker in `ALERTS_TEST_KAFKA=host:port`, else a container where `docker info` succeeds, else Java 17 and
Maven; without any it raises `BrokerMissing` with the reason. A broker that was started here dies with the process that started it,
even by `kill -9`. `python -m tests.kafka.broker` runs one until it is interrupted, and prints its address.

What it deliberately does not do: it installs nothing, and touches no broker that it did not start.
"""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
JARS = HERE / "lib"
IMAGE = "apache/kafka:4.1.0"
START_S = 90.0
STOP_S = 20.0
FETCH_S = 600.0


class BrokerMissing(RuntimeError):
    """No broker can be had on this machine; `str()` says why."""


@cache
def bootstrap_servers() -> str:
    """The address of the session's broker."""
    given = os.environ.get("ALERTS_TEST_KAFKA", "")
    if given:
        return given
    if _runs("docker", "info"):
        return _container()
    broker = Broker().start()
    atexit.register(broker.close)
    return broker.servers


class Broker:
    """One broker process in KRaft mode, on loopback. `properties` override and extend its configuration."""

    def __init__(
        self,
        *,
        properties: Mapping[str, str] | None = None,
        node: int = 1,
        ports: tuple[int, int] | None = None,
        voters: str = "",
        cluster: str = "",
        heap: str = "512m",
    ) -> None:
        self._class_path = f"{jars()}/*"
        self._heap = heap
        self._cluster = cluster or _cluster_id()
        self._folder = Path(tempfile.mkdtemp(prefix="alerts-kafka-"))
        self.data = self._folder / "data"
        self.log = self._folder / "broker.log"
        self.port, controller = ports or free_ports(2)
        self.servers = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._file = self._folder / "server.properties"
        settings = _settings(node=node, port=self.port, controller=controller, voters=voters, data=self.data) | dict(properties or {})
        self._file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()), "utf-8")

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        if self._process is None:
            raise RuntimeError("the broker is not running")
        return self._process.pid

    def start(self, *, wait: bool = True) -> Self:
        """Start on the data that is there, formatted at the first start; returns when clients are answered."""
        if not (self.data / "meta.properties").exists():
            self._format()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # lives until stop() or kill()
                [*_java(self._class_path, self._heap), "kafka.Kafka", str(self._file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        self._guard = _after_us(f"kill -9 {self._process.pid}")
        return self.wait() if wait else self

    def wait(self) -> Self:
        """Return when the broker answers; raise with the end of its log when it does not in time."""
        deadline = time.monotonic() + START_S
        while not self._answers():
            dead = self._process is None or self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                said = self.log.read_text("utf-8", "replace")[-3000:]
                self.kill()
                raise RuntimeError(f"the Kafka broker {'died' if dead else 'did not answer'}; the end of its log:\n{said}")
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        # The listener opens before the broker is unfenced: only the last line of the start says that it serves.
        return b"Kafka Server started" in self.log.read_bytes() and accepts(self.port)

    def stop(self) -> None:
        """Shut down in order."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Have it accept connections, and be silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """The end of `freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End without warning."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
        self.log.write_bytes(b"")

    def close(self) -> None:
        """Kill, and remove the data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _format(self) -> None:
        command = [*_java(self._class_path, "128m"), "kafka.tools.StorageTool", "format", "-t", self._cluster, "-c", str(self._file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False, cwd=self._folder)
        if done.returncode:
            raise RuntimeError(f"the Kafka broker's storage could not be formatted:\n{done.stdout}{done.stderr}")


class Cluster:
    """Several brokers that replicate; each is broker and controller."""

    def __init__(self, size: int) -> None:
        cluster, ports = _cluster_id(), free_ports(2 * size)
        pairs = [(ports[2 * n], ports[2 * n + 1]) for n in range(size)]
        voters = ",".join(f"{n}@127.0.0.1:{controller}" for n, (_, controller) in enumerate(pairs, 1))
        replicated = {
            "offsets.topic.replication.factor": str(size),
            "transaction.state.log.replication.factor": str(size),
            "transaction.state.log.min.isr": str(size - 1),
            "broker.session.timeout.ms": "4000",
        }
        self.brokers = [
            Broker(node=n, ports=pair, voters=voters, cluster=cluster, heap="300m", properties=replicated)
            for n, pair in enumerate(pairs, 1)
        ]
        self.servers = ",".join(broker.servers for broker in self.brokers)

    def __enter__(self) -> Self:
        try:
            for broker in self.brokers:
                broker.start(wait=False)
            for broker in self.brokers:
                broker.wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Kill all, and remove their data."""
        for broker in self.brokers:
            broker.close()


def accepts(port: int) -> bool:
    """Whether something listens at this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that are free now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return tuple(probe.getsockname()[1] for probe in probes)
    finally:
        for probe in probes:
            probe.close()


@cache
def jars() -> Path:
    """The folder of the broker's jars, fetched by Maven at the first use."""
    if not _runs("java", "-version"):
        raise BrokerMissing("no Kafka broker: ALERTS_TEST_KAFKA is not set, Docker does not answer, and there is no Java")
    if JARS.is_dir():
        return JARS
    if shutil.which("mvn") is None:
        raise BrokerMissing("no Kafka broker: ALERTS_TEST_KAFKA is not set, Docker does not answer, and there is no Maven")
    with tempfile.TemporaryDirectory(dir=HERE, prefix="lib-") as folder:
        fetched = Path(folder) / "lib"
        _fetch(fetched)
        if not JARS.is_dir():  # another session may have been quicker
            fetched.rename(JARS)
    return JARS


def _fetch(folder: Path) -> None:
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S, check=False)
    if done.returncode:
        raise BrokerMissing(f"no Kafka broker: Maven could not fetch it: {done.stdout.strip()[-500:]}")


def _settings(*, node: int, port: int, controller: int, voters: str, data: Path) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": str(node),
        "controller.quorum.voters": voters or f"{node}@127.0.0.1:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # A broker that comes back waits until its former self is forgotten; with the default of 9 s a restart takes 12.
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "500",
        "controlled.shutdown.enable": "false",
        "log.cleaner.dedupe.buffer.size": "4194304",
    }


def _java(class_path: str, heap: str) -> list[str]:
    # One garbage collector thread and no tiered recompilation: a test broker starts sooner and leaves the cores to the tests.
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", class_path]


def _container() -> str:
    (port,) = free_ports(1)
    name = f"alerts-kafka-{uuid.uuid4().hex[:12]}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": "1@localhost:9093",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
    }
    inherited = _settings(node=1, port=0, controller=0, voters="", data=Path("/tmp/kafka"))  # the image's user can write there
    environment = [f"KAFKA_{key.upper().replace('.', '_')}={value}" for key, value in (inherited | settings).items()]
    options = [part for variable in environment for part in ("-e", variable)]
    command = ["docker", "run", "--rm", "--detach", "--name", name, "--publish", f"127.0.0.1:{port}:9092", *options, IMAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S, check=False)
    if done.returncode:
        raise BrokerMissing(f"no Kafka broker: Docker could not run {IMAGE}: {done.stderr.strip()[-500:]}")
    guard = _after_us(f"docker rm --force {name} >/dev/null 2>&1")
    atexit.register(guard.communicate)
    deadline = time.monotonic() + START_S
    while "Kafka Server started" not in _output("docker", "logs", name):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the Kafka container did not answer; the end of its log:\n{_output('docker', 'logs', name)[-3000:]}")
        time.sleep(0.5)
    return f"127.0.0.1:{port}"


def _after_us(command: str) -> subprocess.Popen[bytes]:
    """A shell that runs `command` when this process has ended, in whichever way: it waits at a pipe that only we hold open."""
    return subprocess.Popen(["/bin/sh", "-c", f"cat >/dev/null; {command}"], stdin=subprocess.PIPE, start_new_session=True)


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A", 1)


def _runs(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def main() -> None:
    """Run a broker until interrupted."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with Broker() as broker:
        print(broker.servers, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
