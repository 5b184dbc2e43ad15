"""`alerts run` as a process: a real feed in, a real webhook out, on the embedded log."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress

from tests.e2e.places import RULES, furnish, quiet, strike
from tests.fakes import alerts, hook, rss, running, site, until


def delivered(to, count):
    """Wait until the webhook has taken so many messages."""
    until(lambda: len(to.taken) >= count, what=f"{count} messages; has {len(to.taken)}")


def test_each_matching_item_arrives_once_and_a_second_run_sends_nothing_again(tmp_path):
    items = [strike(1), quiet(1), strike(2), quiet(2), strike(3)]
    with site(items) as wire, hook() as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        first = alerts("run", "--once", folder=tmp_path)
        assert first.returncode == 0, first.stderr
        assert sorted(desk.told(title) for _, title in items) == [0, 0, 1, 1, 1]
        assert len(set(desk.ids)) == 3
        again = alerts("run", "--once", folder=tmp_path)
        assert again.returncode == 0, again.stderr
        assert len(desk.taken) == 3


def test_sigterm_while_it_still_reads_its_settings_is_exit_0_as_well(tmp_path):
    """Compiling a large list takes a while, and the first process of a container ignores a signal that it has not asked for."""
    furnish(tmp_path, feeds=["file:none.xml"], channels={"desk": "json://127.0.0.1/${TOKEN}"})
    secret = tmp_path / "secret"
    os.mkfifo(secret)
    with running("run", folder=tmp_path, environ={"TOKEN_FILE": str(secret)}) as it, ExitStack() as held:

        def is_read() -> bool:
            with suppress(OSError):  # nobody has opened its other end yet
                held.callback(os.close, os.open(secret, os.O_WRONLY | os.O_NONBLOCK))
                return True
            return False

        until(is_read, what="it reads its settings")
        it.process.terminate()
        held.close()  # a signal that comes just before the read is seen just behind it
        assert it.process.wait(30.0) == 0


def test_a_new_item_is_told_while_it_runs_and_sigterm_ends_it_with_exit_0(tmp_path):
    with site([strike(1)]) as wire, hook() as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        with running("run", folder=tmp_path) as it:
            delivered(desk, 1)
            wire.items.insert(0, strike(2))
            delivered(desk, 2)
            assert it.stop() == 0
        assert len(desk.taken) == 2


def test_a_second_run_on_the_same_log_says_so_and_exits_1(tmp_path):
    with hook() as desk, site([strike(1)]) as wire:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        with running("run", folder=tmp_path):
            delivered(desk, 1)
            second = alerts("run", folder=tmp_path)
        assert second.returncode == 1
        assert "another `alerts run` uses this log" in second.stderr
        assert "Traceback" not in second.stderr


def test_killed_in_the_middle_nothing_is_lost_and_at_most_one_message_is_repeated_per_kill(tmp_path):
    items = [strike(number) for number in range(60)]
    kills = 3
    with site(items[:20]) as wire, hook() as desk:
        desk.delay_s = 0.02
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        for kill in range(kills):
            wire.items = items[: 20 * (kill + 1)]
            with running("run", folder=tmp_path) as it:
                delivered(desk, 20 * kill + 5)
                it.kill()
        with running("run", folder=tmp_path):
            until(lambda: len(set(desk.ids)) == len(items), what="every item told")
        counts = [desk.told(title) for _, title in items]
        assert min(counts) == 1
        assert sum(counts) - len(items) <= kills


def test_an_unreachable_feed_is_one_warning_and_the_others_go_on(tmp_path):
    with site([strike(1)]) as wire, hook() as desk:
        furnish(tmp_path, feeds=["http://127.0.0.1:9/feed.xml", wire.url], channels={"desk": desk.url})
        with running("run", folder=tmp_path) as it:
            delivered(desk, 1)
            until(lambda: wire.requests > 3)
            it.stop()
        assert it.talk.count("feed failed") == 1
        assert "127.0.0.1:9" in it.talk


def test_a_feed_of_garbage_is_one_warning_and_the_others_go_on(tmp_path):
    (tmp_path / "garbage.xml").write_bytes(b"\x00\xff not a feed \xfe" * 100)
    with site([strike(1)]) as wire, hook() as desk:
        furnish(tmp_path, feeds=["file:garbage.xml", wire.url], channels={"desk": desk.url})
        done = alerts("run", "--once", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("feed failed") == 1
    assert len(desk.taken) == 1


def test_an_edited_rule_takes_effect_without_a_restart(tmp_path):
    with site([strike(1), quiet(1)]) as wire, hook() as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        with running("run", folder=tmp_path) as it:
            delivered(desk, 1)
            culture = "---\nwatchlist: terms.culture\nkind: term\nterms: [museum]\n"
            rule = culture + "---\nrule: museums\nseverity: low\nwhen: {any: [terms.culture]}\n"
            (tmp_path / "rules" / "syria.yaml").write_text(RULES + rule, encoding="utf-8")
            until(lambda: "read again" in it.talk)
            wire.items.insert(0, quiet(2))
            delivered(desk, 2)
            assert desk.count("Museum number 2") == 1


def test_a_faulty_edit_keeps_the_last_good_rules_and_tells_ops(tmp_path):
    with site([strike(1)]) as wire, hook() as desk, hook() as ops:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url, "ops": ops.url}, routes=[{"to": ["desk"]}], ops=["ops"])
        with running("run", folder=tmp_path) as it:
            delivered(desk, 1)
            (tmp_path / "rules" / "syria.yaml").write_text(RULES.replace("severity: high", "severity: hihg"), encoding="utf-8")
            delivered(ops, 1)
            assert "syria.yaml:11:11" in it.talk
            assert ops.count("syria.yaml:11:11") == 1
            wire.items.insert(0, strike(2))
            delivered(desk, 2)


def test_a_feed_added_to_the_configuration_is_polled_without_a_restart(tmp_path):
    with site([strike(1)]) as wire, site([strike(2)]) as daily, hook() as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        with running("run", folder=tmp_path):
            delivered(desk, 1)
            furnish(tmp_path, feeds=[wire.url, daily.url], channels={"desk": desk.url})
            delivered(desk, 2)


def test_a_dead_destination_holds_up_no_other_and_gets_its_messages_when_it_returns(tmp_path):
    with site([strike(1), strike(2)]) as wire, hook() as desk, hook(status=503) as field:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url, "field": field.url})
        with running("run", folder=tmp_path):
            delivered(desk, 2)
            until(lambda: field.refused)
            assert field.taken == []
            field.status = 200
            delivered(field, 2)
        assert len(field.taken) == 2


def test_what_a_destination_refuses_is_a_dead_letter_that_can_be_retried(tmp_path):
    with site([strike(1)]) as wire, hook(status=400) as desk:
        furnish(tmp_path, feeds=[wire.url], channels={"desk": desk.url})
        assert alerts("run", "--once", folder=tmp_path).returncode == 0
        listed = alerts("dead-letters", "list", folder=tmp_path)
        assert "desk" in listed.stdout
        assert alerts("status", folder=tmp_path).returncode == 1
        desk.status = 200
        retried = alerts("dead-letters", "retry", "--all", folder=tmp_path)
        assert retried.stdout == "retried 1\n", retried.stderr
        assert alerts("run", "--once", folder=tmp_path).returncode == 0
        assert len(desk.taken) == 1
        assert alerts("dead-letters", "list", folder=tmp_path).stdout == ""


def test_the_demo_shows_alerts_and_says_how_to_go_on(tmp_path):
    done = alerts("demo", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Raqqa" in done.stdout
    assert "alerts run" in done.stderr


def test_the_first_alert_stands_on_the_console_without_a_network(tmp_path):
    (tmp_path / "feed.xml").write_bytes(rss([strike(1)]))
    furnish(tmp_path, feeds=["http://127.0.0.1:9/feed.xml", "file:feed.xml"], channels={"console": "console:"})
    with running("run", folder=tmp_path) as it:
        until(lambda: strike(1)[1] in it.out, within_s=15)
