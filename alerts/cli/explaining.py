"""`explain`: the whole story of one alert, or why there was none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..errors import AlertsError
from .common import open_the_log, setup_of
from .output import as_json, json_option, result, table

if TYPE_CHECKING:
    from ..log import Log
    from ..matching import Rules
    from ..records import Alert
    from ..stages.explaining import Account, Told

__all__ = ["explain"]

ID_SHOWN = 12

Row = dict[str, object]


@click.command()
@click.argument("alert")
@json_option
@click.pass_context
def explain(ctx: click.Context, alert: str, as_json_lines: bool) -> None:
    """Show why there was an ALERT, or none: its rules, its story report by report, and what each destination was told.

    ALERT is its id (which may be shortened), or the id or the link of an article.
    """
    from ..stages.explaining import account_of

    setup = setup_of(ctx, channels=False)
    with open_the_log(setup.config) as source:
        account = account_of(source, alert)
        if account is None:
            assert setup.rules is not None  # noqa: S101 -- the setup was asked for with rules
            _explain_none(source, alert, setup.rules, as_json_lines=as_json_lines)
        elif as_json_lines:
            as_json({**_head(account), "rules": _rules(account.alert), "reports": _reports(account), "told": _told(account)})
        else:
            _show(account)


def _show(account: Account) -> None:
    for name, value in _head(account).items():
        if value:
            result(f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")
    for title, rows in (("rules that fired", _rules(account.alert)), ("the story", _reports(account)), ("what was told", _told(account))):
        result(f"\n{title}")
        table(rows, as_json_lines=False)


def _head(account: Account) -> Row:
    alert = account.alert
    return {
        "alert": alert.id,
        "headline": alert.title,
        "link": alert.url,
        "severity": alert.severity.value,
        "decision": alert.decision.value,
        "because": alert.reason,
        "story": account.story,
        "also told as story": sorted({report.story for report in account.reports} - {account.story}),
        "possibly related to": alert.related_title,
    }


def _rules(alert: Alert) -> list[Row]:
    return [
        {
            "rule": fired.rule,
            "severity": fired.severity.value,
            "found": list(dict.fromkeys(f'{one.term} "{one.matched}" ({one.how.value} {one.score:.0f})' for one in fired.evidence)),
        }
        for fired in alert.fired
    ]


def _reports(account: Account) -> list[Row]:
    """Each report of the story: why it joined, how sure that was, what it added."""
    return [
        {
            "alert": report.id[:ID_SHOWN],
            "decided": _time(report.decided),
            "feed": report.feed,
            "headline": report.title,
            "joined": report.joined or report.reason,
            "score": round(report.score, 2) if report.score else "",
            "adds": "; ".join(_added(report)),
        }
        for report in account.reports
    ]


def _added(report: Alert) -> Iterator[str]:
    if report.fact:
        yield report.fact
    if report.absorbed:
        yield f"showed to be one: {', '.join(id[:ID_SHOWN] for id in report.absorbed)}"


def _told(account: Account) -> list[Row]:
    """What each report meant for each destination, why, and what became of the message."""
    return [
        {
            "alert": report.id[:ID_SHOWN],
            "destination": destination,
            "decision": decision.value,
            "because": report.reasons.get(destination, report.reason),
            "message": _message(account.told.get((report.id, destination))),
        }
        for report in account.reports
        for destination, decision in report.destinations.items()
    ]


def _message(told: Told | None) -> str:
    if told is None:
        return ""
    if told.receipt is None:
        return "waits"
    attempts = f", attempt {told.receipt.attempt}" if told.receipt.attempt > 1 else ""
    reason = f": {told.receipt.reason}" if told.receipt.reason else ""
    return f"{told.receipt.outcome.value.replace('_', ' ')} {_time(told.receipt.at)}{attempts}{reason}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _explain_none(source: Log, wanted: str, rules: Rules, *, as_json_lines: bool) -> None:
    from ..stages.explaining import article_of, matched

    article = article_of(source, wanted)
    if article is None:
        raise AlertsError(f'no alert and no article "{wanted}" on the log; give an id or a link (articles leave the log after `keep`)')
    explanation = rules.explain(article)
    fires = any(verdict.fired for verdict in explanation.rules)
    if matched(source, article.id):
        why = "a rule fired; the story step has not decided yet (`alerts status` shows its lag, `alerts dead-letters list` what failed)"
    elif fires:
        why = "the rules as they are now fire on it, but no match is on the log: it waits for the matcher, or the rules were others then"
    else:
        why = "no rule fires on it"
    if as_json_lines:
        as_json({"article": article.id, "headline": article.title, "link": article.url, "alert": None, "because": why})
        return
    for line in (f"no alert: {why}", f"article: {article.title}", f"link: {article.url}", "", *explanation.lines()):
        result(line)
