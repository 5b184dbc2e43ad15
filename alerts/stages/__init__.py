"""The stages: loops that read one topic, call the core, and commit what follows together with their position.

    feeds    | poller    fetch, parse, articles_from      | articles, feeds
    articles | matcher   rules.fired                      | matches
    matches  | telling   routes.of, stories.join, .tell   | stories, alerts, deliveries
    deliveries | sending claim, destination.send          | receipts, dead-letters
    dead-letters | reporting                              | deliveries (to ops)

Each is a `Step`: it turns a batch into outputs. `carry` is the one loop around all of them but the poller, which waits for the network
rather than for the log. `Service` runs any of them as threads of one process. A stage that dies is read on where it committed;
whatever it had in memory is folded from the log again when a partition is gained.

`Poller` is not imported here: it brings the HTTP client, which only a poller needs.

Processes, threads, the clock and chance enter here, in `cli` and in nothing below. What it deliberately does not do: no rule, no
route and no story is understood here.
"""

from __future__ import annotations

from .carrying import Step, Stop, carry
from .dead_letters import dead_letters, drop, retry
from .deliveries import Pending, pending
from .service import STAGES, Service, once
from .setup import Live, Setup, set_up

__all__ = [
    "STAGES",
    "Live",
    "Pending",
    "Service",
    "Setup",
    "Step",
    "Stop",
    "carry",
    "dead_letters",
    "drop",
    "once",
    "pending",
    "retry",
    "set_up",
]
