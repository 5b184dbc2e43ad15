"""`alerts.yaml`: what it means, and every fault of it with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.config import Config, Fallback, check_references, load, unknown_tags
from alerts.errors import ConfigError
from alerts.records import QuietHours, Severity
from alerts.routing import Rate

LEAST = """
feeds: [https://example.org/world.xml]
channels: {desk: "console:"}
"""

Loaded = Callable[..., Config]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    def read(text: str, **environ: str) -> Config:
        (tmp_path / "alerts.yaml").write_text(text, encoding="utf-8")
        return load(tmp_path / "alerts.yaml", environ=environ)

    return read


@pytest.fixture
def faults(loaded: Loaded) -> Callable[..., list[str]]:
    """The faults of a text, as `line:column: message`."""

    def read(text: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            loaded(text, **environ)
        return [str(fault).partition("alerts.yaml:")[2] for fault in caught.value.faults]

    return read


def test_feeds_and_channels_suffice(loaded: Loaded, tmp_path: Path) -> None:
    config = loaded(LEAST)
    assert config.log == "sqlite:var/alerts.db"
    assert (config.base, config.rules) == (tmp_path, tmp_path / "rules")
    assert (config.keep, config.timezone) == (timedelta(days=30), ZoneInfo("UTC"))
    assert (config.poll.every, config.poll.max_age) == (timedelta(minutes=5), timedelta(hours=24))
    assert (config.stories.window, config.stories.updates, config.stories.updates_max) == (timedelta(hours=72), 3, 5)
    assert config.channels["desk"].give_up == timedelta(days=7)
    assert config.ops == ("desk",)
    assert config.routes == ()
    assert config.warnings == ()


def test_everything_that_the_contract_names_is_understood(loaded: Loaded) -> None:
    config = loaded(
        """
        log: kafka+ssl://broker:9092,other:9092?replication=3
        keep: 10d
        rules: own/
        timezone: Asia/Damascus
        poll: {every: 2m, max_age: 0, contact: "https://example.org/about", proxy: "http://proxy:3128", allow_private_addresses: true}
        feeds:
          - {url: "https://example.net/feed", name: Example, every: 1s, language: ar, headers: {X-Key: "${K}"}, user: me, password: "${P}"}
        stories: {window: 2h, updates: 1, updates_max: 0}
        channels:
          desk: "console:"
          duty: {url: "mailto://example.org", give_up: 2h, timezone: Europe/London}
        routes:
          - {severity: high, to: [desk, duty], rule: a, tag: [b, c], watchlist: places.syria, language: ar}
        ops: duty
        """,
        K="abc",
        P="secret",
    )
    (feed,) = config.feeds
    (route,) = config.routes
    assert config.log == "kafka+ssl://broker:9092,other:9092?replication=3"
    assert (config.poll.max_age, feed.max_age, feed.every) == (None, None, timedelta(seconds=1))
    assert (feed.name, feed.language, feed.headers, feed.user, feed.password) == ("Example", "ar", {"X-Key": "abc"}, "me", "secret")
    assert feed.allow_private_addresses
    assert (config.channels["duty"].give_up, config.channels["duty"].timezone) == (timedelta(hours=2), ZoneInfo("Europe/London"))
    assert (route.to, route.severity, route.rule) == (("desk", "duty"), Severity.HIGH, {"a"})
    assert (route.tag, route.watchlist, route.language) == ({"b", "c"}, {"places.syria"}, {"ar"})
    assert config.ops == ("duty",)


def test_every_fault_is_reported_at_once_with_its_place(faults: Callable[..., list[str]]) -> None:
    assert faults(
        """
kepe: 3d
timezone: Europe/Londn
poll: {every: 5 min, allow_private_addresses: maybe}
feeds:
  - ftp://example.org/x
  - {url: "https://example.org/y", evry: 5m}
  - {name: nowhere}
stories: {updates: none}
channels:
  desk: {url: "${TOKEN}"}
  a b: "console:"
routes:
  - {severity: critcal, to: [deks]}
  - {severity: low}
ops: [nobody]
"""
    ) == [
        '2:1: unknown key "kepe"; did you mean "keep"?',
        '3:11: no time zone "Europe/Londn"; did you mean "Europe/London"?; zones are named as in Europe/London',
        '4:15: "5 min" is no duration; write 30s, 5m, 2h or 7d',
        '4:47: "maybe" is neither true nor false',
        "6:5: no address of a feed; use https://HOST/PATH, http://HOST/PATH or file:PATH",
        '7:36: unknown key "evry"; did you mean "every"?',
        '8:5: a feed has no "url"',
        '9:20: "none" is no whole number of at least 1',
        "11:15: the variable TOKEN is not set",
        "12:8: a channel's name is up to 100 characters without spaces and slashes",
        '14:16: no severity "critcal"; did you mean "critical"?',
        '14:30: no channel "deks"; did you mean "desk"?',
        '15:5: a route has no "to"',
        '16:7: no channel "nobody"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        ("# only a comment", "is empty"),
        ("- a list", "the configuration is a mapping"),
        ("feeds: [https://example.org/x]", 'the configuration has no "channels"'),
        ("feeds: []\nchannels: {desk: 'console:'}", 'the configuration has no "feeds"'),
        (LEAST + "---\nkeep: 3d", "a second document"),
        (LEAST + "keep: 3d\nkeep: 4d", '"keep" stands here twice'),
        (LEAST + "log: postgres://x", "no address of a log"),
        (LEAST + "poll: {every: 0s}", "the least is 1s"),
        (LEAST + "poll: {budget: 0}", '"0" is no whole number of at least 1'),
        (LEAST + "poll: {proxy: 'socks5://x'}", "no address of a proxy"),
        ("feeds: https://example.org/x\nchannels: {desk: 'console:'}", "feeds is a list"),
        ("feeds: ['http://example.org:port/']\nchannels: {desk: 'console:'}", "no address of a feed"),
        ("feeds: [{url: 'http://e.org/', headers: {'X Y': a}}]\nchannels: {desk: 'console:'}", "no name of an HTTP header"),
        ('feeds: [{url: "http://e.org/", headers: {X: "a\\r\\nB: c"}}]\nchannels: {desk: "console:"}', "holds a line break"),
        ("feeds: [http://e.org/]\nchannels: {desk: nothing}", "no address of a channel"),
        ("feeds: [http://e.org/]\nchannels: {desk: [a]}", "a channel is a mapping (key: value) or a text"),
        ("feeds: [http://e.org/]\nchannels: {desk: '${X'}", "a ${ that begins no variable"),
        ("feeds: [http://e.org/]\nchannels: {desk: '${X:-}'}", "this address is empty"),
        (LEAST + "timezone: [UTC]", "a text is wanted here"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_write(faults: Callable[..., list[str]], text: str, fault: str) -> None:
    assert fault in faults(text)[0] or fault in str(faults(text))


def test_the_budget_of_all_feeds_is_a_number_of_requests_a_minute(loaded: Loaded) -> None:
    assert loaded(LEAST).poll.budget == 0
    assert loaded(LEAST + "poll: {budget: 40}").poll.budget == 40


@pytest.mark.parametrize("key", ["web: {listen: 'x'}"])
def test_what_a_later_version_brings_is_refused_by_name(faults: Callable[..., list[str]], key: str) -> None:
    assert faults(LEAST + key) == [f'4:1: "{key.partition(":")[0]}" is not supported by this version yet; remove it']


def test_a_channel_says_how_it_is_told(loaded: Loaded) -> None:
    config = loaded(
        """
feeds: [http://example.org/]
channels:
  desk: "console:"
  duty: {url: "console:", fallback: {to: desk, after: 5m}, per_hour: 60, storm: 30, rate: [1/1s, 20/1m]}
  hook: {url: "json://example.org/", fallback: desk, storm: off, rate: off}
"""
    )
    duty, hook = config.channels["duty"], config.channels["hook"]
    assert (duty.fallback, duty.per_hour, duty.storm) == (Fallback("desk", timedelta(minutes=5)), 60, 30)
    assert duty.rates == (Rate(1, timedelta(seconds=1)), Rate(20, timedelta(minutes=1)))
    assert (hook.fallback, hook.per_hour, hook.storm, hook.rates) == (Fallback("desk", timedelta(minutes=10)), None, 0, ())
    assert (config.channels["desk"].storm, config.channels["desk"].rates) == (None, None)


def test_a_route_says_when(loaded: Loaded) -> None:
    config = loaded(
        """
timezone: Europe/London
feeds: [{url: "http://example.org/", name: Wire}]
channels: {desk: "console:"}
routes:
  - {to: desk, digest: 1h, place: [Raqqa], term: Grad, feed: Wire}
  - {to: desk, quiet_hours: {between: "22:00-06:00", timezone: Asia/Damascus, except: critical}}
  - {to: desk, quiet_hours: "12:30-24:00"}
"""
    )
    digest, night, short = config.routes
    assert (digest.digest, digest.zone, digest.place, digest.term, digest.feed) == (
        timedelta(hours=1),
        "Europe/London",
        {"Raqqa"},
        {"Grad"},
        {"Wire"},
    )
    assert night.quiet_hours == QuietHours(start=time(22), end=time(6), zone="Asia/Damascus", but=Severity.CRITICAL)
    assert short.quiet_hours == QuietHours(start=time(12, 30), end=time(0), zone="Europe/London")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("channels: {desk: {url: 'console:', fallback: {to: dsk}}}", 'no channel "dsk"; did you mean "desk"?'),
        ("channels: {desk: {url: 'console:', fallback: desk}}", "a channel is no fallback for itself"),
        ("channels: {desk: {url: 'console:', fallback: {after: 5m}}}", 'a fallback has no "to"'),
        ("channels: {desk: {url: 'console:', rate: 20}}", '"20" is no rate; write 1/1s, 20/1m, or off'),
        ("channels: {desk: {url: 'console:', rate: 500/1s}}", "at most 200"),
        ("channels: {desk: {url: 'console:', storm: 0}}", "no whole number of at least 1"),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, digest: 30s}]", "the least is 60s"),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, digest: 36h}]", "comes after whole days"),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, quiet_hours: {between: x}}]", '"x" are no hours'),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, quiet_hours: '22:00-22:00'}]", "that end when they begin"),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, quiet_hours: {timezone: UTC}}]", 'quiet hours has no "between"'),
        ("channels: {desk: 'console:'}\nsubscribers: people/", 'no folder "people/"'),
        ("channels: {desk: 'console:'}\nsubscribers: [{name: a b, channels: 'console:'}]", "a subscriber's name is up to 60 characters"),
        ("channels: {desk: 'console:'}\nsubscribers: [{name: desk, channels: 'console:'}]", '"desk" is named twice'),
        ("channels: {desk: 'console:'}\nsubscribers: [{name: amira}]", 'a subscriber has no "channels"'),
        ("channels: {desk: 'console:'}\nsubscribers:\n  -\n", 'a subscriber has no "name"; nothing stands here'),
        ("channels: {desk: 'console:'}\nroutes:\n  -\n", 'a route has no "to"; nothing stands here'),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, quiet_hours: }]", 'quiet hours has no "between"; nothing stands here'),
        ("channels: {desk: 'console:'}\nroutes: [{to: desk, feed: Example}]", 'no feed "Example"; did you mean "example.org"?'),
        ("channels: {a.b: 'console:'}\nsubscribers: [{name: a, channels: {b: 'console:'}}]", '"a.b" is named twice'),
        (
            "channels: {desk: 'console:'}\nsubscribers: [{name: a, channels: {b: {url: 'console:', fallback: dsk}}}]",
            'no channel "dsk"; did you mean "desk"?',
        ),
    ],
)
def test_a_mistake_about_when_and_how_is_one_line(faults: Callable[..., list[str]], text: str, fault: str) -> None:
    assert fault in str(faults(f"feeds: [http://example.org/]\n{text}\n"))


def test_a_subscriber_has_channels_a_zone_and_a_route_of_their_own(loaded: Loaded) -> None:
    config = loaded(
        LEAST
        + """
subscribers:
  - name: amira
    channels: {mail: "mailto://u:p@example.org", phone: {url: "tgram://123456789:abcdefg_hijklmnop/42/", per_hour: 10}}
    timezone: Asia/Damascus
    severity: high
    watchlist: places.syria
    quiet_hours: {between: "23:00-07:00", except: critical}
  - {name: bo, channels: "console:"}
"""
    )
    assert list(config.channels) == ["desk", "amira.mail", "amira.phone", "bo"]
    everybody, amira, bo = config.routes
    assert everybody.to == ("desk",)
    assert (amira.to, amira.severity, amira.watchlist) == (("amira.mail", "amira.phone"), Severity.HIGH, {"places.syria"})
    assert amira.quiet_hours == QuietHours(start=time(23), end=time(7), zone="Asia/Damascus", but=Severity.CRITICAL)
    assert (bo.to, bo.quiet_hours) == (("bo",), None)
    assert config.channels["amira.phone"].timezone == ZoneInfo("Asia/Damascus")
    assert config.ops == ("desk",)


def test_a_subscribers_channel_falls_back_to_one_of_their_own_or_to_a_common_one(loaded: Loaded) -> None:
    config = loaded(
        LEAST
        + """
subscribers:
  - {name: amira, channels: {mail: {url: "console:", fallback: phone}, phone: {url: "console:", fallback: desk}}}
  - {name: bo, channels: {url: "console:", desk: {url: "console:", fallback: {to: url}}}}
"""
    )
    assert {name: channel.fallback.to for name, channel in config.channels.items() if channel.fallback} == {
        "amira.mail": "amira.phone",
        "amira.phone": "desk",
        "bo.desk": "bo.url",
    }


def test_a_folder_of_subscribers_may_be_mounted_by_kubernetes_and_hold_empty_files(loaded: Loaded, tmp_path: Path) -> None:
    mounted = tmp_path / "people" / "..2026_11_22"
    mounted.mkdir(parents=True)
    (mounted / "amira.yaml").write_text("name: amira\nchannels: 'console:'")
    (tmp_path / "people" / "..data").symlink_to(mounted.name)
    (tmp_path / "people" / "amira.yaml").symlink_to("..data/amira.yaml")
    (tmp_path / "people" / "nobody.yaml").write_text("# to come\n")
    assert list(loaded(LEAST + "subscribers: people").channels) == ["desk", "amira"]


def test_subscribers_that_are_still_to_be_written_are_none(loaded: Loaded) -> None:
    assert list(loaded(LEAST + "subscribers:\n").channels) == ["desk"]


def test_subscribers_may_stand_in_files_of_their_own(loaded: Loaded, faults: Callable[..., list[str]], tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "amira.yaml").write_text('name: amira\nchannels: "console:"\nrule: strikes\n', encoding="utf-8")
    (folder / "others.yml").write_text('- {name: bo, channels: "console:"}\n- {name: cy, channels: "console:"}\n', encoding="utf-8")
    config = loaded(LEAST + "subscribers: people/")
    assert list(config.channels) == ["desk", "amira", "bo", "cy"]
    assert {folder / "amira.yaml", folder / "others.yml"} <= set(config.files)
    assert config.folders == (folder,)
    assert config.references[0].place.file == str(folder / "amira.yaml")
    (folder / "amira.yaml").write_text("name: amira\nchanels: x\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        loaded(LEAST + "subscribers: people/")
    assert any(str(fault).startswith(f"{folder / 'amira.yaml'}:2:1: unknown key") for fault in caught.value.faults)


def test_a_missing_file_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml", environ={})


def test_variables_have_defaults_messages_and_dollar_signs(loaded: Loaded, faults: Callable[..., list[str]]) -> None:
    text = LEAST + 'poll: {contact: "${X:-a}-${EMPTY:-b}-${EMPTY}-$$-${SET}-$5"}'
    assert loaded(text, EMPTY="", SET="s").poll.contact == "a-b--$-s-$5"
    assert faults(LEAST + "keep: ${X:?how long to keep articles}") == ["4:7: the variable X is not set: how long to keep articles"]
    assert faults(LEAST + "keep: ${X:?}", X="") == ["4:7: the variable X is empty"]


def test_a_secret_may_stand_in_a_file(loaded: Loaded, faults: Callable[..., list[str]], tmp_path: Path) -> None:
    text = 'feeds: [http://example.org/]\nchannels: {desk: "slack://${TOKEN}/#alerts"}'
    (tmp_path / "token").write_text("xoxb-from-file\n")
    config = loaded(text, TOKEN_FILE="token")
    assert config.channels["desk"].url == "slack://xoxb-from-file/#alerts"
    assert tmp_path / "token" in config.files
    assert loaded(text, TOKEN="xoxb-direct", TOKEN_FILE="token").channels["desk"].url == "slack://xoxb-direct/#alerts"
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * 65_537)
    for file, why in (("gone", "No such file or directory"), ("binary", "not UTF-8"), ("large", "larger than 65536 bytes")):
        assert faults(text, TOKEN_FILE=file) == [f"2:18: the file that TOKEN_FILE names cannot be used: {why}"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mailto://${U}:${P}@example.org", "mailto://me%40example.org:p%40ss%2Fw%23rd%3Fx@example.org"),
        ("mailto://${U}:plain@example.org?to=${U}", "mailto://me%40example.org:plain@example.org?to=me@example.org"),
        ("${WHOLE}", "tgram://1:a/2?x=y#z"),
        ("${WHOLE}&more=${P:-x}", "tgram://1:a/2?x=y#z&more=p@ss/w#rd?x"),
        ("slack://${NONE:-a/b/c}/#alerts", "slack://a/b/c/#alerts"),
        ("json://u:${NONE:-p@q}@host/${U}", "json://u:p%40q@host/me@example.org"),
    ],
)
def test_user_and_password_are_encoded_and_nothing_else(loaded: Loaded, written: str, meant: str) -> None:
    config = loaded(
        f'feeds: [http://example.org/]\nchannels: {{desk: "{written}"}}', U="me@example.org", P="p@ss/w#rd?x", WHOLE="tgram://1:a/2?x=y#z"
    )
    assert config.channels["desk"].url == meant


def test_a_feed_is_known_by_its_address_as_written(loaded: Loaded) -> None:
    config = loaded(
        """
feeds:
  - https://me:${P}@example.org/${K}/rss.xml?token=${K:?the key}#top
  - https://example.com/
channels: {desk: "console:"}
""",
        P="p/w",
        K="abcdef",
    )
    secret, plain = config.feeds
    assert secret.key == "https://me:${P}@example.org/${K}/rss.xml?token=${K:?the key}#top"
    assert secret.url == "https://me:p%2Fw@example.org/abcdef/rss.xml?token=abcdef#top"
    assert (secret.name, plain.name) == ("example.org/${K}/rss.xml", "example.com")


@pytest.mark.parametrize("written", ["file:demo/my%20feed.xml", "file:./demo/my feed.xml", "file://{base}/demo/my%20feed.xml"])
def test_a_local_feed_is_found_beside_the_configuration(loaded: Loaded, tmp_path: Path, written: str) -> None:
    config = loaded(f'feeds: ["{written.replace("{base}", str(tmp_path))}"]\nchannels: {{desk: "console:"}}')
    assert config.feeds[0].url == (tmp_path / "demo" / "my feed.xml").as_uri()
    assert config.feeds[0].max_age is None


def test_a_feed_listed_twice_is_a_warning_and_polled_once(loaded: Loaded) -> None:
    config = loaded('feeds:\n  - http://example.org/a\n  - {url: "http://example.org/a", name: again}\nchannels: {desk: "console:"}')
    assert [feed.name for feed in config.feeds] == ["example.org/a"]
    assert [str(warning).partition("yaml:")[2] for warning in config.warnings] == [
        "3:5: this feed is listed twice, first in line 2; it is polled once"
    ]


def test_no_secret_shows_and_all_are_known_for_redaction(loaded: Loaded, faults: Callable[..., list[str]]) -> None:
    text = """
log: kafka://me:kafkapass@broker:9092?sasl_password=sasl-word
poll: {proxy: "http://me:proxypass@proxy"}
feeds:
  - {url: "https://u:urlpass@example.org/${URLVAR}", headers: {X: "Bearer ${HEADER}"}, user: u, password: spelt}
channels:
  desk: "slack://${TOKEN}/#alerts"
  mail: "mailto://u:mail%2Fpass@example.org"
  field: "tgram://123456789:AAEliteralTelegramToken0/99"
  ops: "json://host/${ab}"
"""
    planted = {"URLVAR": "url-var", "HEADER": "header-var", "TOKEN": "xoxb-token"}
    config = loaded(text, **planted, ab="abc")
    hidden = {*planted.values(), "kafkapass", "sasl-word", "proxypass", "urlpass", "spelt", "mail/pass", "mail%2Fpass"}
    assert hidden | {"AAEliteralTelegramToken0"} <= config.secrets
    assert "abc" not in config.secrets  # three letters would blank half a log
    assert not [secret for secret in hidden if secret in repr(config)]
    assert not [secret for secret in hidden if secret in str(faults(text + "nonsense: 1", **planted, ab=""))]


def test_a_route_to_an_unknown_rule_or_watchlist_is_a_fault(loaded: Loaded) -> None:
    config = loaded(LEAST + "routes:\n  - {to: desk, rule: [strikes, strkes]}\n  - {to: desk, watchlist: places.syra}\n")
    check_references(config, rules={"strikes", "strkes"}, watchlists={"places.syra"})
    with pytest.raises(ConfigError) as caught:
        check_references(config, rules={"strikes"}, watchlists={"places.syria"})
    assert [str(fault).partition("yaml:")[2] for fault in caught.value.faults] == [
        '5:32: no rule "strkes"; did you mean "strikes"?',
        '6:27: no watchlist "places.syra"; did you mean "places.syria"?',
    ]


def test_a_tag_that_no_rule_has_yet_is_a_warning(loaded: Loaded) -> None:
    config = loaded(LEAST + "routes:\n  - {to: desk, tag: [air, ari]}\n")
    check_references(config, rules=(), watchlists=())
    assert [str(warning).partition("yaml:")[2] for warning in unknown_tags(config, {"air"})] == [
        '5:27: no rule has the tag "ari"; did you mean "air"?'
    ]


@pytest.mark.parametrize("tag", ["ar", "en-GB", "zh-Hant", "pt_BR", "ckb", "prs-AF", "UK"])
def test_a_language_may_be_any_that_a_feed_may_state(loaded: Loaded, tag: str) -> None:
    assert loaded(LEAST + f"routes:\n  - {{to: desk, language: {tag}}}\n").warnings == ()


@pytest.mark.parametrize("tag", ["ua", "arabic", "en-", "e", "-", "zh-Traditional-Chinese"])
def test_what_can_be_no_language_is_a_warning_at_routes_and_feeds(loaded: Loaded, tag: str) -> None:
    text = f'feeds: [{{url: "http://example.org/a", language: "{tag}"}}]\nchannels: {{desk: "console:"}}\n'
    config = loaded(text + f'routes:\n  - {{to: desk, language: [en, "{tag}"]}}\n')
    said = f'"{tag}" is no language; languages are written as in en, ar, zh-Hant'
    assert [str(warning).partition("yaml:")[2] for warning in config.warnings] == [f"1:49: {said}", f"4:31: {said}"]


def test_two_subscribers_without_a_name_are_two_faults(faults: Callable[..., list[str]]) -> None:
    assert faults(LEAST + 'subscribers:\n  - {channels: "console:"}\n  - {channels: "console:"}\n') == [
        '5:5: a subscriber has no "name"',
        '6:5: a subscriber has no "name"',
    ]


@pytest.mark.parametrize("key", ["rules", "subscribers"])
def test_a_folder_that_no_file_system_can_name_is_a_fault(faults: Callable[..., list[str]], key: str) -> None:
    (fault,) = faults(LEAST + f"{key}: {'a' * 5_000}\n")
    assert fault.startswith(f'4:{len(key) + 3}: "aaa')
    assert fault.endswith(" cannot be read: File name too long")
    assert len(fault) < 400


def test_a_fault_about_an_endless_text_is_one_line_that_people_can_read(faults: Callable[..., list[str]]) -> None:
    (fault,) = faults(LEAST + f"timezone: {'a' * 100_000}\n")
    assert len(fault) < 400
    assert fault.endswith("zones are named as in Europe/London")


def test_durations_may_be_weeks(loaded: Loaded, faults: Callable[..., list[str]]) -> None:
    assert loaded("keep: 2w\n" + LEAST).keep == timedelta(days=14)
    assert "out of bounds" in faults("keep: 999999999w\n" + LEAST)[0]


def test_a_route_to_a_place_that_is_not_listed_or_listed_otherwise_is_a_fault(loaded: Loaded) -> None:
    config = loaded(LEAST + "routes:\n  - {to: desk, place: [raqqa, Rakka]}\n  - {to: desk, term: Atlantis}\n")
    listed = {"raqqa": ["Raqqa"], "Rakka": ["Raqqa"]}
    with pytest.raises(ConfigError) as caught:
        check_references(config, rules=(), watchlists=(), terms=lambda key, name: listed.get(name, ()))
    assert [str(fault).partition("yaml:")[2] for fault in caught.value.faults] == [
        '5:31: no place "Rakka"; did you mean "Raqqa"?',
        '6:22: no term "Atlantis"',
    ]


KEYS = (
    st.sampled_from(
        ["log", "keep", "rules", "timezone", "poll", "feeds", "stories", "channels", "routes", "ops", "url", "every", "max_age"]
    )
    | st.sampled_from(["headers", "to", "severity", "rule", "watchlist", "proxy", "window", "updates", "web", "give_up", "name", "desk"])
    | st.sampled_from(["${X}", "", "a b", "\u202e"])
)
SCALARS = (
    KEYS
    | st.sampled_from(
        ["http://[x", "http://a/", "//", "http://h:99999", "file:", "file:///%00", "file:a", "console:", "${X", "${X:-a@b/c}"]
    )
    | st.sampled_from(["5m", "99999999d", "0", "-1", "१s", "UTC", "../UTC", "Europe", "critical", "kafka://u:p@h:9092?password=abcd"])
    | st.sampled_from(["mailto://${X}:${Y:-q}@h", "$$", "$"])
)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    feeds=st.lists(TREES, max_size=3) | TREES,
    channels=st.dictionaries(KEYS, TREES, max_size=3) | TREES,
    more=st.dictionaries(KEYS, TREES, max_size=5),
    x=st.none() | SCALARS,
)
def test_whatever_is_written_is_a_configuration_or_faults(
    loaded: Loaded, feeds: object, channels: object, more: dict[str, object], x: str | None
) -> None:
    text = json.dumps({**more, "feeds": feeds, "channels": channels})
    try:
        config = loaded(text, **({} if x is None else {"X": x}))
    except ConfigError as error:
        lines = [fault.place.line for fault in error.faults]
    else:
        lines = [feed.place.line for feed in config.feeds if feed.url] + [channel.place.line for channel in config.channels.values()]
    assert set(lines) == {1}
