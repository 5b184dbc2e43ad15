"""The story step of the notifier: what a match means, who is told, and that it was so decided.

One member is active (`matches` has one partition); a standby folds `stories` and goes on where the other committed.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ..log import Batch, Log, Output, Reader, Record
from ..records import (
    Age,
    Alert,
    Decision,
    Delivery,
    Evidence,
    Matches,
    Notice,
    RecordError,
    Severity,
    Source,
    Story,
    Told,
    decode,
    digest,
    encode,
)
from ..rendering import excerpt
from ..routing import Hold
from ..stories import Joined, Reason, Stories, Verdict
from .dead_letters import poison
from .held import HELD, PACE, Keeping
from .matcher import bounded
from .setup import Setup

__all__ = ["Telling", "notices"]

log = logging.getLogger(__name__)

SOURCES_SHOWN_MAX = 20
EVIDENCE_SHOWN_MAX = 20
LATE_BUCKET = timedelta(minutes=5)
"""What an outage made old is listed for ops once per bucket of time."""
LATE_LINES_MAX = 500
_LATE = "late/"
_TOLD = frozenset({Decision.NEW, Decision.UPDATE})


class Telling:
    """matches -> stories, alerts, deliveries."""

    topic = "matches"
    group = "stories"

    def __init__(self, source: Log, setup: Callable[[], Setup], *, clock: Callable[[], datetime]) -> None:
        self._log = source
        self._setup = setup
        self._clock = clock
        self._stories: Stories | None = None
        self._keeping = Keeping(source, {})
        self._late: dict[str, Notice] = {}
        self._to_ops: deque[Notice] = deque()
        self._telling: tuple[Notice, ...] = ()

    def tell_ops(self, notice: Notice) -> None:
        """Have the active member send this to ops with its next commit. From any thread."""
        self._to_ops.append(notice)

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        self._telling = ()
        if batch.lost:
            self._stories = None
        if batch.gained:
            self._fold()
        if self._stories is None:
            self._to_ops.clear()  # the active member saw the same
            return None
        setup, now = self._setup(), self._clock()
        self._stories.settings = setup.config.stories
        changed: dict[str, Output] = {}
        outputs, over = self._keeping.turn(setup, changed, now=now)  # first, since it reads the silences
        outputs += [output for record in batch.records for output in self._told(record, setup, changed, now=now)]
        outputs += self._late_due(setup, changed, now=now)
        outputs += [output for occasion, notice in over.items() for output in notices(notice, setup, now=now, of=occasion)]
        self._telling = tuple(self._to_ops)
        outputs += [output for notice in self._telling for output in notices(notice, setup, now=now)]
        if not outputs and not changed and not batch.records:
            return None
        return [*changed.values(), *outputs]

    def committed(self) -> None:
        for _ in self._telling:
            self._to_ops.popleft()
        self._telling = ()

    def wait_s(self) -> float:
        return 1.0

    def revoked(self, partitions: frozenset[int], reader: Reader) -> None:
        """Nothing is in flight between batches."""

    def _fold(self) -> None:
        """What the log remembers: open stories, and what waits to be listed for ops."""
        kept: dict[str, bytes] = {}
        for record in self._log.read("stories", 0):
            kept.pop(record.key, None)
            if record.value is not None:
                kept[record.key] = record.value
        stories, self._late = [], {}
        self._keeping = Keeping(self._log, {key: value for key, value in kept.items() if key.startswith((HELD, PACE))})
        for key, value in kept.items():
            try:
                if key.startswith((HELD, PACE)):
                    continue
                if key.startswith(_LATE):
                    self._late[key] = decode(value, Notice)
                else:
                    stories.append(decode(value, Story))
            except RecordError as error:
                log.error("a story on the log cannot be read; it is forgotten", extra={"story": key, "reason": str(error)})
        self._stories = Stories(self._setup().config.stories, kept=stories)

    def _told(self, record: Record, setup: Setup, changed: dict[str, Output], *, now: datetime) -> Iterable[Output]:
        try:
            matches = decode(record.value, Matches)
            return self._decided(matches, setup, changed, now=now)
        except RecordError as error:
            return [poison(record, str(error))]
        except Exception as error:  # noqa: BLE001 -- one match must never stop the others: it becomes a dead letter
            return [poison(record, f"deciding failed: {type(error).__name__}: {error}")]

    def _decided(self, matches: Matches, setup: Setup, changed: dict[str, Output], *, now: datetime) -> list[Output]:
        assert self._stories is not None  # noqa: S101 -- only the active member takes records
        stories, fresh = self._stories, matches.article.age is Age.FRESH
        joined = stories.join(matches.article, _evidence(matches), kinds=matches.kinds)
        routed = setup.routes.of(matches)
        severities = {destination: one.severity for destination, one in routed.items()}
        alert_id = digest("alert", joined.story, matches.article.id, matches.article.feed, matches.matched.isoformat())
        heard = dict(stories[joined.story].told)
        verdicts = stories.tell(joined.story, severities, at=now, alert=alert_id) if fresh else _untold(severities)
        verdicts = {id: _hushed(verdict, heard.get(id), severities[id]) for id, verdict in verdicts.items()}
        holds = {id: self._keeping.hold(id, routed[id], matches, setup, now=now) for id, one in verdicts.items() if one.decision in _TOLD}
        unheard = {id for id, hold in holds.items() if id in heard and self._keeping.waits(heard[id], id, until=hold.due if hold else now)}
        verdicts |= {id: _first_told(verdicts[id]) for id in unheard}
        stories.put(_heard_by(stories[joined.story], unheard, alert_id))
        story = stories[joined.story]
        related = stories[joined.related].articles[0].title if joined.related and joined.related in stories else ""
        for id in (story.id, *joined.absorbed):
            changed[id] = Output("stories", id, encode(stories[id]))
        for id in stories.expire():
            changed[id] = Output("stories", id, None)
        if matches.article.age is Age.LATE:
            self._hold(matches, changed)
        alert = _alert(alert_id, matches, story, joined, verdicts, related=related, now=now)
        told, held = [to for to, hold in holds.items() if not hold], {to: hold for to, hold in holds.items() if hold}
        for to, hold in held.items():
            update = _because(verdicts[to]) if verdicts[to].decision is Decision.UPDATE else ""
            kept = self._keeping.keep(alert, to, hold, routed[to], update=update, now=now)
            changed[kept.key] = kept
        changed |= {one.key: one for to in told for one in self._keeping.told(to, setup, now=now)}
        alert = _with_held(alert, held)
        outputs = [Output("alerts", alert.story, encode(alert))]
        outputs += [_delivery(alert, to, verdicts[to], setup, first=story.told[to].alert, now=now) for to in told]
        log.info("decided", extra={"alert": alert.id, "story": alert.story, "decision": alert.decision, "reason": alert.reason})
        return outputs

    def _hold(self, matches: Matches, changed: dict[str, Output]) -> None:
        """Remember a match that an outage made old, for the list that ops get."""
        fetched = matches.article.fetched or matches.matched
        key = _LATE + _ceiling(fetched, LATE_BUCKET).isoformat()
        held = self._late.get(key) or Notice(title="Old when fetched, after an outage: listed, not alerted", severity=Severity.MEDIUM)
        published = f"{matches.article.published:%Y-%m-%d %H:%M} UTC" if matches.article.published else "undated"
        line = f"{published} · {matches.article.feed}: {matches.article.title} {matches.article.url}".strip()
        if len(held.lines) < LATE_LINES_MAX:
            held = Notice(title=held.title, severity=held.severity, lines=(*held.lines, line[:300]))
        self._late[key] = held
        changed[key] = Output("stories", key, encode(held))

    def _late_due(self, setup: Setup, changed: dict[str, Output], *, now: datetime) -> list[Output]:
        outputs: list[Output] = []
        for key in [key for key in self._late if datetime.fromisoformat(key.removeprefix(_LATE)) <= now]:
            outputs += notices(self._late.pop(key), setup, now=now, of=key)
            changed[key] = Output("stories", key, None)
        return outputs


def notices(notice: Notice, setup: Setup, *, now: datetime, of: str = "", but: Collection[str] = ()) -> list[Output]:
    """A notice to every destination of ops (`but` some); `of` names its occasion, so that a replay repeats the id."""
    occasion = of or digest(notice.title, *notice.lines, f"{now:%Y-%m-%dT%H:%M}")
    return [
        _output(
            Delivery(
                id=digest("notice", occasion, destination),
                destination=destination,
                notice=notice,
                created=now,
                give_up=now + setup.give_up(destination),
            ),
            setup,
        )
        for destination in setup.ops
        if destination not in but
    ]


def _hushed(verdict: Verdict, heard: Told | None, severity: Severity) -> Verdict:
    """A destination that has heard of a story as critical is not told of lesser rules that it meets, unless it brings something new."""
    lesser = heard is not None and heard.severity is Severity.CRITICAL and severity < Severity.CRITICAL
    if lesser and verdict.reason is Reason.MORE_SOURCES:
        return Verdict(Decision.HUSHED, Reason.HEARD_WORSE, verdict.further)
    return verdict


def _first_told(verdict: Verdict) -> Verdict:
    """The same where the destination heard nothing yet, because what came before still waits to be listed."""
    because = f"{_because(verdict)}, and the first that is told: earlier reports are held"
    return Verdict(Decision.NEW, Reason.NOT_HEARD, verdict.further, because)


def _heard_by(story: Story, destinations: Collection[str], alert: str) -> Story:
    """The story with this alert as the one by which these destinations first hear of it."""
    anew = {id: msgspec.structs.replace(story.told[id], alert=alert) for id in destinations}
    return msgspec.structs.replace(story, told=story.told | anew)


def _with_held(alert: Alert, held: Mapping[str, Hold]) -> Alert:
    """The alert with what is said of the destinations that hear of it later."""
    reasons = {to: f"{hold.because}, listed {hold.due:%Y-%m-%d %H:%M} UTC" for to, hold in held.items()}
    decisions = dict.fromkeys(held, Decision.HELD)
    return msgspec.structs.replace(alert, destinations=alert.destinations | decisions, reasons=alert.reasons | reasons)


def _untold(destinations: Mapping[str, Severity]) -> dict[str, Verdict]:
    return {destination: Verdict(Decision.OLD, Reason.OLD) for destination in destinations}


def _evidence(matches: Matches) -> list[Evidence]:
    """What all rules found, each occurrence once."""
    return list(dict.fromkeys(one for fired in matches.fired for one in fired.evidence))


def _alert(
    id: str, matches: Matches, story: Story, joined: Joined, verdicts: Mapping[str, Verdict], *, related: str, now: datetime
) -> Alert:
    article = matches.article
    reason, decision = _overall(article.age, joined, verdicts)
    worst_first = sorted(matches.fired, key=lambda fired: -fired.severity.rank)
    evidence = [one for fired in worst_first for one in fired.evidence]
    began = story.articles[0].title
    return Alert(
        id=id,
        story=story.id,
        decision=decision,
        reason=reason,
        article=article.id,
        title=article.title,
        url=article.url,
        feed=article.feed,
        language=article.language,
        severity=worst_first[0].severity,
        fired=tuple(bounded(fired, EVIDENCE_SHOWN_MAX) for fired in worst_first),
        kinds=matches.kinds,
        excerpt=excerpt(article, evidence),
        sources=_sources(story),
        destinations={destination: verdict.decision for destination, verdict in verdicts.items()},
        reasons={destination: _because(verdict) for destination, verdict in verdicts.items()},
        joined=joined.reason,
        score=joined.score,
        fact=joined.fact,
        began=began if began != article.title else "",
        related=joined.related,
        related_title=related,
        absorbed=joined.absorbed,
        published=article.published,
        fetched=article.fetched,
        matched=matches.matched,
        decided=now,
    )


def _overall(age: Age, joined: Joined, verdicts: Mapping[str, Verdict]) -> tuple[Reason, Decision]:
    if age is not Age.FRESH:
        return Reason.OLD, Decision.OLD
    if not verdicts:
        return Reason.NO_ROUTE, Decision.NEW if joined.new else Decision.REPEAT
    if any(verdict.decision is Decision.NEW for verdict in verdicts.values()):
        return (joined.reason if joined.new else Reason.NOT_HEARD), Decision.NEW
    for verdict in verdicts.values():
        if verdict.decision is Decision.UPDATE:
            return verdict.reason, Decision.UPDATE
    return joined.reason, Decision.REPEAT


def _sources(story: Story) -> tuple[Source, ...]:
    """The newest report of each feed, in order of arrival."""
    reports = {report.feed: report for report in story.articles}
    found = [Source(feed=one.feed, title=one.title, url=one.url, published=one.published) for one in reports.values()]
    return tuple(found[:SOURCES_SHOWN_MAX])


def _because(verdict: Verdict) -> str:
    """Why a destination hears of it, or does not, in the words of the message."""
    if verdict.reason is Reason.MORE_SOURCES:
        return f"+{verdict.further} source{'s' if verdict.further > 1 else ''}"
    return verdict.fact or verdict.reason


def _delivery_id(alert: str, destination: str) -> str:
    return digest("delivery", alert, destination)


def _delivery(alert: Alert, destination: str, verdict: Verdict, setup: Setup, *, first: str, now: datetime) -> Output:
    """`first` is the alert by which the destination first heard of the story: its delivery is the thread of every later one."""
    thread = _delivery_id(first, destination) if first and verdict.decision is Decision.UPDATE else ""
    return _output(
        Delivery(
            id=_delivery_id(alert.id, destination),
            destination=destination,
            decision=verdict.decision,
            reason=_because(verdict),
            thread=thread,
            edits=thread if verdict.reason is Reason.MORE_SOURCES else "",
            alert=alert,
            created=now,
            give_up=now + setup.give_up(destination),
        ),
        setup,
    )


def _output(delivery: Delivery, setup: Setup) -> Output:
    return Output("deliveries", setup.lane(delivery.destination), encode(delivery))


def _ceiling(time: datetime, step: timedelta) -> datetime:
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp((int(time.timestamp()) // seconds + 1) * seconds, tz=UTC)
