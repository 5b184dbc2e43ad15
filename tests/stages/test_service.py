"""Stages as a service: once through, and a stage that fails."""

from __future__ import annotations

from dataclasses import replace

from alerts.channels import Sent
from alerts.records import Outcome
from alerts.stages import Live, Service, once
from alerts.stages.setup import set_up
from tests.e2e.places import furnish, strike
from tests.fakes import rss, until
from tests.stages.conftest import Inbox


class _Deaf(Inbox):
    """A destination that never takes anything."""

    def send(self, message, *, delivery):
        self.attempts += 1
        return Sent(Outcome.LATER, reason="503")


def test_once_says_what_a_dead_destination_has_not_taken_and_the_next_run_delivers_it(tmp_path, log, setup, desk):
    (tmp_path / "feed.xml").write_bytes(rss([strike(1), strike(2)]))
    furnish(tmp_path, feeds=["file:feed.xml"], channels={"desk": "console:"})
    config = set_up(tmp_path / "alerts.yaml", environ={}).config
    deaf = replace(setup, config=config, destinations={"desk": _Deaf("desk"), "ops": setup.destinations["ops"]})
    assert once(Service(log, Live(deaf, lambda: deaf), poll_once=True), patience_s=0.3) == {"desk": 2}
    well = replace(deaf, destinations=setup.destinations)
    assert once(Service(log, Live(well, lambda: well), poll_once=True), patience_s=30) == {}
    assert len(desk.messages) == 2


def test_a_stage_that_fails_ends_the_service_and_says_which(log, setup, caplog):
    class Broken:
        def __getattr__(self, name):
            return getattr(log, name)

        def reader(self, topic, **options):
            if topic == "matches":
                raise OSError("no such thing")
            return log.reader(topic, **options)

    with Service(Broken(), Live(setup, lambda: setup), stages=("matcher", "notifier")) as service:
        until(lambda: service.stop)
    assert service.failed == "stories: OSError: no such thing"
    assert not service.healthy()


def test_the_heartbeat_is_touched_while_every_stage_is_well(log, setup, tmp_path):
    alive = tmp_path / "alive"
    with Service(log, Live(setup, lambda: setup), stages=("matcher",), heartbeat=alive) as service:
        until(alive.exists)
        first = alive.stat().st_mtime_ns
        until(lambda: alive.stat().st_mtime_ns > first)
        assert service.healthy()
