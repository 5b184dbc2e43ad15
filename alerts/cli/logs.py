"""Log lines on standard error: for people by default, JSON where `ALERTS_LOG_FORMAT=json`; secrets are struck out."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["keep_secret", "start_logging"]

LEVELS = {-1: logging.WARNING, 0: logging.INFO, 1: logging.DEBUG}
STRUCK = "***"
_secrets: set[str] = set()


def keep_secret(secrets: Iterable[str]) -> None:
    """Strike these out of every line from now on."""
    _secrets.update(secrets)


def start_logging(verbosity: int) -> None:
    """Send log lines to standard error; `verbosity` is -1 (warnings), 0 or 1 (everything of our own)."""
    as_json = os.environ.get("ALERTS_LOG_FORMAT", "").casefold() == "json"
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=_colour(), pad_event_to=0, pad_level=False)
    )
    stamp = structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder(), stamp, _traced],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _strike, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("alerts").setLevel(LEVELS[verbosity])
    for chatty in ("apprise", "urllib3", "requests", "aiohttp", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    # kafka-python prints four lines a second while a broker is away; what matters of it our own log says in one.
    logging.getLogger("kafka").setLevel(logging.WARNING if verbosity > 0 else logging.CRITICAL)


def _colour() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def _traced(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """A traceback as text, so that it is struck like the rest."""
    info = event.pop("exc_info", None)
    if info:
        event["exception"] = structlog.processors.ExceptionRenderer()(logger, name, {"exc_info": info})["exception"]
    return event


def _strike(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return {key: _struck(value) for key, value in event.items() if value != ""}


def _struck(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = str(value)  # an enumeration's member is its value
    for secret in _secrets:
        text = text.replace(secret, STRUCK)
    return text
