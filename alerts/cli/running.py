"""`run`, `demo`, `poller`, `matcher`, `notifier`: the commands that work until they are told to end."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import AlertsError
from .common import open_the_log, setup_of, shipped
from .logs import keep_secret, start_logging
from .output import say

if TYPE_CHECKING:
    from types import FrameType

    from ..config import Config
    from ..log import Log
    from ..stages import Service, Setup, Stop

__all__ = ["demo", "matcher", "notifier", "poller", "run"]

log = logging.getLogger(__name__)

DEMO_S = 60.0


@click.command()
@click.option("--once", is_flag=True, help="Poll every feed once, carry everything through to delivery, and exit.")
@click.pass_context
def run(ctx: click.Context, once: bool) -> None:
    """Run every stage in this process, on the log that the configuration names."""
    from ..stages import STAGES

    if once:
        _run_once(ctx)
    else:
        _serve(ctx, STAGES, alone=True)


@click.command()
@click.pass_context
def poller(ctx: click.Context) -> None:
    """Fetch the feeds, as a service; several share them."""
    _serve(ctx, ("poller",))


@click.command()
@click.pass_context
def matcher(ctx: click.Context) -> None:
    """Apply the rules to the articles, as a service; several share them."""
    _serve(ctx, ("matcher",))


@click.command()
@click.pass_context
def notifier(ctx: click.Context) -> None:
    """Decide what is told and deliver it, as a service; several share the destinations."""
    _serve(ctx, ("notifier",))


@click.command()
def demo() -> None:
    """Show a first alert: the bundled feed and the shipped rules, a throw-away log, the console."""
    start_logging(-1)
    say("alerts demo: a bundled feed, the shipped rules, a throw-away log, no network")
    with tempfile.TemporaryDirectory(prefix="alerts-demo-") as folder:
        setup = _demo_setup(Path(folder))
        with open_the_log(setup.config) as source:
            _once(source, setup, patience_s=DEMO_S)
    say(_HOW_TO_GO_ON)


_HOW_TO_GO_ON = """
That was the whole pipeline: feed, rules, stories, delivery. To go on:
  alerts scan rules/ article.json      what the rules find in articles of your own
  alerts rules check rules/            after an edit of the rules: every fault with its place
  alerts check                         the configuration, alerts.yaml: feeds, channels, routes
  alerts run                           the real thing: polls the feeds of alerts.yaml until you stop it"""


def _demo_setup(folder: Path) -> Setup:
    from ..stages import set_up

    file = folder / "alerts.yaml"
    feed, rules = shipped("demo") / "feed.xml", shipped("rules")
    file.write_text(
        f"log: sqlite:{folder}/alerts.db\nrules: {_quoted(rules)}\n"
        f"feeds: [{{url: {_quoted(f'file:{feed}')}, name: Demo feed}}]\nchannels: {{console: 'console:'}}\n",
        encoding="utf-8",
    )
    return set_up(file, environ={})


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _run_once(ctx: click.Context) -> None:
    setup = setup_of(ctx)
    with open_the_log(setup.config) as source:
        _alone(source, setup.config)
        unsettled = _once(source, setup)
    if unsettled:
        waiting = ", ".join(f"{count} for {destination}" for destination, count in sorted(unsettled.items()))
        raise AlertsError(f"not delivered yet, kept on the log for the next run: {waiting}")


def _once(source: Log, setup: Setup, *, patience_s: float | None = None) -> dict[str, int]:
    from ..stages import Live, Service, once

    service = Service(source, Live(setup, lambda: setup), poll_once=True)
    _obey_signals(service.stop)
    unsettled = once(service, patience_s=patience_s) if patience_s else once(service)
    _end(service)
    return unsettled


def _serve(ctx: click.Context, stages: Collection[str], *, alone: bool = False) -> None:
    from ..matching import cache_folder
    from ..stages import Live, Service, set_up

    _end_at_once_on_signals()
    needs = {"rules": "matcher" in stages or "notifier" in stages, "channels": "notifier" in stages}
    setup = setup_of(ctx, **needs)
    config = setup.config

    def read() -> Setup:
        new = set_up(ctx.obj["config"], environ=os.environ, **needs)
        keep_secret(new.config.secrets)
        return new

    with open_the_log(config, patient=True) as source:
        if alone:
            _alone(source, config)
        live = Live(setup, read, cache=cache_folder(os.environ))
        heartbeat = os.environ.get("ALERTS_HEARTBEAT")
        service = Service(source, live, stages=stages, heartbeat=Path(heartbeat) if heartbeat else None)
        _obey_signals(service.stop)
        if service.telling:
            live.tell = service.telling.tell_ops
        log.info("running", extra={"stages": ", ".join(stages), "feeds": len(config.feeds), "log": _log_kind(config)})
        with service:
            service.wait()
        _end(service)


def _alone(source: Log, config: Config) -> None:
    if not source.claim("run"):
        raise AlertsError(f"another `alerts run` uses this log ({config.log}); stop it, or give this one a log of its own")


def _log_kind(config: Config) -> str:
    return config.log.partition(":")[0]


def _obey_signals(stop: Stop) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _end_at_once_on_signals() -> None:
    """Until the service is there, a signal ends the process with exit 0: nothing is in hand yet."""

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _end(service: Service) -> None:
    if service.failed:
        raise AlertsError(f"a stage failed: {service.failed}")
