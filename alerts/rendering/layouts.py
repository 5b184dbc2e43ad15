"""The layouts that there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..records import Severity

__all__ = ["Layout", "Markup", "Message"]


class Layout(StrEnum):
    """How a service shows a message: as plain text, or with markup of its own."""

    PLAIN = "plain"
    SLACK = "slack"
    TELEGRAM = "telegram"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Markup:
    """A message in a service's own layout: `html` is Telegram's few tags or a mail's page, `blocks` are Slack's."""

    html: str = ""
    blocks: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a destination is given: plain text, the title on one line, neither of them empty; beside it the markup of its layout."""

    title: str
    body: str
    severity: Severity
    markup: Markup = field(default_factory=Markup)
