"""One event in twenty feeds, and the notifier that decides about it is killed in the middle: one alert all the same."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from alerts.log import Log, open_log, topics
from alerts.records import Alert, Decision, Delivery, decode
from tests.e2e.places import furnish
from tests.fakes import Running, hook, rss, running, until

TITLE = "Cruise missile hits crowded market in Raqqa, nine people killed"
HEADLINES = (
    TITLE,
    f"UPDATE 1-{TITLE}",
    f"{TITLE} - Wire Service",
    "Nine people killed as cruise missile hits crowded market in Raqqa",
    "Raqqa: crowded market hit by cruise missile, nine people killed",
)
FEEDS = 20
AT_ONCE = 8
"""So many feeds have it when the notifier dies; the others follow while nobody decides."""


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def log_url(request) -> str:
    if request.param == "sqlite":
        return "sqlite:var/alerts.db"
    servers = request.getfixturevalue("kafka_servers")
    return f"kafka://{servers}?prefix=burst-{uuid.uuid4().hex[:8]}-"


def publish(folder: Path, feeds: range, *, titles: tuple[str, ...] = ()) -> None:
    """Let each of these feeds carry one of the titles, or nothing that matters."""
    for number in feeds:
        items = [(f"strike-{number}", titles[number % len(titles)])] if titles else []
        new = folder / f"feed{number}.new"
        new.write_bytes(rss([*items, (f"quiet-{number}", "Museum reopens")], site=f"https://paper{number}.example"))
        new.replace(folder / f"feed{number}.xml")


@contextmanager
def services(folder: Path) -> Iterator[dict[str, Running]]:
    """A poller, a matcher and two notifiers."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(running(name.partition("-")[0], folder=folder, name=name, environ={"ALERTS_INSTANCE": name}))
            for name in ("poller", "matcher", "notifier-1", "notifier-2")
        }


def alerts_on(log: Log) -> list[Alert]:
    return [decode(record.value, Alert) for record in log.read("alerts", 0)]


def deliveries_on(log: Log) -> list[Delivery]:
    return [
        decode(record.value, Delivery) for partition in range(log.partitions("deliveries")) for record in log.read("deliveries", partition)
    ]


@pytest.mark.parametrize("moment", ["as it decides", "as the first message is taken"])
def test_the_notifier_killed_in_a_burst_of_one_event_alerts_once(tmp_path, log_url, moment):
    with ExitStack() as stack:
        desk = stack.enter_context(hook())
        desk.delay_s = 0.3  # so that a message is on the wire when its sender dies
        feeds = [{"url": f"file:feed{number}.xml", "name": f"Paper {number}"} for number in range(FEEDS)]
        furnish(tmp_path, feeds=feeds, channels={"desk": desk.url}, log=log_url)
        publish(tmp_path, range(FEEDS))
        running_services = stack.enter_context(services(tmp_path))
        publish(tmp_path, range(AT_ONCE), titles=HEADLINES)
        notifiers = [running_services["notifier-1"], running_services["notifier-2"]]
        until(lambda: any("decided" in one.talk for one in notifiers), within_s=90, what="a decision")
        if moment == "as the first message is taken":
            until(lambda: desk.taken, what="a message")
        active = next(one for one in notifiers if "decided" in one.talk)
        active.kill()
        publish(tmp_path, range(AT_ONCE, FEEDS), titles=HEADLINES)

        log = stack.enter_context(open_log(log_url, topics=topics(), instance="test", base=tmp_path))
        until(lambda: len({alert.feed for alert in alerts_on(log)}) == FEEDS, within_s=90, what="every feed's report decided")
        until(lambda: {one.id for one in deliveries_on(log)} <= set(desk.ids), within_s=60, what="every message delivered")

        decided, sent = alerts_on(log), deliveries_on(log)
        assert Counter(alert.feed for alert in decided) == {f"Paper {number}": 1 for number in range(FEEDS)}
        assert len({alert.story for alert in decided}) == 1, [(alert.title, alert.joined) for alert in decided]
        assert [alert.decision for alert in decided].count(Decision.NEW) == 1
        assert decided[0].decision is Decision.NEW
        assert [one.decision for one in sent].count(Decision.NEW) == 1
        assert {one.thread for one in sent if one.decision is Decision.UPDATE} == {one.id for one in sent if one.decision is Decision.NEW}
        assert len(sent) <= 1 + 5  # updates_max
        assert len(desk.ids) - len(set(desk.ids)) <= 1  # the one that was on the wire
