"""`routes` and `silence`: who is told, and who does not want to be told for a while."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ..config import did_you_mean, duration_in, no_duration, no_language
from ..errors import AlertsError
from ..records import Article, Matches, Severity, Silence, digest
from .common import article_of, config_of, open_the_log, setup_of
from .output import as_json, json_option, result, say, table

if TYPE_CHECKING:
    from ..log import Log
    from ..stages import Setup

__all__ = ["routes", "silence"]

MATCHERS = ("rule", "tag", "watchlist", "term", "place", "language", "feed", "channel")
TEXT_CHARACTERS_MAX = 500
"""Of a silence's comment and author, which stand in lists and notices."""
YEARS = (1970, 9000)
"""Between which a route's hours are asked for: beyond, the days around are no dates."""
SILENCE_MAX = timedelta(days=3_650)
"""What is to be silent for longer is better left out of the rules or routes."""


@click.group()
def routes() -> None:
    """See to the routes."""


@routes.command("test")
@click.option("--text", help="A text, taken as an article's title.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="An article as JSON.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]), help="When, in UTC.  [default: now]")
@json_option
@click.pass_context
def test_routes(ctx: click.Context, text: str | None, file: Path | None, at: datetime | None, as_json_lines: bool) -> None:
    """Show where an article would be sent, by which route, and whether at once or later; nothing is sent."""
    if (text is None) == (file is None):
        raise click.UsageError("give either --text TEXT or --file ARTICLE.json")
    article = Article(id="test", title=text) if text is not None else article_of(file or Path())
    if at and not YEARS[0] <= at.year < YEARS[1]:
        raise click.UsageError(f"--at is a time between {YEARS[0]} and {YEARS[1]}")
    setup = setup_of(ctx)
    assert setup.rules is not None  # noqa: S101 -- asked for
    fired = setup.rules.fired(article)
    if not fired:
        say("no rule fires; see `alerts rules explain`")
        return
    now = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    matches = Matches(article=article, fired=fired, kinds=setup.rules.kinds, matched=now)
    rows = list(_ways(setup, matches, now=now))
    if not rows:
        say(f"no route takes it; fired: {', '.join(one.rule for one in fired)}")
    table(rows, as_json_lines=as_json_lines)


def _ways(setup: Setup, matches: Matches, *, now: datetime) -> Iterable[dict[str, object]]:
    from ..routing import due

    by_route = list(setup.routes.taken(matches))
    for destination, routed in sorted(setup.routes.of(matches).items()):
        at = due(routed.ways, now=now)
        channel = setup.channel(destination)
        lines = [route.at.line for route, _ in by_route if channel and channel.name in route.to]
        yield {
            "destination": destination,
            "severity": routed.severity,
            "rules": [one.rule for one in routed.fired],
            "route": ", ".join(f"line {line}" for line in lines if line) or "every alert",
            "told": "at once" if at <= now else f"in a list, {at:%Y-%m-%d %H:%M} UTC",
        }


def _matchers(command: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(MATCHERS):
        command = click.option(f"--{name}", multiple=True, help=f"Only alerts of this {name}; several are one or another.")(command)
    return command


@click.group()
def silence() -> None:
    """See to silences: what is not told until they end, and listed then."""


@silence.command()
@_matchers
@click.option("--severity", type=click.Choice([one.value for one in Severity]), help="Only up to this severity; worse is told.")
@click.option("--everything", is_flag=True, help="All alerts.")
@click.option("--for", "span", help="How long: 30m, 2h, 7d.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="When it ends, in UTC.")
@click.option("--author", help="Who silences.  [default: who is logged in]")
@click.option("--comment", required=True, help="Why; shown wherever the silence is.")
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    /,
    severity: str | None,
    everything: bool,
    span: str | None,
    until: datetime | None,
    author: str | None,
    comment: str,
    as_json_lines: bool,
    **matchers: tuple[str, ...],
) -> None:
    """Silence alerts. All matchers must hold; the alerts are listed when the silence ends."""
    if everything == (bool(severity) or any(matchers.values())):
        raise click.UsageError("say what to silence (--place, --rule, ...), or --everything")
    if max(len(comment), len(author or "")) > TEXT_CHARACTERS_MAX:
        raise click.UsageError(f"comment and author have at most {TEXT_CHARACTERS_MAX} characters")
    if (span is None) == (until is None):
        raise click.UsageError("say either --for SPAN or --until TIME")
    setup = setup_of(ctx, channels=False)
    config, matchers = setup.config, _as_listed(setup, matchers)
    now = datetime.now(UTC)
    ends = until.replace(tzinfo=UTC) if until else now + _span(span or "")
    if not now < ends <= now + SILENCE_MAX:
        raise click.UsageError(f"a silence ends in the future, within {SILENCE_MAX.days} days")
    made = Silence(
        id=digest("silence", now.isoformat(), author or "", comment)[:12],
        severity=Severity(severity) if severity else None,
        author=author or _login(),
        comment=comment,
        created=now,
        starts=now,
        ends=ends,
    )
    made = msgspec.structs.replace(made, **matchers)
    with open_the_log(config) as log:
        _put(log, made)
    if as_json_lines:
        as_json(_row(made, now=now))
    else:
        result(f"{made.id} until {made.ends:%Y-%m-%d %H:%M} UTC")


def _as_listed(setup: Setup, matchers: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The matchers with places and terms as their watchlists spell them, since a silence that holds nothing is found out too late."""
    from ..routing import is_language
    from ..stages.setup import found_in

    assert setup.rules is not None  # noqa: S101 -- asked for
    known = {
        "channel": setup.config.channels,
        "rule": setup.rules.names,
        "tag": setup.rules.tags,
        "watchlist": setup.rules.watchlists,
        "feed": [feed.name for feed in setup.config.feeds],
    }
    for what, names in known.items():
        for name in matchers[what]:
            if name not in names:
                raise AlertsError(f'no {what} "{name}"{did_you_mean(name, names)}')
    for tag in matchers["language"]:
        if not is_language(tag):
            raise AlertsError(no_language(tag))
    listed = {}
    for what in ("place", "term"):
        found = {name: found_in(setup.rules, name, places=what == "place") for name in matchers[what]}
        missing = [name for name, terms in found.items() if not terms]
        if missing:
            raise AlertsError(f'no {what} "{missing[0]}" on any watchlist')
        for name, terms in found.items():
            if name not in terms:
                say(f'{what} "{name}" is listed as {", ".join(terms)}')
        listed[what] = tuple(dict.fromkeys(term for terms in found.values() for term in terms))
    return matchers | listed


@silence.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are over as well.")
@json_option
@click.pass_context
def list_silences(ctx: click.Context, every: bool, as_json_lines: bool) -> None:
    """List the active silences."""
    from ..routing import is_active

    now = datetime.now(UTC)
    with open_the_log(config_of(ctx)) as log:
        known = _known(log)
    table([_row(one, now=now) for one in known if every or is_active(one, now=now) or one.starts > now], as_json_lines=as_json_lines)


@silence.command()
@click.argument("ids", nargs=-1, required=True)
@click.pass_context
def expire(ctx: click.Context, ids: tuple[str, ...]) -> None:
    """End silences before their time; what they held is listed now. IDS may be shortened."""
    from ..routing import is_active

    now = datetime.now(UTC)
    with open_the_log(config_of(ctx)) as log:
        active = [one for one in _known(log) if is_active(one, now=now) or one.starts > now]
        for id in ids:
            _put(log, msgspec.structs.replace(_chosen(active, id), expired=now))
    result(f"ended {len(ids)}")


def _chosen(silences: Sequence[Silence], id: str) -> Silence:
    if not id:
        raise click.UsageError("say which: an ID is empty")
    found = [one for one in silences if one.id.startswith(id)]
    if len(found) != 1:
        raise AlertsError(f'{len(found) or "no"} active silences begin with "{id}"; see `alerts silence list`')
    return found[0]


def _known(log: Log) -> list[Silence]:
    from ..stages.held import silences

    return sorted(silences(log), key=lambda one: (one.ends, one.id))


def _put(log: Log, silence: Silence) -> None:
    from ..log import Output
    from ..records import encode

    log.append([Output("silences", silence.id, encode(silence))])


def _row(silence: Silence, *, now: datetime) -> dict[str, object]:
    from ..routing import ends, is_active

    what = [f"{name} {', '.join(values)}" for name in MATCHERS if (values := getattr(silence, name))]
    what += [f"up to {silence.severity.value}"] if silence.severity else []
    return {
        "id": silence.id,
        "state": "active" if is_active(silence, now=now) else "over" if ends(silence) <= now else "pending",
        "ends": ends(silence).isoformat(timespec="minutes"),
        "author": silence.author,
        "silences": "; ".join(what) or "everything",
        "comment": silence.comment,
    }


def _span(text: str) -> timedelta:
    span = duration_in(text)
    if span is None:
        raise click.UsageError(no_duration(text))
    return min(span, 2 * SILENCE_MAX)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a name for its user
        return "unknown"
