"""What travels on the log and through users' pipes, and its JSON.

Records only grow: a new field has a default, none is renamed or changes its meaning, unknown ones are ignored, so a log written by an
older version stays readable (`tests/golden/`). Times are aware, in UTC, RFC 3339 in JSON. `id`s derive from content (`digest`), so a
replay repeats an id and never makes a new one.

What it deliberately does not do: no behaviour. A record says what is; the rooms above say what follows.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from .errors import AlertsError

__all__ = [
    "Age",
    "Alert",
    "Article",
    "Because",
    "DeadLetter",
    "Decision",
    "Delivery",
    "Digest",
    "Evidence",
    "Excerpt",
    "FeedState",
    "Field",
    "Fired",
    "Held",
    "How",
    "Item",
    "Kind",
    "KnownEntry",
    "Match",
    "Matches",
    "Mended",
    "Move",
    "Notice",
    "Outcome",
    "Pace",
    "Polled",
    "QuietHours",
    "Receipt",
    "RecordError",
    "Rhythm",
    "Severity",
    "Silence",
    "Source",
    "Story",
    "StoryArticle",
    "Time",
    "Told",
    "Way",
    "decode",
    "digest",
    "encode",
]

Time = Annotated[datetime, Meta(tz=True)]
"""An aware instant; RFC 3339 in JSON."""


class RecordError(AlertsError):
    """Bytes that are not the record they should be; the message names the path to the fault."""


class Severity(StrEnum):
    """How much a rule matters; compares by rank, not by spelling."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return _RANKS[self.value]

    def __lt__(self, other: str) -> bool:
        return self.rank < Severity(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Severity(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Severity(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Severity(other).rank


_RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}


class Kind(StrEnum):
    """What the terms of a watchlist name."""

    PLACE = "place"
    GROUP = "group"
    WEAPON = "weapon"
    TERM = "term"


class How(StrEnum):
    """How close the words in the text are to the term of the watchlist."""

    EXACT = "exact"
    ALIAS = "alias"
    VARIANT = "variant"
    FUZZY = "fuzzy"


class Field(StrEnum):
    """The parts of an article that are searched, in the order of evidence."""

    TITLE = "title"
    SUMMARY = "summary"
    CONTENT = "content"


class Age(StrEnum):
    """Whether an article was news when it was first fetched. Only `fresh` ones alert."""

    FRESH = "fresh"
    BACKLOG = "backlog"
    """Older than `max_age` on the first poll of its feed: what the feed had published before we came."""
    LATE = "late"
    """Older than `max_age` on a later poll: an outage made it old; ops hear of those that match."""


class Article(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One article of one feed. `title`, `summary` and `content` are plain text, taken as given."""

    id: str = ""
    feed: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    language: str = ""
    published: Time | None = None
    fetched: Time | None = None
    age: Age = Age.FRESH


class Evidence(Struct, frozen=True, kw_only=True):
    """One occurrence of one term: `article.<field>[start:end] == matched`, counted in code points.

    `score` is 0 to 100; 100 for `exact` and `alias`.
    """

    watchlist: str
    term: str
    matched: str
    field: Field
    start: int
    end: int
    how: How
    score: float


class Match(Struct, frozen=True, kw_only=True):
    """One rule that fired on one article: a line of `alerts scan`."""

    article: str
    rule: str
    severity: Severity
    evidence: tuple[Evidence, ...]


class Fired(Struct, frozen=True, kw_only=True):
    """A rule that fired, with what routing and messages need of it, so that they never read the rules."""

    rule: str
    severity: Severity
    title: str = ""
    tags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Matches(Struct, frozen=True, kw_only=True):
    """All rules that fired on one article: the value on `matches`. `kinds` maps a watchlist to what its terms name."""

    article: Article
    fired: tuple[Fired, ...]
    kinds: dict[str, Kind] = field(default_factory=dict)
    matched: Time


class StoryArticle(Struct, frozen=True, kw_only=True):
    """What the story stage remembers of one report of a story."""

    id: str
    feed: str = ""
    url: str = ""
    title: str = ""
    key: str = ""
    """The folded title, names in their canonical spelling."""
    proper: tuple[str, ...] = ()
    """Its words that are capitalised within the title, and its numbers."""
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Canonical terms in the title, as `watchlist: term`."""
    terms: str = ""
    """The stemmed words of the title that tell something, each once; name-like ones begin with an asterisk."""
    places: tuple[str, ...] = ()
    """Listed places in the title."""
    around: tuple[str, ...] = ()
    """Listed places at the beginning of the text."""
    groups: tuple[str, ...] = ()
    figures: tuple[int, ...] = ()
    """The numbers in the title."""
    toll: int = 0
    days: tuple[int, ...] = ()
    """Weekdays in the title, Monday is 0."""
    cues: tuple[str, ...] = ()
    """Set phrases of the title: a correction, a look back."""
    language: str = ""
    full: bool = False
    """Whether it came with a text, not with its headline alone."""
    published: Time | None = None
    at: Time
    """When it was reported: `published`, but never after `fetched`."""


class Told(Struct, frozen=True, kw_only=True):
    """What one destination has been told of a story."""

    severity: Severity
    sources: int
    """How many sources the story had when the destination last heard of it."""
    updates: int = 0
    facts: int = 0
    """How many new facts the story had brought by then."""
    alert: str = ""
    """The id of the alert by which it first heard."""
    at: Time


class Story(Struct, frozen=True, kw_only=True):
    """One event as the log knows it: the value on the compacted topic `stories`."""

    id: str
    articles: tuple[StoryArticle, ...]
    sources: tuple[str, ...] = ()
    """Every feed that has reported it, in order of arrival."""
    first: Time
    last: Time
    told: dict[str, Told] = field(default_factory=dict)
    terms: str = ""
    """What its reports are about: the heaviest terms of all of them, later reports counting for more."""
    weights: bytes = b""
    """How heavy each of `terms` is, in parts of `scale`."""
    scale: float = 0.0
    mass: float = 0.0
    """How many reports it has, those of a day ago counting half."""
    past: tuple[str, ...] = ()
    """Digests of reports that are no longer among `articles`, so that one delivered again is known."""
    toll: int = 0
    """The last toll that was not an older one."""
    facts: int = 0
    """How many new facts, corrections and withdrawals it has brought after its first report."""
    fact: str = ""
    """The latest of them, for people: "toll 5 -> 7"."""
    fact_reason: str = ""
    into: str = ""
    """The story that this one turned out to be; then nothing else is kept of it."""


class Decision(StrEnum):
    """What a report means for one destination."""

    NEW = "new"
    UPDATE = "update"
    REPEAT = "repeat"
    OLD = "old"
    """Not fresh when fetched: recorded, not told."""
    HELD = "held"
    """To be told, but later and in a list: quiet hours, a digest, a silence, too many at once."""
    HUSHED = "hushed"
    """Not told, because the destination has heard worse of this story."""


class Source(Struct, frozen=True, kw_only=True):
    """A report of a story, for the message."""

    feed: str
    title: str = ""
    url: str = ""
    published: Time | None = None


class Excerpt(Struct, frozen=True, kw_only=True):
    """A sentence of an article with the spans of its evidence, in code points of `text`."""

    text: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class Alert(Struct, frozen=True, kw_only=True):
    """What was decided about one report of a story, and why: the value on `alerts`, and what a notification shows.

    `destinations` maps each destination that a route chose to what the report means for it.
    """

    id: str
    story: str
    decision: Decision
    reason: str
    article: str
    title: str
    url: str = ""
    feed: str = ""
    language: str = ""
    severity: Severity
    fired: tuple[Fired, ...] = ()
    kinds: dict[str, Kind] = field(default_factory=dict)
    excerpt: Excerpt = field(default_factory=Excerpt)
    sources: tuple[Source, ...] = ()
    destinations: dict[str, Decision] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    """Why it means that, for each of them."""
    joined: str = ""
    """Why the report belongs to its story, or opened it."""
    score: float = 0.0
    """How likely it belongs to the story nearest to it, 0 to 1, where that was weighed."""
    fact: str = ""
    """What it adds to the story, for people: "toll 5 -> 7"."""
    began: str = ""
    """The headline of the oldest report of the story that is remembered, where it is another one."""
    related: str = ""
    """The open story that it may belong to, where doubt made it a story of its own."""
    related_title: str = ""
    absorbed: tuple[str, ...] = ()
    """Younger stories that it showed to be this one; what was told under their ids was of this story, too."""
    published: Time | None = None
    fetched: Time | None = None
    matched: Time
    decided: Time


class Notice(Struct, frozen=True, kw_only=True):
    """A message to ops, or a list of what was held."""

    title: str
    lines: tuple[str, ...] = ()
    severity: Severity = Severity.HIGH


class QuietHours(Struct, frozen=True, kw_only=True):
    """Daily from `start` to `end` on the wall clocks of `zone` (IANA), past midnight where `end` is not later.

    A severity of `but` or above is told all the same.
    """

    start: time
    end: time
    zone: str
    but: Severity | None = None


class Way(Struct, frozen=True, kw_only=True):
    """How one route leads to a destination: at once, or in a digest every so often, and not in quiet hours."""

    severity: Severity
    """The highest of the rules that go this way."""
    digest: timedelta | None = None
    zone: str = "UTC"
    """Where a digest's hours and midnights are counted."""
    quiet: QuietHours | None = None
    route: str = ""
    """A digest of what the route asks for, by which it is known again when its hours have been edited."""


class Because(StrEnum):
    """Why an alert is held."""

    DIGEST = "digest"
    QUIET = "quiet hours"
    SILENCE = "silence"
    STORM = "too many at once"
    PER_HOUR = "more than per_hour"


class Item(Struct, frozen=True, kw_only=True):
    """An alert as one line of a list."""

    alert: str
    story: str
    severity: Severity
    title: str
    url: str = ""
    feed: str = ""
    places: tuple[str, ...] = ()
    update: str = ""
    """What was new, where the alert was an update."""
    published: Time | None = None


class Held(Struct, frozen=True, kw_only=True):
    """An alert that waits to be listed for one destination: a value on `stories`, keyed by `held/` and the id."""

    id: str
    destination: str
    item: Item
    ways: tuple[Way, ...]
    because: Because
    silence: str = ""
    """The id of the silence that holds it."""
    since: Time
    due: Time


class Digest(Struct, frozen=True, kw_only=True):
    """A list of what was held for a destination; long ones come in parts, counted from 1."""

    items: tuple[Item, ...]
    because: tuple[Because, ...]
    since: Time
    until: Time
    part: int = 1
    parts: int = 1
    of: int = 0
    """How many items all parts have together."""


class Silence(Struct, frozen=True, kw_only=True):
    """What ops do not want to hear of until `ends`: the value on `silences`. All keys that are set must hold for an alert.

    `severity` is a ceiling: worse alerts are told. `expired` is when somebody ended it before its time.
    """

    id: str
    severity: Severity | None = None
    rule: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    watchlist: tuple[str, ...] = ()
    term: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    feed: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    author: str
    comment: str
    created: Time
    starts: Time
    ends: Time
    expired: Time | None = None
    announced: bool = False
    """Whether ops were told that it is over."""


class Mended(Struct, frozen=True, kw_only=True):
    """A channel that was tried by hand and works: a value on `silences`, keyed by `mended/` and the channel. Halted deliveries go out."""

    channel: str
    at: Time


class Pace(Struct, frozen=True, kw_only=True):
    """How many alerts a destination was told in each recent minute: a value on `stories`, keyed by `pace/` and the destination."""

    destination: str
    minutes: dict[int, int] = field(default_factory=dict)
    """By minute since 1970."""


class Delivery(Struct, frozen=True, kw_only=True):
    """One notification to one destination: the value on `deliveries`. One of `alert`, `notice` and `digest` is set.

    A retry of a dead letter is the same `id` with a higher `retry`. An update names the first delivery of its story to the destination:
    as `thread`, to which it belongs, and as `edits` if it merely adds to that message and need not ring. A channel that can do neither
    sends it as a message.
    """

    id: str
    destination: str
    decision: Decision = Decision.NEW
    reason: str = ""
    thread: str = ""
    edits: str = ""
    alert: Alert | None = None
    notice: Notice | None = None
    digest: Digest | None = None
    stands_in_for: str = ""
    """The destination that was not reached in time, where this is the copy for its fallback."""
    created: Time
    give_up: Time
    retry: int = 0


class Outcome(StrEnum):
    """What became of one attempt to deliver."""

    SENDING = "sending"
    """Claimed: about to be sent, or on the wire when the process died."""
    DELIVERED = "delivered"
    LATER = "later"
    """Not taken this time; `not_before` says when to try again."""
    UNKNOWN = "unknown"
    """The answer was lost after sending: it may have arrived; tried again with the same id."""
    HALTED = "halted"
    """The destination refuses everything (revoked token, unknown chat): its deliveries wait."""
    REJECTED = "rejected"
    """The content is refused for good: a dead letter."""
    GIVEN_UP = "given_up"
    """Not delivered within `give_up`: a dead letter."""

    @property
    def final(self) -> bool:
        """Whether nothing more will be tried."""
        return self in {Outcome.DELIVERED, Outcome.REJECTED, Outcome.GIVEN_UP}


class Receipt(Struct, frozen=True, kw_only=True):
    """The state of one delivery: the value on `receipts`, keyed by the delivery's id."""

    id: str
    destination: str
    outcome: Outcome
    attempt: int = 1
    retry: int = 0
    at: Time
    not_before: Time | None = None
    message_id: str = ""
    reason: str = ""


class Rhythm(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """When a feed brings news. Counts of items fade with time; they stand as of `at`."""

    since: Time
    """From when on its items are counted: the first document tells of the time before it was read."""
    watched: Time
    """Since when it is read."""
    at: Time
    count: float = 0.0
    """Items, faded over days."""
    hours: tuple[float, ...] = ()
    """Items by hour of the day, in UTC, faded over weeks."""
    burst: float = 0.0
    """Items, faded over twenty minutes."""
    excess: float = 0.0
    """How much `burst` was above the usual when each item came, summed; faded like `count`."""
    entries: int = 0
    """How many the document holds."""
    newest: Time | None = None
    """When its newest item came."""
    quiet_s: float = 0.0
    """Its longest silence between two items, faded over weeks."""


class KnownEntry(Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of an entry that the last document of its feed held. Fields are only added at the end: it is written as a list."""

    raw: str
    """A digest of its bytes, which need not be read again; "" where they must."""
    key: str
    """Its key in `FeedState.seen`."""
    id: str
    """Its article's."""
    guid: str = ""
    link: str = ""
    title: str = ""
    """Digests of what it may be recognised by, "" where it shares it with others."""
    published: Time | None = None
    shared: bool = False
    """Whether its link is that of other entries, too."""


class Move(Struct, frozen=True, kw_only=True, gc=False):
    """A feed has a new address for good: `of` is the digest of the address that it was given for, `at` when `to` first served it."""

    to: str
    of: str
    at: Time


class FeedState(Struct, frozen=True, kw_only=True, gc=False):
    """What a poller remembers of one feed: the value on the compacted topic `feeds`, keyed by the feed's address as written.

    `seen` maps the key of each known entry to a digest of its text.
    """

    name: str = ""
    etag: str = ""
    modified: str = ""
    validated: str = ""
    """Digest of the address that gave `etag` and `modified`: they go to no other. Empty where it is the feed's own."""
    moved: Move | None = None
    gone: Time | None = None
    """Since when its server has said that the feed is gone for good (410)."""
    not_before: Time | None = None
    """The earliest next poll that the server or the feed itself wishes."""
    wished_s: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    """What the feed says of its own pace: how long to wait, and the hours (UTC) and days (0 is Monday) on which nobody need ask."""
    body: str = ""
    """SHA-256 of the last body that parsed, hexadecimal."""
    seen: dict[str, str] = field(default_factory=dict)
    polled: Time | None = None
    succeeded: Time | None = None
    changed: Time | None = None
    next: Time | None = None
    failures: int = 0
    reason: str = ""
    articles: int = 0
    """How many articles this feed has brought so far."""
    entries: tuple[KnownEntry, ...] = ()
    """Those of the last document that parsed."""
    reissued: bool = False
    """Whether the feed gives known entries new guids, so that guids say nothing."""
    rhythm: Rhythm | None = None
    failing: Time | None = None
    """Since when every poll has failed."""
    kind: str = ""
    """What kind of trouble the last failure was: `FeedError.kind`."""
    empty: Time | None = None
    """Since when the document has had no entries, though it had some before."""
    undated: int = 0
    """How many of its newest entries in a row had no date; if negative, how many had one. Counted up to a few."""
    told: dict[str, Time] = field(default_factory=dict)
    """What ops have been told of this feed and has not ended yet, and when."""


class Polled(FeedState, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A feed's state without what is large (`seen`, `entries`, `rhythm`): what a poll that brought nothing leaves on the log."""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """What could not be processed or delivered, with the reason; `resolved` is `retried` or `dropped` once somebody has seen to it."""

    id: str
    topic: str = ""
    partition: int = 0
    offset: int = 0
    key: str = ""
    destination: str = ""
    reason: str = ""
    value: str = ""
    """The beginning of the value as text, for people; bytes that are no UTF-8 as backslash escapes. A retry reads the record itself."""
    notice: bool = False
    """Whether it is a message to ops that could not be delivered."""
    at: Time
    resolved: str = ""


R = TypeVar("R", bound=Struct)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def encode(record: Struct) -> bytes:
    """The record as UTF-8 JSON, one line."""
    return _encoder.encode(record)


def decode(value: bytes | str | None, kind: type[R]) -> R:
    """The record in `value`; raises `RecordError` with the path to the first fault."""
    if value is None:
        raise RecordError(f"no value where a record of kind {kind.__name__} should be")
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(value)  # type: ignore[no-any-return]  # the decoder of `kind` returns `kind`
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"not a record of kind {kind.__name__}: {error}") from error


def digest(*parts: str) -> str:
    """A 128-bit id of these parts, hexadecimal: BLAKE2b (RFC 7693) over their lengths and bytes, so no two lists collide by joining."""
    h = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        h.update(len(data).to_bytes(8, "big"))
        h.update(data)
    return h.hexdigest()
