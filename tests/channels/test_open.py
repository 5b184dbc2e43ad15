"""A channel's URL as destinations: which there are, what they are called, and what is refused."""

from __future__ import annotations

import pytest

from alerts.channels import open_channel
from alerts.errors import DeliveryError
from alerts.records import Outcome, Severity
from alerts.rendering import Message
from tests.channels.conftest import Mailbox, Service

TOKEN = "xoxb-1234567890-1234567890-4a7PLANTED0000000000000"
OTHER = "xoxb-9876543210-1234567890-4a7PLANTED1111111111111"
CHAT = "tgram://123456789:AAPLANTEDhijklmnopqrstuvwxyz123456"


def ids(url: str) -> list[str]:
    return [destination.id for destination in open_channel("desk", url)]


@pytest.mark.parametrize("url", ["console:", "Console://", "json://localhost/x", f"slack://{TOKEN}/#a", "mailto://u:p@example.org"])
def test_a_channel_with_one_target_is_called_by_its_name(url: str) -> None:
    assert ids(url) == ["desk"]


def test_several_targets_are_destinations_whatever_their_order_and_token() -> None:
    first = ids(f"slack://{TOKEN}/#alerts/#urgent/@someone")
    assert len(set(first)) == 3
    assert ids(f"slack://{OTHER}/@someone/#urgent/#alerts") == first
    assert all(id.startswith("desk/") and len(id) == len("desk/") + 8 for id in first)


def test_a_target_named_twice_is_one_destination() -> None:
    assert ids("mailto://u:p@example.org?to=a@example.org,a@example.org") == ["desk"]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        (f"{CHAT}/-1001/-1002/42:7", 3),
        ("mailto://u:p@example.org?to=a@example.org,B<b@example.org>&cc=c@example.org", 2),
        ("rockets://u:p@localhost/#channel/@user/room", 3),
        ("ntfys://localhost/topic1/topic2", 2),
        ("matrixs://u:p@localhost/#room/!room2:localhost", 2),
        ("twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@12025550100/12025550101/12025550102", 2),
    ],
)
def test_every_service_that_takes_several_targets_is_expanded(url: str, count: int) -> None:
    assert len(set(ids(url))) == count


def test_each_destination_tells_its_own_target_only(mailbox: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{mailbox.port}/?to=a@example.org,b@example.org&from=x@example.org&cc=c@example.org"
    for destination in open_channel("desk", url):
        assert destination.send(Message("t", "b", Severity.LOW), delivery="1").outcome is Outcome.DELIVERED
    assert sorted(envelope.rcpt_tos for envelope in mailbox.mails) == [
        ["a@example.org", "c@example.org"],
        ["b@example.org", "c@example.org"],
    ]


def test_each_telegram_chat_gets_its_own_message(telegram: Service) -> None:
    for destination in open_channel("desk", f"{CHAT}/-1001/-1002"):
        assert destination.send(Message("t", "b", Severity.LOW), delivery="1").outcome is Outcome.DELIVERED
    assert sorted(request.json["chat_id"] for request in telegram.requests) == [-1002, -1001]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nosuch://PLANTED", "its URL is of no kind that Apprise knows"),
        ("PLANTED", "its URL is of no kind that Apprise knows"),
        ("", "its URL is of no kind that Apprise knows"),
        ("slack://", "Apprise cannot read its slack:// URL"),
        ("tgram://PLANTED/1", "Apprise cannot read its tgram:// URL"),
        (f"slack://{TOKEN}", "its URL names no target"),
        (CHAT, "its URL names no target"),
        ("onesignal://appid@" + "a" * 32 + "/PLANTED-1/PLANTED-2", "its targets cannot be told apart; write one channel for each"),
        ("console:PLANTED", "nothing may follow console:"),
    ],
)
def test_a_channel_that_leads_nowhere_is_named_without_its_url(url: str, why: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        open_channel("desk", url)
    assert str(caught.value).startswith(f'channel "desk": {why}')
    assert "PLANTED" not in str(caught.value)
    assert caught.value.destination == "desk"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"slack://{TOKEN}/#desk", f"slack://{TOKEN}/%23desk?rto=1"),
        (f"{CHAT}/-1001", f"{CHAT}/-1001:7/?rto=1"),
        (f"{CHAT}/@wire", f"{CHAT}/@Wire"),
        (f"discord://4174216298/{'x' * 68}", f"discord://4174216298/{'x' * 68}?rto=1"),
    ],
)
def test_two_channels_that_lead_to_one_chat_are_known_to(one: str, other: str) -> None:
    (first,), (second,) = open_channel("desk", one), open_channel("duty", other)
    assert first.manner.chat == second.manner.chat
    assert not any(part in first.manner.chat for part in ("4a7PLANTED", "AAPLANTED", "4174216298"))


def test_two_chats_are_not_one() -> None:
    urls = [f"slack://{TOKEN}/#desk/#duty", f"slack://{OTHER}/#desk", f"{CHAT}/-1001/-1002", f"json://{TOKEN}@localhost/x"]
    chats = [destination.manner.chat for url in urls for destination in open_channel("desk", url)]
    assert len(set(chats)) == len(chats) == 6


def test_too_many_targets_are_refused() -> None:
    with pytest.raises(DeliveryError, match="more than 500 targets"):
        open_channel("desk", f"slack://{TOKEN}/" + "/".join(f"#c{number}" for number in range(501)))


def test_slacks_general_channel_may_be_asked_for() -> None:
    assert ids(f"slack://{TOKEN}/#general") == ["desk"]
