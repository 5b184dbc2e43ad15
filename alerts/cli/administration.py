"""`channels`, `status`: what is configured, and how it does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..errors import AlertsError
from .common import config_of, open_the_log, setup_of
from .output import as_json, json_option, result, say, table

if TYPE_CHECKING:
    from ..channels import Destination
    from ..config import Config
    from ..stages import Setup
    from ..stages.health import Health

__all__ = ["channels", "status"]


@click.group()
def channels() -> None:
    """See to the channels."""


@channels.command("list")
@json_option
@click.pass_context
def list_channels(ctx: click.Context, as_json_lines: bool) -> None:
    """List the channels and the destinations that they expand to; no address is shown, it may hold a secret."""
    setup = setup_of(ctx, rules=False)
    rows = [{"channel": name, "destination": id, "ops": name in setup.config.ops} for name, ids in setup.channels.items() for id in ids]
    table(rows, as_json_lines=as_json_lines)


@channels.command("test")
@click.argument("name", required=False)
@json_option
@click.pass_context
def test_channels(ctx: click.Context, name: str | None, as_json_lines: bool) -> None:
    """Send a test notification to every destination, or to those of the channel NAME; exit 1 if one does not take it.

    What waits for a channel that refused goes out once the channel has taken the test.
    """
    setup = setup_of(ctx, rules=False)
    if name is not None and name not in setup.channels:
        raise AlertsError(f'no channel "{name}"; there are: {", ".join(setup.channels)}')
    chosen = {channel: ids for channel, ids in setup.channels.items() if name in {None, channel}}
    tested = {
        channel: [_tested(setup.destinations[id], setup, as_json_lines=as_json_lines) for id in ids] for channel, ids in chosen.items()
    }
    _mend(setup.config, [channel for channel, taken in tested.items() if all(taken)])
    sys.exit(0 if all(map(all, tested.values())) else 1)


def _mend(config: Config, channels: Sequence[str]) -> None:
    """Tell the notifiers that these channels work, so that what waits for them goes out."""
    from ..log import Output
    from ..records import Mended, encode

    now = datetime.now(UTC)
    outputs = [Output("silences", f"mended/{channel}", encode(Mended(channel=channel, at=now))) for channel in channels]
    try:
        with open_the_log(config) as log:
            log.append(outputs)
    except AlertsError as error:
        say(f"the notifiers could not be told that it works: {error}")


def _tested(destination: Destination, setup: Setup, *, as_json_lines: bool) -> bool:
    from ..records import Delivery, Notice, Outcome, Severity, digest
    from ..rendering import render

    now = datetime.now(UTC)
    notice = Notice(title="Test from alerts", lines=(f"This channel works. Sent {now:%Y-%m-%d %H:%M:%S} UTC.",), severity=Severity.INFO)
    id = digest("test", destination.id, now.isoformat())
    delivery = Delivery(id=id, destination=destination.id, notice=notice, created=now, give_up=now)
    message = render(delivery, timezone=setup.timezone(destination.id), layout=destination.manner.layout)
    sent = destination.send(message, delivery=id)
    if as_json_lines:
        as_json({"destination": destination.id, "outcome": sent.outcome, "reason": sent.reason})
    else:
        result(f"{destination.id}: {sent.outcome.replace('_', ' ')}" + (f": {sent.reason}" if sent.reason else ""))
    return sent.outcome is Outcome.DELIVERED


@click.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json_lines: bool) -> None:
    """Show feeds, the lag of each stage, the last alert, pending and dead deliveries; exit 1 when unhealthy."""
    from ..stages.health import health_of

    config = config_of(ctx)
    with open_the_log(config) as source:
        health = health_of(source, config, now=datetime.now(UTC))
    if as_json_lines:
        as_json(health.row())
    else:
        _show(health)
    sys.exit(1 if health.faults else 0)


def _show(health: Health) -> None:
    from ..rendering.words import counted

    table([feed.row() for feed in health.feeds], as_json_lines=False)
    result("")
    table([stage.row() for stage in health.stages], as_json_lines=False)
    result("")
    last = f"{health.last_alert.decided:%Y-%m-%d %H:%M:%S} UTC  {health.last_alert.title}" if health.last_alert else "none yet"
    result(f"last alert: {last}")
    result(f"pending deliveries: {_counts(health.pending)}")
    result(f"held for later: {counted(health.held, 'alert')}; {counted(health.silences, 'active silence')}")
    result(f"dead letters: {health.dead_letters}")
    for fault in health.faults:
        say(f"unhealthy: {fault}")
    if not health.faults:
        result("healthy")


def _counts(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{count} for {name}" for name, count in counts) or "none"
