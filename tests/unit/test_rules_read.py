"""Rule files: what is read, and every fault with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.errors import RuleError
from alerts.records import Kind, Severity
from alerts.rules import Condition, Level, Name, Operator, RuleSet, Unit, Within, read, schema
from alerts.rules.read import TERMS_BYTES_MAX

PLACES = "watchlist: places\nkind: place\nterms: [Raqqa, Mosul]\n"
RULE = "rule: r\nwhen: {all: [places]}\n"

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Writes rule files and goes there, so that places read as a user would type them."""

    def write(*texts: str, **files: str) -> Path:
        root = tmp_path / "rules"
        root.mkdir(exist_ok=True)
        for number, text in enumerate(texts):
            (root / f"{number}.yaml").write_text(text)
        for name, text in files.items():
            (root / name.replace("__", ".")).write_text(text)
        monkeypatch.chdir(tmp_path)
        return Path("rules/")

    return write


def faults(path: Path) -> list[str]:
    with pytest.raises(RuleError) as caught:
        read(path)
    return [str(fault) for fault in caught.value.faults]


def warnings(ruleset: RuleSet) -> list[str]:
    return [str(warning) for warning in ruleset.warnings]


def test_a_watchlist_and_a_rule_are_read_whole(folder: Folder) -> None:
    path = folder(
        """
watchlist: places.syria
kind: place
fuzzy: strict
terms:
  - NO
  - {name: Deir ez-Zor, aliases: [Dayr az-Zawr], fuzzy: loose}
  - {name: IS, exact: true}
  - {name: Jordan, near: [Amman, places.syria], not_near: [basketball]}
---
rule: strikes
title: Strikes
description: In Syria
severity: critical
enabled: off
tags: [air]
when:
  all: [places.syria, {any: ["places.syria: NO"], none: ["places.syria: IS"]}]
  within: sentence
unless: ["places.syria: Jordan"]
tests:
  - {title: t, text: c, summary: s, language: ar, alerts: true, matches: [NO]}
"""
    )
    (watchlist,), (rule,) = read(path).watchlists, read(path).rules
    assert (watchlist.name, watchlist.kind) == ("places.syria", Kind.PLACE)
    assert [(term.name, term.level, term.exact) for term in watchlist.terms] == [
        ("NO", Level.STRICT, False),
        ("Deir ez-Zor", Level.LOOSE, False),
        ("IS", Level.STRICT, True),
        ("Jordan", Level.STRICT, False),
    ]
    assert watchlist.terms[1].aliases == ("Dayr az-Zawr",)
    assert (watchlist.terms[3].near, watchlist.terms[3].not_near) == (("Amman", "places.syria"), ("basketball",))
    assert (rule.name, rule.title, rule.description, rule.severity, rule.enabled, rule.tags) == (
        "strikes", "Strikes", "In Syria", Severity.CRITICAL, False, ("air",),
    )  # fmt: skip
    inner = Condition(
        Operator.ALL,
        (Condition(Operator.ANY, (Name("places.syria", "NO"),)), Condition(Operator.NONE, (Name("places.syria", "IS"),))),
    )
    assert rule.when == Condition(Operator.ALL, (Name("places.syria"), inner))
    assert (rule.within, rule.unless) == (Within(Unit.SENTENCE), (Name("places.syria", "Jordan"),))
    (test,) = rule.tests
    assert (test.article.title, test.article.content, test.article.summary, test.article.language) == ("t", "c", "s", "ar")
    assert (test.alerts, test.matches, str(test.place)) == (True, ("NO",), "rules/0.yaml:22:5")


def test_within_may_be_a_number_of_words(folder: Folder) -> None:
    (rule,) = read(folder(PLACES, RULE.replace("[places]", "[places], within: 12"))).rules
    assert rule.within == Within(Unit.WORDS, 12)
    assert str(rule.within) == "12 words"
    assert str(Within()) == "article"


def test_files_are_read_in_order_and_hidden_ones_are_not(folder: Folder) -> None:
    path = folder(PLACES, RULE, c__yml=RULE.replace("rule: r", "rule: s"), __hidden__yaml="nonsense: [")
    (path / ".git").mkdir()
    (path / ".git" / "x.yaml").write_text("nonsense: [")
    ruleset = read(path)
    assert [rule.name for rule in ruleset.rules] == ["r", "s"]
    assert list(map(str, ruleset.files)) == ["rules/0.yaml", "rules/1.yaml", "rules/c.yml"]


def test_a_single_file_is_enough(folder: Folder) -> None:
    assert [rule.name for rule in read(folder(PLACES + "---\n" + RULE) / "0.yaml").rules] == ["r"]


def test_a_term_written_twice_counts_once_and_is_warned_of(folder: Folder) -> None:
    ruleset = read(folder(PLACES.replace("Mosul", "Raqqa"), RULE))
    assert [term.name for term in ruleset.watchlists[0].terms] == ["Raqqa"]
    assert warnings(ruleset) == ['rules/0.yaml:3:16: term "Raqqa" again, not used; first at rules/0.yaml:3:9']


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("rules: x", 'rules/0.yaml:1:1: a document is a watchlist or a rule: it begins with "watchlist:" or "rule:"'),
        ("[a]", "rules/0.yaml:1:1: a document is a watchlist or a rule"),
        ("rule: x\nwatchlist: y", "rules/0.yaml:1:1: a document is a watchlist or a rule"),
        ("rule: x\nseverty: high\nwhen: {all: [places]}", 'rules/0.yaml:2:1: no key "severty" here; did you mean "severity"?'),
        ("rule: x\nseverity: critcal\nwhen: {all: [places]}", 'rules/0.yaml:2:11: no severity "critcal"; did you mean "critical"?'),
        (
            "rule: x\nseverity: 7\nwhen: {all: [places]}",
            'rules/0.yaml:2:11: no severity "7"; choose one of info, low, medium, high, critical',
        ),
        ("rule: x", 'rules/0.yaml:1:1: "when" is missing'),
        ("rule: x\nwhen: {}", "rules/0.yaml:2:7: a condition needs all, any or none"),
        ("rule: x\nwhen: places", 'rules/0.yaml:2:7: "when" takes keys and values, not text'),
        ("rule: x\nwhen: {all: places}", 'rules/0.yaml:2:13: "all" takes a list, not text'),
        ("rule: x\nwhen: {all: []}", 'rules/0.yaml:2:13: "all" is empty'),
        ("rule: x\nwhen: {all: [[places]]}", 'rules/0.yaml:2:14: "all" takes text, not a list'),
        ("rule: x\nwhen: {all: [{any: [places], withn: 3}]}", 'rules/0.yaml:2:30: no key "withn" here'),
        (
            "rule: x\nwhen: {all: [places], within: sentance}",
            "rules/0.yaml:2:31: within is article, paragraph, sentence or a number of words",
        ),
        ("rule: x\nwhen: {all: [places], within: 0}", "rules/0.yaml:2:31: within is article"),
        ("rule: x\nwhen: {all: [places], within: [3]}", "rules/0.yaml:2:31: within is article"),
        ("rule: x\nwhen: {all: [place]}", 'rules/0.yaml:2:14: no watchlist "place"; did you mean "places"?'),
        ("rule: x\nwhen: {all: ['places: Rakka']}", 'rules/0.yaml:2:14: no term "Rakka" in watchlist "places"; did you mean "Raqqa"?'),
        ("rule: x\nwhen: {all: [places]}\nunless: [sport]", 'rules/0.yaml:3:10: no watchlist "sport"'),
        ("rule: x\nwhen: {none: [places]}", 'rules/0.yaml:1:7: rule "x" would fire without a single word found'),
        ("rule: x\nwhen: {all: [places]}\nenabled: maybe", 'rules/0.yaml:3:10: "enabled" is true or false, not "maybe"'),
        ("rule: x\nwhen: {all: [places]}\ntests: [{alerts: true}]", "rules/0.yaml:3:9: a test needs a text"),
        ("rule: x\nwhen: {all: [places]}\ntests: [{text: a, content: b, alerts: true}]", "rules/0.yaml:3:9: text and content are the same"),
        (
            "rule: x\nwhen: {all: [places]}\ntests: [{text: a, alerts: false, matches: [b]}]",
            "rules/0.yaml:3:9: a test that expects no alert",
        ),
        ("watchlist: w\nkind: place", 'rules/0.yaml:1:1: watchlist "w" has no terms'),
        ("watchlist: w\nkind: place\nterms: []", 'rules/0.yaml:1:1: watchlist "w" has no terms'),
        ("watchlist: w\nkind: plaice\nterms: [a]", 'rules/0.yaml:2:7: no kind "plaice"; did you mean "place"?'),
        ("watchlist: w\nkind: place\nfuzzy: of\nterms: [a]", 'rules/0.yaml:3:8: no fuzzy "of"; did you mean "off"?'),
        ("watchlist: w\nkind: place\nterms: [{nam: a}]", 'rules/0.yaml:3:10: no key "nam" here; did you mean "name"?'),
        ("watchlist: w\nkind: place\nterms: ['']", 'rules/0.yaml:3:9: "terms" is empty'),
        (f"watchlist: w\nkind: place\nterms: [{'a' * 501}]", 'rules/0.yaml:3:9: "terms" is longer than 500 characters'),
        ("watchlist: w\nkind: place\nterms: [{name: a, near: [places.syra]}]", 'rules/0.yaml:3:9: no watchlist "places.syra"'),
        ("watchlist: places\nkind: place\nterms: [a]", 'rules/1.yaml:1:12: a second watchlist "places"; the first is at rules/0.yaml:1:12'),
        ("rule: r\nwhen: {all: [places]}", 'rules/2.yaml:1:7: a second rule "r"; the first is at rules/0.yaml:1:7'),
        ("watchlist: w\nkind: place\nterms_from: none.txt", 'rules/0.yaml:3:13: "none.txt" cannot be read: No such file or directory'),
        ("watchlist: w\nkind: place\nterms_from: ../x.txt", 'rules/0.yaml:3:13: "../x.txt" cannot be read: it leads out of the folder'),
        ("watchlist: w\nkind: place\nterms_from: .", 'rules/0.yaml:3:13: "." cannot be read: it is not a file'),
        ('watchlist: w\nkind: place\nterms_from: "a\\0b"', 'rules/0.yaml:3:13: "a\0b" cannot be read: '),
    ],
)
def test_a_fault_names_place_and_mend(folder: Folder, document: str, fault: str) -> None:
    path = folder(document, PLACES, RULE)
    (path.parent / "x.txt").write_text("outside")
    assert any(found.startswith(fault) for found in faults(path)), faults(path)


def test_all_faults_of_all_files_come_at_once_in_order(folder: Folder) -> None:
    path = folder(
        "watchlist: a\nkind: plac\nfuzy: off\nterms: [{name: x, exat: true}]",
        "rule: r\nseverity: bad\nwhen: {all: [a, b]}",
        "rule: s\nwhen: {all: [a, c]}",
        "not: [yaml\n",
    )
    assert [fault.partition(": ")[0] for fault in faults(path)] == [
        "rules/0.yaml:2:7",
        "rules/0.yaml:3:1",
        "rules/0.yaml:4:19",
        "rules/1.yaml:2:11",
        "rules/1.yaml:3:17",
        "rules/2.yaml:2:17",
        "rules/3.yaml:2:1",
    ]


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Folder, tmp_path: Path) -> None:
    path = folder("watchlist: w\nkind: place\nterms_from: towns.txt", RULE.replace("places", "w"))
    (tmp_path / "secret.txt").write_text("root")
    (path / "towns.txt").symlink_to(tmp_path / "secret.txt")
    assert faults(path) == ['rules/0.yaml:3:13: "towns.txt" cannot be read: it leads out of the folder of the rules']


def test_terms_come_from_a_text_file_too(folder: Folder) -> None:
    path = folder(
        "watchlist: w\nkind: place\nfuzzy: off\nterms: [Homs]\nterms_from: towns.txt",
        RULE.replace("places", "w"),
        towns__txt="\ufeff# towns\n\nRaqqa\tRakka\tالرقة\n  Mosul \n",
    )
    ruleset = read(path)
    assert [(term.name, term.aliases, term.level) for term in ruleset.watchlists[0].terms] == [
        ("Homs", (), Level.OFF),
        ("Raqqa", ("Rakka", "الرقة"), Level.OFF),
        ("Mosul", (), Level.OFF),
    ]
    assert Path("rules/towns.txt") in ruleset.files


def test_a_faulty_line_of_terms_is_named(folder: Folder) -> None:
    path = folder("watchlist: w\nkind: place\nterms_from: t.txt", RULE.replace("places", "w"))
    (path / "t.txt").write_bytes(b"good\n\tRakka\n\xff\n" + b"a" * 501)
    assert [fault.partition(": ")[0] for fault in faults(path)] == ["rules/t.txt:2:1", "rules/t.txt:3:1", "rules/t.txt:4:1"]


def test_a_file_of_terms_above_the_bound_is_refused_at_once(folder: Folder) -> None:
    path = folder("watchlist: w\nkind: place\nterms_from: t.txt", RULE.replace("places", "w"))
    with (path / "t.txt").open("wb") as stream:
        stream.truncate(TERMS_BYTES_MAX + 1)
    assert faults(path) == ["rules/t.txt: larger than 500 MB"]


def test_a_missing_path_or_a_folder_without_a_rule_is_one_line(folder: Folder) -> None:
    path = folder()
    assert faults(path / "none") == ["rules/none: no such file or folder"]
    assert faults(path) == ["rules: no rule here: the folder holds no .yaml file"]
    assert faults(folder(PLACES)) == ["rules: no rule here"]


@pytest.mark.parametrize(
    ("watchlist", "rule", "warning"),
    [
        ("[Raqqa]", "rule: r\nwhen: {all: [places]}\nenabled: false", 'rule "r" is not enabled'),
        ("[Raqqa]", "rule: r\nwhen: {all: [places]}\nunless: [places]", 'rule "r" can never fire'),
        ("[Raqqa]", "rule: r\nwhen: {all: [places, {none: ['places']}]}", 'rule "r" can never fire'),
        ("[Raqqa]", "rule: r\nwhen: {any: [other]}", 'no rule uses watchlist "places"'),
        ("[Raqqa, {name: Al, fuzzy: off}]", RULE, '"Al" is very short'),
        ("[Raqqa, RAQQA]", RULE, '"RAQQA" is also found by term "Raqqa" at rules/0.yaml:3:9'),
        ("[Raqqa, Chad]", RULE, '"Chad" is also a word or forename'),
        ("['--', Raqqa]", RULE, 'term "--" holds no letter or digit and is never found'),
    ],
)
def test_what_will_hardly_be_meant_is_warned_of(folder: Folder, watchlist: str, rule: str, warning: str) -> None:
    path = folder(f"watchlist: places\nkind: place\nterms: {watchlist}", rule, "watchlist: other\nkind: term\nterms: [ambush]")
    assert any(warning in found for found in warnings(read(path))), warnings(read(path))


def test_a_term_that_says_how_to_tell_it_apart_is_not_warned_of(folder: Folder) -> None:
    path = folder("watchlist: places\nkind: place\nterms: [{name: Chad, near: [Sahel]}, {name: IS, exact: true}]", RULE)
    assert read(path).warnings == ()


def test_the_schema_describes_both_kinds_of_document() -> None:
    text = str(schema())
    assert all(key in text for key in ("watchlist", "terms_from", "not_near", "severity", "critical", "within", "matches"))
