"""Commands as their users type them: results on standard output, talk on standard error, exit 0, 1 or 2, never a traceback."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from alerts.log import Output, open_log, topics
from tests.e2e.places import RULES, furnish, strike
from tests.fakes import alerts, hook, rss, site

ROOT = Path(__file__).parents[2]


def lines(*articles: dict[str, object]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in articles)


@pytest.fixture
def folder(tmp_path):
    furnish(tmp_path, feeds=["file:feed.xml"], channels={"console": "console:"})
    (tmp_path / "feed.xml").write_bytes(rss([strike(1)]))
    return tmp_path


# Usage


def test_the_version_is_the_packages(tmp_path):
    assert alerts("--version", folder=tmp_path).stdout == "0.1.0\n"


def test_a_command_that_is_none_is_wrong_usage_and_the_nearest_is_named(tmp_path):
    done = alerts("scam", folder=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'scan'?" in done.stderr


def test_a_missing_argument_is_wrong_usage(tmp_path):
    assert alerts("scan", folder=tmp_path).returncode == 2


def test_a_missing_configuration_is_one_line(tmp_path):
    done = alerts("check", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "alerts.yaml" in done.stderr


# scan


def test_scan_prints_matches_as_json_lines_in_input_order(folder):
    articles = lines({"id": "42", "title": "Cruise missiles hit Rakka"}, {"title": "Museum reopens"}, {"title": "Rockets on Aleppo"})
    done = alerts("scan", "rules", folder=folder, stdin=articles)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["article"] for one in found] == ["42", "3"]
    assert found[0]["rule"] == "strikes-in-syria"
    assert found[0]["severity"] == "high"
    place = next(one for one in found[0]["evidence"] if one["watchlist"] == "places.syria")
    assert {key: place[key] for key in ("term", "matched", "field", "start", "end", "how")} == {
        "term": "Raqqa",
        "matched": "Rakka",
        "field": "title",
        "start": 20,
        "end": 25,
        "how": "variant",
    }
    assert 0 < place["score"] <= 100


def test_scan_reports_a_broken_line_with_its_number_and_goes_on(folder):
    stdin = b'{"title": "Rockets on Aleppo"}\n\nnot json\n{"title": 5}\n{"title": "Rockets on Raqqa"}\n'
    done = alerts("scan", "rules", folder=folder, stdin=stdin)
    assert done.returncode == 1
    assert [json.loads(line)["article"] for line in done.stdout.splitlines()] == ["1", "5"]
    assert "standard input:3:" in done.stderr
    assert "standard input:4:" in done.stderr
    assert "$.title" in done.stderr


def test_scan_of_nothing_that_matches_is_exit_0(folder):
    done = alerts("scan", "rules", folder=folder, stdin=lines({"title": "Museum reopens"}))
    assert (done.returncode, done.stdout) == (0, "")


def test_scan_reads_files_and_says_which_cannot_be_read(folder):
    (folder / "one.jsonl").write_bytes(lines({"id": "a", "title": "Rockets on Aleppo"}))
    done = alerts("scan", "rules", "one.jsonl", "none.jsonl", folder=folder)
    assert done.returncode == 1
    assert json.loads(done.stdout)["article"] == "a"
    assert "none.jsonl" in done.stderr


def test_scan_with_faulty_rules_names_every_fault_with_its_place(folder):
    (folder / "rules" / "syria.yaml").write_text(
        RULES.replace("high", "hihg").replace("weapons.missile]", "weapons.missle]"), encoding="utf-8"
    )
    done = alerts("scan", "rules", folder=folder, stdin=b"")
    assert done.returncode == 1
    assert "rules/syria.yaml:11:11:" in done.stderr
    assert "rules/syria.yaml:12:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_founding_article_goes_through_scan_with_the_shipped_rules(tmp_path):
    done = alerts("scan", str(ROOT / "rules"), str(ROOT / "tests/data/raqqa-2015.json"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {one["term"] for line in done.stdout.splitlines() for one in json.loads(line)["evidence"]}
    named = {
        "Raqqa", "Mosul", "Sinjar", "Sinai", "Kweiris", "Aleppo", "Islamic State", "al-Qaeda", "Hezbollah", "Peshmerga",
        "Syrian Observatory for Human Rights", "Tu-160", "Tu-95", "Tu-22", "drone", "cruise missile",
    }  # fmt: skip
    assert named <= found, named - found


# stories


def test_stories_decides_every_article_in_order(folder):
    articles = lines(
        {"id": "a", "feed": "Wire", "title": "Missiles hit Raqqa overnight", "published": "2015-11-17T12:00:00Z"},
        {"id": "b", "feed": "Daily", "title": "Missiles hit Rakka overnight", "published": "2015-11-17T12:05:00Z"},
        {"id": "c", "feed": "Wire", "title": "Museum reopens", "published": "2015-11-17T12:06:00Z"},
    )
    done = alerts("stories", folder=folder, stdin=articles)
    assert done.returncode == 0, done.stderr
    a, b, c = (json.loads(line) for line in done.stdout.splitlines())
    assert [one["new"] for one in (a, b, c)] == [True, False, True]
    assert a["story"] == b["story"] != c["story"]


# check, rules


def test_check_counts_what_it_read_and_sends_nothing(folder):
    done = alerts("check", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("1 feed, 1 rule, 1 channel, 1 destination, 0 routes")


def test_check_names_every_fault_of_the_configuration_at_once(tmp_path):
    (tmp_path / "alerts.yaml").write_text(
        'feeds: [https://example.org/a.xml]\nchannels:\n  desk: "slack://${SLACK_TOKEN}/#a"\nrouts: []\npoll: {every: soon}\n',
        encoding="utf-8",
    )
    done = alerts("check", folder=tmp_path)
    assert done.returncode == 1
    assert "alerts.yaml:3:" in done.stderr
    assert "SLACK_TOKEN" in done.stderr
    assert "alerts.yaml:4:1:" in done.stderr
    assert "routes" in done.stderr
    assert "alerts.yaml:5:" in done.stderr


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("channels: {desk: 'nonsense://x'}", "alerts.yaml:2:"),
        ("channels: {desk: 'console:'}\nroutes: [{to: [dask]}]", "alerts.yaml:3:"),
        ("channels: {desk: 'console:'}\nroutes: [{rule: strikes-in-siria, to: [desk]}]", "alerts.yaml:3:"),
        ("channels: {desk: 'console:'}\nweb: {listen: '127.0.0.1:8080'}", "not supported by this version"),
    ],
)
def test_what_would_stop_a_start_stops_it_with_its_place(tmp_path, text, where):
    furnish(tmp_path, feeds=["file:feed.xml"], channels={})
    (tmp_path / "alerts.yaml").write_text(f"feeds: [file:feed.xml]\n{text}\n", encoding="utf-8")
    for command in (("check",), ("run", "--once")):
        done = alerts(*command, folder=tmp_path)
        assert done.returncode == 1
        assert where in done.stderr
        assert "Traceback" not in done.stderr


def test_rules_check_and_test_pass_on_the_shipped_rules(tmp_path):
    checked = alerts("rules", "check", str(ROOT / "rules"), folder=tmp_path)
    assert checked.returncode == 0, checked.stderr
    tested = alerts("rules", "test", str(ROOT / "rules"), folder=tmp_path)
    assert tested.returncode == 0, tested.stderr
    assert tested.stdout.strip().endswith("0 failed")


def test_rules_test_fails_with_the_place_of_the_test(folder):
    rules = RULES + 'tests:\n  - {text: "Museum reopens in Raqqa", alerts: true}\n'
    (folder / "rules" / "syria.yaml").write_text(rules, encoding="utf-8")
    done = alerts("rules", "test", "rules", folder=folder)
    assert done.returncode == 1
    assert "rules/syria.yaml:14:" in done.stderr
    assert "1 failed" in done.stdout


def test_rules_explain_says_why_a_rule_fired_and_why_not(folder):
    fired = alerts("rules", "explain", "rules", "--text", "Rockets on Aleppo", folder=folder)
    assert "Aleppo" in fired.stdout
    assert "strikes-in-syria" in fired.stdout
    row = json.loads(alerts("rules", "explain", "rules", "--text", "Rockets on Aleppo", "--json", folder=folder).stdout)
    assert row["rules"][0]["fired"] is True
    silent = alerts("rules", "explain", "rules", "--text", "Museum reopens in Raqqa", folder=folder)
    assert silent.returncode == 0
    assert "Raqqa" in silent.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("rules", "check", "long"),
        ("rules", "test", "long"),
        ("rules", "explain", "long", "--text", "Raqqa"),
        ("stories", "--rules", "long"),
    ],
    ids=" ".join,
)
def test_a_long_list_is_kept_compiled_for_the_next_command(tmp_path, command):
    (tmp_path / "long").mkdir()
    towns = [f"Qa{first}i{second}u{third}" for first, second, third in product(map(chr, range(97, 123)), range(28), range(28))]
    (tmp_path / "long" / "towns.txt").write_text("\n".join(towns))
    (tmp_path / "long" / "towns.yaml").write_text(
        "watchlist: towns\nkind: place\nterms_from: towns.txt\n---\nrule: any\nwhen: {all: [towns]}\n"
    )
    done = alerts(*command, folder=tmp_path, environ={"ALERTS_CACHE": str(tmp_path / "kept")})
    assert (done.returncode, done.stderr) == (0, "")
    assert [file.suffix for file in (tmp_path / "kept").iterdir()] == [".index"]


def test_rules_schema_is_a_json_schema(tmp_path):
    assert "$defs" in json.loads(alerts("rules", "schema", folder=tmp_path).stdout)


# feeds, channels, status, dead letters


def test_feeds_list_shows_whole_addresses_as_written(tmp_path):
    furnish(tmp_path, feeds=[{"url": "https://example.org/feed?key=${KEY}&x=1", "name": "Example"}], channels={"console": "console:"})
    done = alerts("feeds", "list", "--json", folder=tmp_path, environ={"KEY": "s3cr3t-token"})
    assert json.loads(done.stdout)["url"] == "https://example.org/feed?key=${KEY}&x=1"


def test_channels_list_shows_destinations_and_no_secret(tmp_path):
    furnish(
        tmp_path,
        feeds=["file:feed.xml"],
        channels={"duty": "tgram://123456789:abcdefghijklmnopqrstuvwxyz_ABCDEF-1/-1001/-1002", "console": "console:"},
    )
    done = alerts("channels", "list", "--json", folder=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(row["channel"] for row in rows) == ["console", "duty", "duty"]
    assert "abcdefghijklmnopqrstuvwxyz" not in done.stdout + done.stderr


def test_channels_test_sends_to_one_channel_and_exits_1_when_it_is_not_taken(tmp_path):
    with hook() as desk, hook(status=500) as field:
        furnish(tmp_path, feeds=["file:feed.xml"], channels={"desk": desk.url, "field": field.url})
        good = alerts("channels", "test", "desk", folder=tmp_path)
        assert (good.returncode, good.stdout) == (0, "desk: delivered\n")
        assert len(desk.taken) == 1
        bad = alerts("channels", "test", folder=tmp_path)
        assert bad.returncode == 1
        assert "field: later" in bad.stdout
    assert alerts("channels", "test", "dusk", folder=tmp_path).returncode == 1


def test_status_of_a_log_that_did_its_work_is_healthy(folder):
    assert alerts("run", "--once", folder=folder).returncode == 0
    done = alerts("status", folder=folder)
    assert done.returncode == 0, done.stderr
    assert strike(1)[1] in done.stdout
    row = json.loads(alerts("status", "--json", folder=folder).stdout)
    assert row["healthy"] is True
    assert {stage["lag"] for stage in row["stages"]} == {0}


def test_a_poison_record_is_a_dead_letter_with_its_place_and_can_be_dropped(folder):
    with open_log("sqlite:var/alerts.db", topics=topics(), instance="test", base=folder) as log:
        log.append([Output("articles", "poison", b"\xff{")])
    done = alerts("run", "--once", folder=folder)
    assert done.returncode == 0, done.stderr
    assert strike(1)[1] in done.stdout
    (letter,) = [json.loads(line) for line in alerts("dead-letters", "list", "--json", folder=folder).stdout.splitlines()]
    assert letter["from"].startswith("articles/")
    assert alerts("dead-letters", "drop", letter["id"][:8], folder=folder).stdout == "dropped 1\n"
    assert alerts("dead-letters", "list", folder=folder).stdout == ""


def test_dead_letters_wants_ids_or_all(folder):
    assert alerts("dead-letters", "drop", folder=folder).returncode == 2
    none = alerts("dead-letters", "drop", "abc", folder=folder)
    assert none.returncode == 1
    assert "no dead letter" in none.stderr


def test_a_log_that_is_garbage_is_one_line(folder):
    (folder / "var").mkdir()
    (folder / "var" / "alerts.db").write_bytes(b"garbage" * 1_000)
    done = alerts("status", folder=folder)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "alerts.db" in done.stderr


def test_no_secret_reaches_a_log_line_an_error_or_a_dead_letter(tmp_path):
    secrets = {"TOKEN": "t0k3n-that-is-secret", "KEY": "k3y-that-is-secret", "PASSWORD": "p4ss-that-is-secret"}
    with hook(status=403) as desk, site([strike(1)]) as wire:
        furnish(
            tmp_path,
            feeds=[{"url": wire.url + "?key=${KEY}", "headers": {"X-Key": "${KEY}"}}, "http://me:${PASSWORD}@127.0.0.1:9/feed?key=${KEY}"],
            channels={"desk": f"json://me:${{PASSWORD}}@{desk.address}/hook/${{TOKEN}}"},
        )
        listed = [
            alerts("-v", "channels", "test", folder=tmp_path, environ=secrets),
            alerts("-v", "status", folder=tmp_path, environ=secrets),
            alerts("-v", "feeds", "list", folder=tmp_path, environ=secrets),
            alerts("-v", "dead-letters", "list", folder=tmp_path, environ=secrets),
            alerts("-v", "check", folder=tmp_path, environ=secrets),
        ]
    said = "".join(one.stdout + one.stderr for one in listed)
    assert "desk" in said
    for secret in secrets.values():
        assert secret not in said
