"""The last step as people meet it: the real notifier, its services at their worst, and a kill at any moment."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.policy import default as policy
from itertools import product
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.log import Log, Output, open_log, topics
from alerts.records import Alert, Outcome, Receipt, decode, encode
from tests.builders import article, evidence, fired, matches
from tests.chats import SLACK, TELEGRAM, chats
from tests.e2e.places import RULES, furnish
from tests.fakes import Running, alerts, hook, running, until

FIRST = ("Ab", "Dur", "Gha", "Lam", "Tel")
MIDDLE = ("ran", "dib", "qis", "sum", "lat")
LAST = ("a", "een", "in", "iya", "oun", "eh", "at", "ez", "osh", "ur", "im", "adi", "oub", "al", "ash", "eed", "ith", "ora", "uq", "yeh")
TOWNS = [f"Kafr {a}{b}{c}" for a, b, c in product(FIRST, MIDDLE, LAST)]
"""Five hundred places, no two of them spelt alike."""


@contextmanager
def log_in(folder: Path, *, instance: str = "test") -> Iterator[Log]:
    with open_log("sqlite:var/alerts.db", topics=topics(), instance=instance, base=folder) as log:
        yield log


def strikes(log: Log, towns: Sequence[str]) -> None:
    """Matches of one rule on an article for each town, as matchers append them."""
    found = [
        matches(
            article(f"Missiles hit {town}", id=town, url=f"https://example.org/{town.replace(' ', '-')}", minutes=number),
            fired(found=[evidence(town)]),
        )
        for number, town in enumerate(towns)
    ]
    log.append([Output("matches", one.article.id, encode(one)) for one in found])


def read(log: Log, topic: str, kind: type) -> list:
    return [decode(record.value, kind) for number in range(log.partitions(topic)) for record in log.read(topic, number) if record.value]


@contextmanager
def mail_server(mood: Callable[[], str]) -> Iterator[tuple[int, list[Envelope]]]:
    """A mail server; a repetition of a Message-ID is recognised, as a mailbox's filter does."""
    taken: list[Envelope] = []

    class Handler:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            how = mood()
            if how in {"later", "broken"}:
                return "451 4.7.1 try again later"
            if how in {"ok", "late"}:
                taken.append(envelope)
            if how != "ok":
                assert server.transport is not None
                server.transport.abort()
            return "250 OK"

    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, taken
    finally:
        controller.stop()


def subjects(taken: Sequence[Envelope]) -> list[str]:
    return [str(message_from_bytes(one.content or b"", policy=policy)["Subject"]) for one in taken]


def moods(seed: int, *, bad: float) -> Callable[[], str]:
    """A service's whims, the same in every run."""
    chance, lock = random.Random(seed), threading.Lock()

    def mood() -> str:
        with lock:
            return chance.choice(("later", "broken", "silence", "reset", "late")) if chance.random() < bad else "ok"

    return mood


def quick(url: str) -> dict[str, str]:
    """A channel without storm mode and rates."""
    return {"url": url, "storm": "off", "rate": "off"}


def test_services_at_their_worst_and_a_notifier_killed_again_and_again_lose_nothing(tmp_path):
    towns, chance, kills = TOWNS[:300], random.Random(11), 5
    with chats(tmp_path, mood=moods(1, bad=0.04)) as services, mail_server(moods(2, bad=0.04)) as (port, mails), ExitStack() as stack:
        channels = {
            "slack": quick(SLACK.format(channel="#desk")),
            "telegram": quick(TELEGRAM.format(chat="-1001")),
            "mail": quick(f"mailto://127.0.0.1:{port}/?to=desk@example.org&from=alerts@example.org&cto=1"),
        }
        furnish(tmp_path, feeds=["file:none.xml"], channels=channels)  # type: ignore[arg-type]
        with log_in(tmp_path) as log:
            strikes(log, towns)
            notifier = _notifier(stack, tmp_path, services.environ, 0)
            for number in range(1, kills + 1):
                target = number * 40 + chance.randrange(30)
                until(lambda target=target: len(services.posted["#desk"]) >= target, within_s=120, what=notifier.talk)
                notifier.kill()
                notifier = _notifier(stack, tmp_path, services.environ, number)
            until(lambda: _settled(log) == 900, within_s=240, what=notifier.talk[-2000:])
            assert notifier.stop() == 0
            assert list(log.read("dead-letters", 0)) == []
        for name, titles in (("slack", services.titles("#desk")), ("telegram", services.titles("-1001")), ("mail", subjects(mails))):
            told = Counter(found[1] for title in titles if (found := re.search(r"hit (Kafr \w+)", title)))
            assert len(told) == 300, name
            lost_answers = sum(_log_lines(tmp_path, "unknown", name))
            assert sum(told.values()) - 300 <= kills + lost_answers, name
        ids = Counter(str(message_from_bytes(one.content or b"", policy=policy)["Message-ID"]) for one in mails)
        assert len(ids) == 300  # what came twice came under one Message-ID
        assert services.faults == []


def _notifier(stack: ExitStack, folder: Path, environ: dict[str, str], number: int) -> Running:
    return stack.enter_context(running("notifier", folder=folder, name=f"notifier-{number}", environ=environ))


def _settled(log: Log) -> int:
    return len({one.id for one in read(log, "receipts", Receipt) if one.outcome is Outcome.DELIVERED})


def _log_lines(folder: Path, outcome: str, destination: str) -> list[bool]:
    lines = [line for file in folder.glob("notifier-*.err") for line in file.read_text("utf-8").splitlines()]
    return [outcome in line and destination in line for line in lines]


def test_a_storm_in_a_telegram_group_stays_within_its_twenty_a_minute(tmp_path):
    with chats(tmp_path, strict=True) as services:
        furnish(tmp_path, feeds=["file:none.xml"], channels={"field": TELEGRAM.format(chat="-1001"), "ops": "console:"}, ops=["ops"])
        with log_in(tmp_path) as log:
            strikes(log, TOWNS)
            with running("notifier", folder=tmp_path, environ=services.environ) as notifier:

                def shown() -> set[str]:
                    return {town for one in services.posted["-1001"] for town in re.findall(r"hit (Kafr \w+)", one.text)}

                until(lambda: len(shown()) == len(TOWNS), within_s=200, what=notifier.talk)
            links = "\n".join(one.text for one in services.posted["-1001"])
            assert all(f"https://example.org/{town.replace(' ', '-')}" in links for town in TOWNS)
    assert services.refused == 0
    assert services.faults == []
    assert len(services.posted["-1001"]) <= 40


def test_a_dead_channel_holds_up_nobody_and_gets_everything_in_order_when_it_returns(tmp_path):
    with hook() as desk, hook(status=503) as dead:
        furnish(tmp_path, feeds=["file:none.xml"], channels={"desk": desk.url, "dead": dead.url, "ops": "console:"}, ops=["ops"])
        with log_in(tmp_path) as log, running("notifier", folder=tmp_path) as notifier:
            strikes(log, TOWNS[:50])
            until(lambda: len(desk.taken) == 50, what=notifier.talk)
            assert dead.taken == []
            dead.status = 200
            until(lambda: len(dead.taken) == 50, within_s=90, what=notifier.talk)
    assert [str(body["title"]).rpartition("hit ")[2] for body in dead.taken] == TOWNS[:50]


def test_the_tokens_of_every_channel_stay_out_of_sight(tmp_path):
    """Planted in addresses, headers and passwords; looked for in everything that is printed, logged or shown."""
    planted = ("4a7PLANTED0000000000000", "AAPLANTEDhijklmnopqrstuvwxyz123456", "mail-PLANTED-password", "hook-PLANTED-token")
    with chats(tmp_path, mood=moods(3, bad=0.8)) as services, hook(status=401) as refused:
        channels = {
            "slack": SLACK.format(channel="#desk"),
            "telegram": TELEGRAM.format(chat="-1001"),
            "mail": "mailto://me:mail-PLANTED-password@127.0.0.1:9/?to=desk@example.org&from=alerts@example.org&cto=1",
            "hook": f"json://{refused.address}/hook-PLANTED-token",
            "ops": "console:",
        }
        furnish(
            tmp_path, feeds=["file:none.xml"], channels={name: {"url": url, "give_up": "4s"} for name, url in channels.items()}, ops=["ops"]
        )  # type: ignore[arg-type]
        with log_in(tmp_path) as log:
            strikes(log, TOWNS[:5])
            with running("-v", "notifier", folder=tmp_path, name="notifier", environ=services.environ) as notifier:
                until(lambda: len(list(log.read("dead-letters", 0))) >= 5, within_s=60, what=notifier.talk)
            said = [notifier.talk, notifier.out]
            for topic in ("alerts", "deliveries", "receipts", "dead-letters", "stories"):
                for number in range(log.partitions(topic)):
                    said += [(record.value or b"").decode("utf-8", "replace") for record in log.read(topic, number)]
        for command in (
            ("status",),
            ("status", "--json"),
            ("dead-letters", "list"),
            ("channels", "list"),
            ("check",),
            ("channels", "test"),
        ):
            done = alerts("-v", *command, folder=tmp_path, environ=services.environ)
            said += [done.stdout, done.stderr]
    for secret in planted:
        assert not any(secret in text for text in said), secret


def test_a_halted_channel_is_freed_by_a_test_that_succeeds(tmp_path):
    with hook(status=401) as desk:
        furnish(tmp_path, feeds=["file:none.xml"], channels={"desk": desk.url, "ops": "console:"}, ops=["ops"])
        with log_in(tmp_path) as log, running("notifier", folder=tmp_path) as notifier:
            strikes(log, TOWNS[:3])
            until(lambda: desk.refused == 1, what=notifier.talk)
            assert alerts("channels", "test", "desk", folder=tmp_path).returncode == 1
            desk.status = 200
            time.sleep(0.1)
            assert len(desk.taken) == 0
            done = alerts("channels", "test", "desk", folder=tmp_path)
            assert (done.returncode, done.stdout) == (0, "desk: delivered\n")
            until(lambda: len(desk.taken) == 4, what=notifier.talk)


def test_updates_edit_the_message_and_new_facts_join_its_thread(tmp_path):
    with chats(tmp_path) as services:
        channels = {"slack": quick(SLACK.format(channel="#desk")), "telegram": quick(TELEGRAM.format(chat="42"))}
        furnish(tmp_path, feeds=["file:none.xml"], channels=channels)  # type: ignore[arg-type]
        with log_in(tmp_path) as log:
            same = [matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}", url=f"https://example.org/{n}")) for n in range(4)]
            log.append([Output("matches", one.article.id, encode(one)) for one in same])
            with running("notifier", folder=tmp_path, environ=services.environ) as notifier:
                until(lambda: all(services.posted[chat] and services.posted[chat][0].edits for chat in ("#desk", "42")), what=notifier.talk)
    for chat in ("#desk", "42"):
        (only,) = services.posted[chat]
        assert "Missiles hit Raqqa" in only.text
        assert all(f"Feed {n}" in str(only.payload) for n in range(4))


def test_a_silence_is_added_listed_obeyed_and_ended(tmp_path):
    towns = "watchlist: places.towns\nkind: place\nterms: [" + ", ".join(TOWNS[:2]) + "]\n---\n"
    towns += "rule: raids\ntags: [air]\nwhen: {all: [places.towns, weapons.missile]}\n---\n"
    with hook() as desk:
        furnish(tmp_path, feeds=["file:none.xml"], channels={"desk": desk.url, "ops": "console:"}, ops=["ops"], rules=towns + RULES)
        refused = alerts("silence", "add", "--for", "2h", "--comment", "drill", folder=tmp_path)
        assert (refused.returncode, "say what to silence" in refused.stderr) == (2, True)
        unknown = alerts("silence", "add", "--place", "Atlantis", "--for", "2h", "--comment", "drill", folder=tmp_path)
        assert (unknown.returncode, unknown.stderr) == (1, 'alerts: no place "Atlantis" on any watchlist\n')
        nowhere = alerts("silence", "add", "--feed", "none", "--for", "2h", "--comment", "drill", folder=tmp_path)
        assert (nowhere.returncode, nowhere.stderr) == (1, 'alerts: no feed "none"; did you mean "none.xml"?\n')
        for matcher, said in (
            (("--tag", "ari"), 'no tag "ari"; did you mean "air"?'),
            (("--language", "ua"), '"ua" is no language; languages'),
        ):
            typo = alerts("silence", "add", *matcher, "--for", "2h", "--comment", "drill", folder=tmp_path)
            assert (typo.returncode, typo.stderr.startswith(f"alerts: {said}"), typo.stderr.count("\n")) == (1, True, 1)
        unclear = alerts("silence", "add", "--everything", "--for", "2 h", "--comment", "drill", folder=tmp_path)
        assert (unclear.returncode, '"2 h" is no duration; write 30s, 5m, 2h or 7d' in unclear.stderr) == (2, True)
        endless = alerts("silence", "add", "--everything", "--for", "2h", "--comment", "x" * 501, folder=tmp_path)
        assert (endless.returncode, "at most 500 characters" in endless.stderr) == (2, True)
        for long in (("--for", "999999w"), ("--until", "9999-12-31T00:00")):
            refused = alerts("silence", "add", "--everything", *long, "--comment", "drill", folder=tmp_path)
            assert (refused.returncode, "within 3650 days" in refused.stderr) == (2, True)
        written = TOWNS[0].replace("Kafr", "kafr")
        made = alerts("silence", "add", "--place", written, "--for", "2h", "--comment", "drill", "--author", "amira", folder=tmp_path)
        assert made.returncode == 0, made.stderr
        assert made.stderr == f'place "{written}" is listed as {TOWNS[0]}\n'
        id = made.stdout.split()[0]
        shown = alerts("silence", "list", "--json", folder=tmp_path).stdout
        assert all(text in shown for text in (id, "amira", "drill", f"place {TOWNS[0]}", '"active"'))
        with log_in(tmp_path) as log, running("notifier", folder=tmp_path) as notifier:
            strikes(log, TOWNS[:2])
            until(lambda: len(desk.taken) == 1, what=notifier.talk)
            assert desk.count(TOWNS[1]) == 1
            assert "say which" in alerts("silence", "expire", "", folder=tmp_path).stderr  # an unset variable of a shell
            assert alerts("silence", "expire", id[:6], folder=tmp_path).stdout == "ended 1\n"
            until(lambda: desk.count(TOWNS[0]) == 1, what=notifier.talk)
            assert {name: str(decision) for one in read(log, "alerts", Alert) for name, decision in one.destinations.items()}
        assert alerts("silence", "list", folder=tmp_path).stdout == ""
        assert alerts("silence", "expire", id, folder=tmp_path).returncode == 1


def test_routes_test_says_where_and_when(tmp_path):
    furnish(
        tmp_path,
        feeds=["file:none.xml"],
        channels={"desk": "console:", "duty": "console:"},
        routes=[{"to": "desk", "place": "Raqqa"}, {"to": "duty", "digest": "1h"}],  # type: ignore[list-item]
    )
    done = alerts("routes", "test", "--text", "Rockets on Rakka", "--at", "2026-11-22 10:10", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    desk, duty = (" ".join(line.split()) for line in done.stdout.splitlines()[1:])
    assert desk.startswith("desk high strikes-in-syria line ")
    assert desk.endswith("at once")
    assert duty.endswith("in a list, 2026-11-22 11:00 UTC")
    assert "no rule fires" in alerts("routes", "test", "--text", "Museum opens", folder=tmp_path).stderr
    assert alerts("routes", "test", folder=tmp_path).returncode == 2
    for never in ("0001-01-01T00:00", "9999-12-31T23:59"):
        done = alerts("routes", "test", "--text", "Rockets on Rakka", "--at", never, folder=tmp_path)
        assert (done.returncode, "Traceback" in done.stderr, "between 1970 and 9000" in done.stderr) == (2, False, True)
