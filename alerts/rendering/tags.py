"""What Telegram's few tags and a mail's page say alike.

What it deliberately does not do: it escapes no text; each layout knows what stands around its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from .content import Content
from .words import is_link, link

__all__ = ["linked", "others"]


def linked(inside: str, url: str) -> str:
    """Escaped text that leads to an address, if that is one to follow."""
    shown = link(url)
    return f'<a href="{escape(shown)}">{inside}</a>' if is_link(shown) else inside


def others(content: Content, linked: Callable[[str, str], str]) -> Iterator[str]:
    """A line for each further report, its source made a link by `linked`, and how many more there are."""
    for report in content.others:
        yield f"– {linked(report.source, report.url)}"
    if content.more:
        yield f"– {escape(content.more)}"
