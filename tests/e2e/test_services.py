"""The services of docker-compose as processes: one poller, two matchers, two notifiers on one log, some of them killed."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.e2e.places import furnish, quiet, strike
from tests.fakes import Running, alerts, hook, running, site, until

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text("utf-8"))
SERVICES = {
    name: (service["command"], service["environment"]["ALERTS_INSTANCE"])
    for name, service in COMPOSE["services"].items()
    if "command" in service and service.get("scale") != 0
}
"""The services that docker-compose starts: name, command, and the name that each has as a member."""


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def log_url(request) -> str:
    if request.param == "sqlite":
        return "sqlite:var/alerts.db"
    servers = request.getfixturevalue("kafka_servers")
    return f"kafka://{servers}?prefix=e2e-{uuid.uuid4().hex[:8]}-"


def start(stack: ExitStack, folder: Path, name: str) -> Running:
    command, instance = SERVICES[name]
    environ = {"ALERTS_INSTANCE": instance, "ALERTS_HEARTBEAT": str(folder / f"{name}.alive")}
    return stack.enter_context(running(*command, folder=folder, name=name, environ=environ))


def test_docker_compose_starts_one_poller_two_matchers_and_two_notifiers():
    assert sorted(command for command, _ in SERVICES.values()) == [["matcher"], ["matcher"], ["notifier"], ["notifier"], ["poller"]]


def test_a_matcher_and_a_notifier_killed_in_the_middle_lose_nothing(tmp_path, log_url):
    items = [strike(number) for number in range(150)]
    noise = [quiet(number) for number in range(50)]
    with site(items[:50] + noise) as wire, hook() as desk, hook() as field, ExitStack() as stack:
        desk.delay_s = field.delay_s = 0.03
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url, "field": field.url}, log=log_url)
        services = {name: start(stack, tmp_path, name) for name in SERVICES}
        until(lambda: len(desk.taken) >= 10, within_s=60, what=talk(services))
        wire.items = items[:100] + noise
        services["matcher-1"].kill()
        services["notifier-1"].kill()
        until(lambda: len(desk.taken) >= 60, within_s=60, what=talk(services))
        services["matcher-1"] = start(stack, tmp_path, "matcher-1")
        services["notifier-1"] = start(stack, tmp_path, "notifier-1")
        wire.items = items + noise
        until(lambda: len(set(desk.ids)) == len(set(field.ids)) == len(items), within_s=90, what=talk(services))
        until(lambda: all((tmp_path / f"{name}.alive").exists() for name in services), what="every heartbeat")
        for name in services:
            assert services[name].stop() == 0, services[name].talk
        for inbox in (desk, field):
            counts = [inbox.told(title) for _, title in items]
            assert min(counts) >= 1
            assert len(inbox.taken) - len(items) <= 1  # the one that was on the wire when its notifier was killed
    status = alerts("status", folder=tmp_path)
    assert status.returncode == 0, status.stdout + status.stderr


def test_what_a_killed_notifier_held_is_listed_by_the_other_when_the_silence_is_ended(tmp_path, log_url):
    with site([strike(number) for number in range(5)]) as wire, hook() as desk, ExitStack() as stack:
        channels = {"desk": desk.url, "ops": "console:"}
        furnish(tmp_path, feeds=[wire.url], channels=channels, ops=["ops"], routes=[{"to": "desk"}], log=log_url)
        made = alerts("silence", "add", "--everything", "--for", "2h", "--comment", "drill", folder=tmp_path)
        assert made.returncode == 0, made.stderr
        services = {name: start(stack, tmp_path, name) for name in ("poller", "matcher-1", "notifier-1")}
        until(lambda: held(tmp_path) == 5, within_s=60, what="five alerts held")
        services["notifier-1"].kill()
        services["notifier-2"] = start(stack, tmp_path, "notifier-2")
        ended = alerts("silence", "expire", made.stdout.split()[0], folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        until(lambda: desk.taken, within_s=60, what="the list")
        assert (len(desk.taken), desk.told("5 alerts: held by a silence")) == (1, 1)
        assert [desk.count(title) for _, title in (strike(number) for number in range(5))] == [1] * 5
        assert held(tmp_path) == 0


def held(folder: Path) -> int:
    """How many alerts wait, as `status` tells it."""
    return json.loads(alerts("status", "--json", folder=folder).stdout.splitlines()[0])["held"]


def talk(services: dict[str, Running]) -> str:
    return "\n".join(f"== {name}\n{service.talk[-600:]}" for name, service in services.items())
