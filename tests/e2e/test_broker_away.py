"""The broker goes away while everything runs, and comes back: nothing is lost, nothing is told twice, and a line says why it is quiet."""

from __future__ import annotations

import pytest

from tests.e2e.places import furnish, strike
from tests.fakes import hook, running, site, until

pytestmark = pytest.mark.kafka


def test_an_outage_of_the_broker_is_a_line_and_a_pause(tmp_path, broker_of_its_own):
    with broker_of_its_own() as broker, site([strike(1)]) as wire, hook() as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url}, log=f"kafka://{broker.servers}?replication=1")
        with running("run", folder=tmp_path) as it:
            until(lambda: len(desk.taken) == 1, within_s=60)
            broker.kill()
            wire.items.insert(0, strike(2))
            until(lambda: "waiting for it" in it.talk, within_s=60, what="a line about the outage")
            broker.start()
            until(lambda: len(desk.taken) == 2, within_s=60)
            wire.items.insert(0, strike(3))
            until(lambda: len(desk.taken) == 3, within_s=60)
            assert it.stop() == 0
        assert len(set(desk.ids)) == 3
        assert 1 <= it.talk.count("waiting for it") <= 8  # one a stage, and one of the log
        assert "Traceback" not in it.talk
