"""The account of an alert, read from what the log says was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.errors import AlertsError
from alerts.log import Log, Output
from alerts.records import Alert, Decision, Delivery, Outcome, Receipt, Severity, encode
from alerts.stages.explaining import account_of, article_of, matched
from tests.builders import NOON, article, matches
from tests.stages.conftest import put


def alert(id: str, story: str, *, minutes: float = 0, **more: Any) -> Alert:
    at = NOON + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "id": id,
        "story": story,
        "decision": Decision.NEW,
        "reason": "first report",
        "article": f"article-{id}",
        "title": "Missiles hit Raqqa",
        "severity": Severity.HIGH,
        "destinations": {"desk": Decision.NEW},
        "matched": at,
        "decided": at,
    }
    return Alert(**(values | more))


def ids(account) -> list[str]:
    return [report.id for report in account.reports]


def test_stories_that_turned_out_to_be_one_are_told_as_one(log):
    put(
        log,
        "alerts",
        encode(alert("aaaaaa1", "old")),
        encode(alert("bbbbbb1", "young", minutes=1)),
        encode(alert("cccccc1", "youngest", minutes=2)),
        encode(alert("dddddd1", "another", minutes=3)),
        encode(alert("eeeeee1", "young", minutes=4, absorbed=("youngest",), decision=Decision.REPEAT)),
        encode(alert("ffffff1", "old", minutes=5, absorbed=("young",), decision=Decision.REPEAT)),
    )
    for wanted in ("aaaaaa1", "bbbbbb1", "cccccc1", "young"):
        account = account_of(log, wanted)
        assert account is not None
        assert account.story == "old"
        assert ids(account) == ["aaaaaa1", "bbbbbb1", "cccccc1", "eeeeee1", "ffffff1"]


def test_of_several_alerts_of_one_article_the_last_is_explained(log):
    put(log, "alerts", encode(alert("aaaaaa1", "s", article="x")), encode(alert("bbbbbb1", "s", article="x", minutes=1)))
    account = account_of(log, "x")
    assert account is not None
    assert account.alert.id == "bbbbbb1"


def test_a_shortened_id_that_two_alerts_share_is_refused(log):
    put(log, "alerts", encode(alert("abcdef1", "s")), encode(alert("abcdef2", "t")))
    with pytest.raises(AlertsError, match="2 alerts begin with"):
        account_of(log, "abcdef")
    assert account_of(log, "abcde") is None  # too short for an id


def test_what_became_of_each_message_is_told(log):
    one = alert("aaaaaa1", "s", destinations={"desk": Decision.NEW, "duty": Decision.NEW})
    put(log, "alerts", encode(one))
    for destination in one.destinations:
        delivery = Delivery(id=f"d-{destination}", destination=destination, alert=one, created=NOON, give_up=NOON + timedelta(days=7))
        put(log, "deliveries", encode(delivery), key=destination)
    receipt = Receipt(id="d-desk", destination="desk", outcome=Outcome.DELIVERED, at=NOON)
    for partition in range(log.partitions("receipts")):
        log.append([Output("receipts", receipt.id, encode(receipt), partition=partition)])
    account = account_of(log, "aaaaaa1")
    assert account is not None
    assert {key[1]: told.receipt and told.receipt.outcome for key, told in account.told.items()} == {"desk": "delivered", "duty": None}


def test_a_record_that_cannot_be_read_hides_no_other(log: Log):
    put(log, "alerts", b"\xff", encode(alert("aaaaaa1", "s")))
    assert account_of(log, "aaaaaa1") is not None


def test_an_article_is_found_by_id_and_by_link_in_its_last_state(log):
    put(log, "articles", encode(article("First", id="a", url="https://example.org/a")))
    put(log, "articles", encode(article("Second", id="a", url="https://example.org/a")))
    for wanted in ("a", "https://example.org/a"):
        found = article_of(log, wanted)
        assert found is not None
        assert found.title == "Second"
    assert article_of(log, "b") is None


def test_a_match_that_waits_for_the_story_step_is_seen(log):
    put(log, "matches", encode(matches(article(id="a"))))
    assert matched(log, "a")
    assert not matched(log, "b")
