"""Stages as threads of one process, until they are asked to end; or once through, until nothing is left to do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AlertsError
from ..log import Log
from ..matching import Rules
from .carrying import Step, Stop, carry
from .matcher import Matching
from .reporting import Announcing, Reporting
from .sending import Sending
from .setup import Live
from .telling import Telling

if TYPE_CHECKING:
    from .poller import Poller

__all__ = ["STAGES", "Service", "once"]

log = logging.getLogger(__name__)

STAGES = ("poller", "matcher", "notifier")
RELOAD_S = 0.5
"""How often the files are looked at; an edit is read when it has stood still for this long."""
MAINTAIN_S = 60.0
BEAT_S = 60.0
"""A stage that has not shown itself for this long is not healthy."""
PATIENCE_S = 60.0
"""How long `once` waits for destinations that do not take their messages."""


def utc_now() -> datetime:
    """The clock of the stages."""
    return datetime.now(UTC)


class Service:
    """The named stages over one log. Use as a context: leaving it stops them, in order, and waits."""

    def __init__(
        self,
        source: Log,
        live: Live,
        *,
        stages: Collection[str] = STAGES,
        poll_once: bool = False,
        heartbeat: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.log = source
        self.live = live
        self.stop = Stop()
        self.failed: str = ""
        self.poller = _poller(source, live, clock=clock, once=poll_once) if "poller" in stages else None
        self.sending = Sending(source, live, clock=clock) if "notifier" in stages else None
        self.telling = Telling(source, live, clock=clock) if "notifier" in stages else None
        self._steps: list[Step] = []
        if "matcher" in stages:
            self._steps.append(Matching(self._rules, clock=clock))
        if self.telling and self.sending:
            self._steps += [self.telling, self.sending, Reporting(live, clock=clock), Announcing(live, clock=clock)]
        self._heartbeat = heartbeat
        self._beats: dict[str, float] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Service:
        if self.poller:
            self._start("poller", lambda beat: self.poller.run(stop=self.stop, beat=beat) if self.poller else None)
        for step in self._steps:
            self._start(step.group, lambda beat, step=step: carry(self.log, step, stop=self.stop, beat=beat))  # type: ignore[misc]  # a default binds the step of this turn
        self._start("keeper", self._keep)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()
        self.live.close()
        if self.sending:
            self.sending.close()

    def wait(self) -> None:
        """Until asked to end, or until a stage fails."""
        while not self.stop.wait(1.0):
            pass

    def healthy(self) -> bool:
        """Whether every stage has shown itself lately."""
        now = time.monotonic()
        return not self.failed and all(now - beat < BEAT_S for beat in tuple(self._beats.values()))

    def _rules(self) -> Rules:
        rules = self.live().rules
        assert rules is not None  # noqa: S101 -- a matcher is set up with rules
        return rules

    def _start(self, name: str, run: Callable[[Callable[[], None]], None]) -> None:
        self._beats[name] = time.monotonic()

        def beat() -> None:
            self._beats[name] = time.monotonic()

        def guarded() -> None:
            try:
                run(beat)
            except AlertsError as error:
                self._fail(name, str(error))
            except Exception as error:
                log.exception("a stage failed", extra={"stage": name})
                self._fail(name, f"{type(error).__name__}: {error}")

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _fail(self, name: str, reason: str) -> None:
        self.failed = self.failed or f"{name}: {reason}"
        self.stop.set()

    def _keep(self, beat: Callable[[], None]) -> None:
        """Look after what no stage does: edited files, the heartbeat, retention."""
        maintained = time.monotonic()
        while not self.stop.wait(RELOAD_S):
            self.live.refresh()
            beat()
            if self._heartbeat and self.healthy():
                self._heartbeat.touch()
            if time.monotonic() - maintained > MAINTAIN_S:
                self._maintain()
                maintained = time.monotonic()

    def _maintain(self) -> None:
        try:
            self.log.maintain()
        except AlertsError as error:
            log.warning("retention waits", extra={"reason": str(error)})


def _poller(source: Log, live: Live, *, clock: Callable[[], datetime], once: bool) -> Poller:
    from .poller import Poller

    return Poller(source, live, clock=clock, once=once)


def once(service: Service, *, patience_s: float = PATIENCE_S) -> dict[str, int]:
    """Run a service (with `poll_once`) until every feed is polled and everything is carried through.

    Returns the deliveries that no destination had taken `patience_s` after all else was done, by destination.
    """
    assert service.poller is not None  # noqa: S101 -- a service with every stage
    assert service.sending is not None  # noqa: S101 -- a service with every stage
    with service:
        _until(service, service.poller.polled.is_set)
        _until(service, lambda: _carried(service.log))
        deadline = time.monotonic() + patience_s
        _until(service, lambda: _settled(service) or time.monotonic() > deadline)
        return service.sending.unsettled()


def _settled(service: Service) -> bool:
    """Whether nothing is left to do. A delivery that failed leaves a dead letter, and that a notice: hence the second look."""
    return not (service.sending and service.sending.unsettled()) and _carried(service.log)


def _carried(source: Log) -> bool:
    """Whether every stage has processed what the one before it has committed."""
    ways = (("articles", "matcher"), ("matches", "stories"), ("dead-letters", "ops"), ("notices", "announcing"), ("deliveries", "delivery"))
    return all(source.lag(topic, group=group) == 0 for topic, group in ways)


def _until(service: Service, done: Callable[[], bool]) -> None:
    while not done() and not service.stop.wait(0.05):
        pass
