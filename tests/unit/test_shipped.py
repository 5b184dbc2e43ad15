"""What ships: the rules, the founding article, the demo feed, the configurations, and what none of them may alert on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alerts.config import load
from alerts.errors import Fault
from alerts.feeds import Entry, parse_body
from alerts.matching import Rules
from alerts.records import Article, Kind
from alerts.rules import read
from alerts.stories import Stories, StorySettings

ROOT = Path(__file__).parents[2]

FOUNDING = {
    "places": [
        "Syria",
        "Iraq",
        "Raqqa",
        "Mosul",
        "Sinjar",
        "Sinai",
        "Kweiris",
        "Aleppo",
        "Idlib",
        "Homs",
        "Deir ez-Zor",
        "Paris",
        "Moscow",
    ],
    "groups": [
        "Islamic State",
        "IS",
        "al-Qaeda",
        "al-Nusra Front",
        "Hezbollah",
        "Peshmerga",
        "Yazidis",
        "Syrian army",
        "Sinai Province",
        "Syrian Observatory for Human Rights",
        "Raqqa Is Being Slaughtered Silently",
    ],
    "weapons": [
        "Tu-160",
        "Tu-95",
        "Tu-22",
        "MiG-21",
        "bomber",
        "warplane",
        "drone",
        "cruise missile",
        "missile",
        "Kalibr",
        "submarine",
        "bomb",
    ],
    "terms": ["airstrike", "shelling", "fled", "mass grave"],
}
SPELLINGS = {
    *("ar-Raqqah", "Rakka", "Mossul", "Shingal", "Idleb", "Deir Ezzor", "Kweires", "Kuwayris"),
    *("Hizballah", "Pesh Merga", "Al-Qa'ida", "Daesh", "ISIL", "Tu-22M3", "Tu-95MS"),
}

DEMO = {
    "demo-1": {"islamic-state-in-syria-and-iraq", "strikes-in-syria", "displacement-in-syria-and-iraq"},
    "demo-2": {"islamic-state-in-syria-and-iraq", "strikes-in-syria", "displacement-in-syria-and-iraq"},
    "demo-3": {"strikes-in-syria"},
    "demo-4": {"fighting-in-syria-and-iraq", "armed-group-attacks"},
    "demo-5": {"fighting-in-syria-and-iraq"},
    "demo-6": {"islamic-state-in-syria-and-iraq"},
    "demo-7": set(),
    "demo-8": set(),
    "demo-9": set(),
}

GENERAL = [
    "The museum of Raqqa shows its mosaics again.",
    "The ambassador called the housing crisis a threat to every home.",
    "Tirana was hit by the heaviest rain in ten years.",
    "Michael Jordan scored 63 points; the Bulls' attack was unstoppable.",
    "The Georgia Bulldogs attacked from the first whistle in Atlanta.",
    "A bomb threat emptied a school in Lebanon, Pa., on Monday; soldiers searched it.",
    "Chad, a soldier in the Salvation Army, was wounded by a falling tree.",
    "She stormed out of the meeting after the raid on the biscuit tin.",
    "The Houston Rockets launched a late run and hit eleven threes.",
    "What IS the point of a group chat? Ask the militants of grammar.",
    "The tyre burst, and the drone pilot hit the wall.",
    "Homes and crime: the mayor said that he was done with selling.",
    "The Grad student launched a missile-shaped cake and hit the target of his fundraiser.",
    "The thrones of Lviv's theatre were damaged by damp.",
    "Wagner's Lohengrin captured the hearts of an army of fans in Lviv.",
    "Aden Hazard fired a missile into the top corner.",
    "A Kenyan runner attacked on the last hill and won the marathon.",
    "The think tank attacked the budget; the minister was wounded by the remark.",
    "A bath bomb maker from Paris, Texas, was hit by a recall.",
    "The bomb cyclone killed the power in Moscow, Idaho.",
    "The hospital of Mount Sinai launched an attack on cancer with an army of viruses.",
    "Prices in Mali's markets fell after the harvest.",
    "The M23 was closed after a lorry hit a bridge near Gatwick.",
    "An Odessa oil worker in Texas was killed when a rocket stove exploded.",
    "The Sudan grass variety was hit by blight; farmers fight on.",
    "The Red Sea resort was hit by cancellations.",
    "The striker's rocket of a shot hit the post in Haifa.",
    "The executive committee executed its strategy and targeted growth in Niger Delta gas.",
    "Hama beads killed an afternoon.",
    "The sarin of the story is a cat; the mustard stays in the jar.",
    "Vaccines reached the farmers of Rwanda by drone.",
    "The Isis, as the Thames is called in Oxford, burst its banks and students fled.",
    "An earthquake killed twelve people in Colombia.",
    "A bus crash killed nine in Pakistan.",
    "Iran reached the quarter-final after a penalty shoot-out; the goalkeeper saved three.",
    "Archaeologists found mortar from the Ottoman Empire in Damascus.",
    "The army of ants attacked the picnic in Bethlehem, Pennsylvania.",
    "Turkey and gravy: gunmen of the kitchen, soldiers of the stove, attack your leftovers.",
    "In the First World War soldiers attacked at Kut and Baghdad.",
    "Ambassadors of Kosovo and France opened a library.",
    "Al Jazeera's website was hit by a fault.",
    "The taxman raided the wallet of every Cairo shopkeeper.",
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(ROOT / "rules")


@pytest.fixture(scope="module")
def founding() -> Article:
    given = json.loads((ROOT / "tests/data/raqqa-2015.json").read_text(encoding="utf-8"))
    return Article(**{key: given[key] for key in ("id", "feed", "url", "title", "summary", "content", "language")})


@pytest.fixture(scope="module")
def demo() -> dict[str, Article]:
    newest_first = zip(reversed(DEMO), demo_entries(), strict=True)
    return {
        name: Article(id=name, title=entry.title, summary=entry.summary, content=entry.content, url=entry.url, published=entry.published)
        for name, entry in newest_first
    }


def demo_entries() -> tuple[Entry, ...]:
    body = (ROOT / "demo/feed.xml").read_bytes()
    return parse_body(body, {"content-type": "application/rss+xml"}, url="https://example.org/demo/feed.xml").entries


def texts(faults: tuple[Fault, ...]) -> list[str]:
    return [str(fault) for fault in faults]


def test_the_rules_have_neither_faults_nor_warnings(rules: Rules) -> None:
    assert texts(rules.warnings) == []


def test_every_test_in_the_rule_files_passes(rules: Rules) -> None:
    results = rules.run_tests()
    assert [str(failure) for failure in results.failures] == []
    assert results.run >= 100


def test_every_rule_says_what_it_is_and_is_tested_both_ways() -> None:
    for rule in read(ROOT / "rules").rules:
        assert rule.title, rule.name
        assert rule.description, rule.name
        assert rule.tags, rule.name
        assert {test.alerts for test in rule.tests} == {True, False}, rule.name


def test_the_watchlists_cover_the_conflicts_of_the_day() -> None:
    counted = dict.fromkeys(Kind, 0)
    for watchlist in read(ROOT / "rules").watchlists:
        counted[watchlist.kind] += len(watchlist.terms)
    assert counted[Kind.PLACE] >= 500
    assert counted[Kind.GROUP] >= 110
    assert counted[Kind.WEAPON] >= 150


@pytest.mark.parametrize(("prefix", "name"), [(prefix, name) for prefix, names in FOUNDING.items() for name in names])
def test_the_founding_article_gives_every_name_as_evidence(rules: Rules, founding: Article, prefix: str, name: str) -> None:
    found = {(one.watchlist.partition(".")[0], one.term) for match in rules.match(founding) for one in match.evidence}
    assert (prefix, name) in found


def test_the_founding_article_is_found_under_every_spelling(rules: Rules, founding: Article) -> None:
    found = {one.matched for match in rules.match(founding) for one in match.evidence}
    assert found >= SPELLINGS


def test_the_founding_article_is_a_critical_alert(rules: Rules, founding: Article) -> None:
    fired = {match.rule: str(match.severity) for match in rules.match(founding)}
    assert fired["strikes-in-syria"] == "critical"
    assert "strikes-in-russia" not in fired  # "Moscow said" is no strike on Moscow


def test_every_item_of_the_demo_feed_has_a_link_and_a_date_of_2015() -> None:
    for entry in demo_entries():
        assert entry.url.startswith("https://example.org/")
        assert entry.published is not None
        assert entry.published.year == 2015


def test_the_demo_feed_carries_the_founding_article(demo: dict[str, Article], founding: Article) -> None:
    assert (demo["demo-1"].title, demo["demo-1"].summary) == (founding.title, founding.summary)
    assert demo["demo-1"].content.split() == founding.content.split()


def test_the_demo_feed_tells_one_event_twice_and_alerts_once(rules: Rules, demo: dict[str, Article]) -> None:
    stories = Stories(StorySettings())
    told = {name: [one for match in rules.match(demo[name]) for one in match.evidence] for name in DEMO}
    joined = {name: stories.join(demo[name], told[name], kinds=rules.kinds) for name in DEMO if told[name]}
    assert joined["demo-2"].story == joined["demo-1"].story
    assert sum(one.new for one in joined.values()) == 5


@pytest.mark.parametrize("item", list(DEMO))
def test_the_demo_feed_alerts_where_it_should(rules: Rules, demo: dict[str, Article], item: str) -> None:
    fired = {match.rule for match in rules.match(demo[item])}
    assert DEMO[item] <= fired
    assert bool(fired) == bool(DEMO[item])


@pytest.mark.parametrize("sentence", GENERAL)
def test_general_news_does_not_alert(rules: Rules, sentence: str) -> None:
    assert [(match.rule, [one.term for one in match.evidence]) for match in rules.match(Article(id="1", content=sentence))] == []


@pytest.mark.parametrize("file", ["alerts.yaml", "config/alerts.yaml"])
def test_the_configurations_need_no_secret(file: str) -> None:
    config = load(ROOT / file, environ={})
    assert config.warnings == ()
    assert config.rules.resolve() == ROOT / "rules"
    assert [channel.url for channel in config.channels.values()] == ["console:"]
    assert sum(feed.url.startswith("https://") for feed in config.feeds) >= 10
    assert config.poll.contact


def test_the_configuration_of_a_checkout_brings_the_demo_feed_along() -> None:
    local = [feed.url for feed in load(ROOT / "alerts.yaml", environ={}).feeds if feed.url.startswith("file:")]
    assert local == [(ROOT / "demo/feed.xml").as_uri()]


def test_the_examples_of_the_rules_readme_work(rules: Rules, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "rules/README.md").read_text(encoding="utf-8"), re.DOTALL)
    terms, rule = blocks
    shipped = "".join(file.read_text(encoding="utf-8") + "\n---\n" for file in sorted((ROOT / "rules").rglob("*.yaml")))
    (tmp_path / "all.yaml").write_text(f"{shipped}{rule}\n---\nwatchlist: places.readme\nkind: place\nterms:\n{terms}", encoding="utf-8")
    assert [str(failure) for failure in Rules.load(tmp_path).run_tests().failures] == []
