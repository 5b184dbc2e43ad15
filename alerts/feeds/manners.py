"""What a poll leaves behind: pure steps from one `FeedState` to the next, and what servers and feeds wish for.

    request(feed, state)  ->  Fetcher  ->  Answer     ->  after_answer(state, answer)
                                       ->  FeedError  ->  after_error(state, error)

Validators are kept after an answer that was complete and parsed, and go back only to the address that gave them. A permanent redirect is
kept once its target has served the feed; when the new address then fails within a day, or for a day, the old one is tried again. A feed
that is gone (410) is looked at once a week.

Wishes only lengthen. Retry-After is obeyed up to a day; what says how fresh an answer stays (Cache-Control, Expires) and which hours and
days the feed skips up to an hour, since many servers put a year there; how often it changes (ttl, sy:updatePeriod) up to a quarter.

What it deliberately does not do: it does not say when the feed is due (the schedule does), only what it is not due before; it reads no
clock, and it gives no feed up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from ..errors import FeedError
from ..records import FeedState, Move, digest
from .documents import Answer, Request, Wishes
from .hosts import HostHeld

if TYPE_CHECKING:
    from ..config import Feed

__all__ = ["after_answer", "after_error", "fresh_s", "request", "retry_after_s"]

RETRY_AFTER_S_MAX = 24 * 3600.0
WISH_S_MAX = 3600.0
TEMPLATE_S_MAX = 900.0
"""Of what the document itself says of its changes: most sites leave there what their software put, WordPress an hour."""
GONE_AGAIN = timedelta(days=7)
"""A feed that is gone is looked at again after this."""
WAY_BACK = timedelta(days=1)
"""So long after a move a failure leads back to the old address; later only failing for as long does."""
ADDRESS_CHARS_MAX = 2_048
"""A longer address is not remembered: it would be stored with every state of the feed."""

_HOUR = timedelta(hours=1)
_SECONDS = re.compile(r"[0-9]{1,18}", re.ASCII)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,18})", re.ASCII | re.IGNORECASE)
_NOT_FRESH = re.compile(r"(?:^|[,\s])no-(?:cache|store)", re.ASCII | re.IGNORECASE)


def request(feed: Feed, state: FeedState, *, proxy: str = "") -> Request:
    """What to ask for this feed: at its address of now, with the validators of last time."""
    moved = state.moved
    return Request(
        url=feed.url,
        start=moved.to if moved is not None and moved.of == digest(feed.url) else "",
        etag=state.etag,
        modified=state.modified,
        validated=state.validated,
        headers=feed.headers,
        user=feed.user,
        password=feed.password,
        allow_private_addresses=feed.allow_private_addresses,
        proxy=proxy,
    )


def after_answer(
    state: FeedState, answer: Answer, *, url: str, now: datetime, wishes: Wishes | None = None, secrets: Collection[str] = ()
) -> FeedState:
    """The state after a good poll of the feed at `url`: a 304, or a 200 whose body parsed now or is known to.

    `wishes` are the feed's own where it was read, None where it was not: then those of last time stand. An address that holds one of
    `secrets` is not remembered, for the state is on the log.
    """
    if wishes is not None:
        state = msgspec.structs.replace(
            state,
            wished_s=min(wishes.every_s, TEMPLATE_S_MAX),
            skip_hours=wishes.skip_hours,
            skip_days=wishes.skip_days,
        )
    return msgspec.structs.replace(
        state,
        etag=answer.etag,
        modified=answer.modified,
        validated=answer.validated if answer.etag or answer.modified else "",
        moved=_moved(state.moved, answer, url=url, now=now, secrets=secrets) if answer.moved else state.moved,
        gone=None,
        not_before=_not_before(state, answer, now=now),
        failures=0,
        reason="",
    )


def after_error(state: FeedState, error: FeedError, *, now: datetime) -> FeedState:
    """The state after a poll that failed. That the host wants to be left alone is no failure of the feed."""
    wish = timedelta(seconds=min(error.retry_after_s or 0.0, RETRY_AFTER_S_MAX))
    if isinstance(error, HostHeld):
        return msgspec.structs.replace(state, not_before=now + wish)
    gone = now if error.status == HTTPStatus.GONE and not _has_just_moved(state, now=now) else None
    gone = state.gone or gone
    if gone is not None:
        wish = max(wish, GONE_AGAIN)
    return msgspec.structs.replace(
        state,
        moved=None if gone is not None or _has_just_moved(state, now=now) or _has_long_failed(state, now=now) else state.moved,
        gone=gone,
        not_before=now + wish if wish else None,
        failures=state.failures + 1,
        reason=str(error),
    )


def _moved(moved: Move | None, answer: Answer, *, url: str, now: datetime, secrets: Collection[str]) -> Move | None:
    if answer.moved == url:
        return None  # and back again
    if len(answer.moved) > ADDRESS_CHARS_MAX or any(secret in answer.moved for secret in secrets):
        return None
    of = digest(url)
    if moved is not None and (moved.to, moved.of) == (answer.moved, of):
        return moved
    return Move(to=answer.moved, of=of, at=now)


def _has_just_moved(state: FeedState, *, now: datetime) -> bool:
    return state.moved is not None and now - state.moved.at < WAY_BACK


def _has_long_failed(state: FeedState, *, now: datetime) -> bool:
    return state.succeeded is None or now - state.succeeded >= WAY_BACK


def _not_before(state: FeedState, answer: Answer, *, now: datetime) -> datetime | None:
    wish_s = min(max(state.wished_s, fresh_s(answer.headers, now=now)), WISH_S_MAX)
    wished = now + timedelta(seconds=wish_s)
    if state.skip_hours or state.skip_days:
        wished = max(wished, min(_after_skipped(state, now), now + timedelta(seconds=WISH_S_MAX)))
    return wished if wished > now else None


def _after_skipped(state: FeedState, now: datetime) -> datetime:
    """The end of this hour if it is one that the feed skips: as far as the bound lets us look."""
    utc = now.astimezone(UTC)
    if utc.hour not in state.skip_hours and utc.weekday() not in state.skip_days:
        return now
    end = utc.replace(minute=0, second=0, microsecond=0) + _HOUR
    return end + _HOUR if end.hour in state.skip_hours or end.weekday() in state.skip_days else end


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Retry-After in seconds, given so or as a date (RFC 9110 §10.2.3); a date counts from the server's own clock where it tells it."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), RETRY_AFTER_S_MAX)
    wait_s = _until_s(value, headers, now=now)
    return None if wait_s is None else min(max(wait_s, 0.0), RETRY_AFTER_S_MAX)


def fresh_s(headers: Mapping[str, str], *, now: datetime) -> float:
    """For how long the server says that nothing new is to be had (RFC 9111 §4.2.1): max-age less Age, else Expires; 0 if it does not."""
    control = headers.get("cache-control", "")
    if control:
        if _NOT_FRESH.search(control):
            return 0.0
        max_age = _MAX_AGE.search(control)
        if max_age is not None:
            age = headers.get("age", "").strip()
            return max(0.0, float(max_age[1]) - (float(age) if _SECONDS.fullmatch(age) else 0.0))
    expires = headers.get("expires", "")
    return max(0.0, _until_s(expires, headers, now=now) or 0.0) if expires else 0.0


def _until_s(value: str, headers: Mapping[str, str], *, now: datetime) -> float | None:
    until = _date(value)
    return None if until is None else (until - (_date(headers.get("date", "")) or now)).total_seconds()


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
