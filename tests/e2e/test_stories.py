"""`alerts stories` and `alerts explain` as their users type them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.places import furnish
from tests.fakes import ALERTS, alerts, rss

ROOT = Path(__file__).parents[2]
STRIKE = "Cruise missile hits market in {}, {} killed"


def lines(*articles: dict[str, object]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in articles)


def report(id: str, title: str, minute: int, **more: object) -> dict[str, object]:
    return {"id": id, "feed": f"Feed {id}", "title": title, "published": f"2015-11-17T12:{minute:02}:00Z", **more}


def decided(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


# stories


def test_stories_decides_each_line_before_it_reads_the_next(tmp_path):
    process = subprocess.Popen(
        [*ALERTS, "stories"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, article in enumerate([report("a", STRIKE.format("Raqqa", 5), 0), report("b", STRIKE.format("Rakka", 5), 5)]):
            process.stdin.write(lines(article))
            process.stdin.flush()
            line = json.loads(process.stdout.readline())
            assert (line["article"], line["new"]) == ("ab"[number], number == 0)
        process.stdin.close()
    assert process.returncode == 0


def test_stories_prints_exactly_article_story_and_new(tmp_path):
    done = alerts("stories", folder=tmp_path, stdin=lines(report("a", STRIKE.format("Raqqa", 5), 0)))
    (line,) = decided(done.stdout)
    assert sorted(line) == ["article", "new", "story"]
    assert line["new"] is True


def test_stories_decides_articles_on_which_no_rule_fires_too(tmp_path):
    articles = lines(
        report("a", "Bakery contest in the old town draws a crowd", 0), report("b", "Bakery contest in the old town draws a crowd", 9)
    )
    a, b = decided(alerts("stories", folder=tmp_path, stdin=articles).stdout)
    assert a["story"] == b["story"]


def test_stories_takes_its_evidence_from_the_rules_it_is_given(tmp_path):
    furnish(tmp_path, feeds=["file:none.xml"], channels={"console": "console:"})
    (tmp_path / "articles.jsonl").write_bytes(lines(report("a", "Missiles hit Deir ez-Zor", 0), report("b", "Missiles hit دير الزور", 5)))
    a, b = decided(alerts("stories", "--rules", "rules", "articles.jsonl", folder=tmp_path).stdout)
    assert a["story"] == b["story"]


def test_stories_of_faulty_rules_is_one_line_a_fault(tmp_path):
    (tmp_path / "rules.yaml").write_text("watchlist: x\nkind: plaice\nterms: [a]\n", encoding="utf-8")
    done = alerts("stories", "--rules", "rules.yaml", folder=tmp_path, stdin=b"")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rules.yaml:2:7: ")


def test_a_broken_line_is_named_and_the_others_are_decided(tmp_path):
    stdin = (
        lines(report("a", STRIKE.format("Raqqa", 5), 0)) + b'{"title": 5}\n\n{"published": "noon"}\n\xff\n' + lines(report("b", "Calm", 9))
    )
    done = alerts("stories", folder=tmp_path, stdin=stdin)
    assert done.returncode == 1
    assert [one["article"] for one in decided(done.stdout)] == ["a", "b"]
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["standard input:2", "standard input:4", "standard input:5"]


def test_articles_without_id_time_or_title_are_decided_by_what_they_have(tmp_path):
    stdin = lines({"content": "A bridge fell."}, {"summary": "The mayor resigned."}, {"title": "Missiles hit Raqqa"})
    found = decided(alerts("stories", folder=tmp_path, stdin=stdin).stdout)
    assert [one["article"] for one in found] == ["1", "2", "3"]
    assert len({one["story"] for one in found}) == 3


def test_lines_after_a_fusion_carry_the_older_id(tmp_path):
    explosions = "Residents of Kharkiv heard explosions at breakfast time. Olena Bondar saw smoke over the bakery."
    stdin = lines(
        report("a", "Explosions heard in Corniche of Kharkiv", 0, summary=explosions),
        report("b", "10 dead at Kharkiv bakery, medics say", 20, summary="Medics counted 10 bodies at the bakery and dozens of wounded."),
        report("c", "Explosions heard in Corniche of Kharkiv, 10 dead at Kharkiv bakery, medics say", 40, summary=explosions),
        report("d", "10 dead at Kharkiv bakery, medics say", 50),
    )
    a, b, c, d = decided(alerts("stories", folder=tmp_path, stdin=stdin).stdout)
    assert [one["new"] for one in (a, b, c, d)] == [True, True, False, False]
    assert a["story"] == c["story"] == d["story"] != b["story"]


# explain


@pytest.fixture
def folder(tmp_path):
    """Four papers report one strike; one of them has also something that nobody asked for."""
    feeds = [{"url": f"file:feed{number}.xml", "name": f"Paper {number}"} for number in range(4)]
    furnish(tmp_path, feeds=feeds, channels={"desk": "console:"})
    for number in range(4):
        items = [(f"strike-{number}", STRIKE.format("Raqqa", 5)), (f"museum-{number}", f"Museum {number} in Raqqa reopens")]
        (tmp_path / f"feed{number}.xml").write_bytes(rss(items, site=f"https://paper{number}.example"))
    assert alerts("run", "--once", folder=tmp_path).returncode == 0
    return tmp_path


def explained(folder: Path, what: str) -> dict[str, list[dict[str, str]]]:
    done = alerts("explain", what, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def test_explain_tells_the_story_report_by_report_and_what_each_destination_was_told(folder):
    account = explained(folder, "https://paper2.example/strike-2")
    assert [one["joined"] for one in account["reports"]] == ["first report", "same title", "same title", "same title"]
    assert [one["because"] for one in account["told"]] == ["not told before", "told before", "told before", "+3 sources"]
    assert [one["message"].partition(" ")[0] for one in account["told"]] == ["delivered", "", "", "delivered"]
    assert account["rules"][0]["rule"] == "strikes-in-syria"


def test_explain_takes_a_shortened_id(folder):
    account = explained(folder, "https://paper2.example/strike-2")
    assert explained(folder, str(account["alert"])[:8]) == account


def test_explain_is_read_by_people(folder):
    shown = alerts("explain", "https://paper2.example/strike-2", folder=folder).stdout
    assert "headline: Cruise missile hits market in Raqqa, 5 killed\n" in shown
    assert "\nrules that fired\n" in shown
    assert "\nthe story\n" in shown
    assert "\nwhat was told\n" in shown


def test_explain_says_why_there_was_no_alert(folder):
    shown = alerts("explain", "https://paper1.example/museum-1", folder=folder)
    assert shown.returncode == 0
    assert shown.stdout.startswith("no alert: no rule fires on it\narticle: Museum 1 in Raqqa reopens\n")
    assert "weapons.missile was not found" in shown.stdout
    assert json.loads(alerts("explain", "https://paper1.example/museum-1", "--json", folder=folder).stdout)["alert"] is None


def test_explain_of_what_is_not_on_the_log_is_one_line(folder):
    done = alerts("explain", "https://paper1.example/nothing", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith('alerts: no alert and no article "https://paper1.example/nothing"')
