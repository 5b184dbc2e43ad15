"""A channel of the configuration, opened: its URL expanded to destinations, each one single target.

    for destination in open_channel("desk", "slack://TOKEN/#alerts/#urgent"):
        sent = destination.send(message, delivery="d41d…")    # blocks; call it in a thread
        sent.outcome, sent.retry_after_s, sent.reason

One target is one destination because a service that refuses one of three recipients must not have the other two told again. What a
service answered becomes a value (`Sent`), never an exception: only the caller knows what a failure means for the queue.

What it deliberately does not do: no retries, no rate limits, no sleeping. The delivery step owns them, because only it knows the next
attempt's time and what the log says about the last one.
"""

from __future__ import annotations

from ..errors import DeliveryError
from .console import Console
from .protocol import Destination, Earlier, Manner, Sent

__all__ = ["Destination", "Earlier", "Manner", "Sent", "open_channel"]


def open_channel(name: str, url: str) -> tuple[Destination, ...]:
    """The destinations that the URL of the channel `name` stands for, in the order of their ids.

    Raises `DeliveryError`, which names the channel and never the URL, for one that leads nowhere. Only a URL other than `console:`
    loads Apprise.
    """
    scheme, _, rest = url.partition(":")
    if scheme.lower() == "console":
        if rest.strip("/"):
            raise DeliveryError(f'channel "{name}": nothing may follow console:', destination=name)
        return (Console(name),)
    from .service import open_service  # Apprise and its plugins cost 0.2 s and 37 MB

    return open_service(name, url)
