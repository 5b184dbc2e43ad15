"""Telegram's HTML: a handful of tags, everything else escaped (core.telegram.org/bots/api#html-style).

What is shown stays below 4,096 UTF-16 units; addresses of links do not count there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from html import escape, unescape

from ..records import Digest, Notice
from .content import LINE_UNITS_MAX, Content
from .excerpts import EXCERPT_MAX
from .layouts import Markup
from .lists import grouped, headline, item_text, summary
from .plain import notice_text
from .tags import linked, others
from .words import cut, units

__all__ = ["alert", "digest", "notice"]


SHOWN_UNITS_MAX = 4_000
_LINES_UNITS_MAX = (1_000, LINE_UNITS_MAX, 150, 60)
_TAG = re.compile(r"<[^>]*>")


def alert(content: Content) -> Markup:
    """The whole message, title included; its lines as long as they all fit."""
    for most in _LINES_UNITS_MAX:
        markup = _alert(_shortened(content, most))
        if units(unescape(_TAG.sub("", markup.html))) <= SHOWN_UNITS_MAX:
            break
    return markup


def _shortened(content: Content, most: int) -> Content:
    return replace(
        content,
        notes=tuple(cut(note, most) for note in content.notes),
        matched=tuple((heading, cut(found, most)) for heading, found in content.matched),
        why=cut(content.why, most),
        reported=cut(content.reported, most),
    )


def _alert(content: Content) -> Markup:
    sections: tuple[list[str], ...] = (
        [f"<b>{_linked(content.title, content.url)}</b>", *(f"<i>{escape(note)}</i>" for note in content.notes)],
        [f"{heading}: <b>{escape(found)}</b>" for heading, found in content.matched],
        [_sentence(content)] if content.sentence else [],
        [*map(escape, filter(None, [content.why, content.reported])), *others(content, _linked)],
        [escape(text) for text in content.times],
        [_linked("Read the report", content.url)] if content.url else [escape(content.link)] if content.link else [],
    )
    return Markup(html="\n\n".join("\n".join(lines) for lines in sections if lines))


def notice(notice: Notice) -> Markup:
    """A message to ops."""
    title, body = notice_text(notice)
    return Markup(html=f"<b>{escape(title)}</b>\n\n{escape(body)}")


def digest(digest: Digest, *, timezone: tzinfo, note: str = "") -> Markup:
    """A list; each line leads to its report."""
    lines = [
        f"<b>{escape(headline(digest))}</b>",
        f"<i>{escape(summary(digest, timezone=timezone, note=note))}</i>",
        *_groups(digest, timezone),
    ]
    return Markup(html="\n".join(lines))


def _groups(digest: Digest, timezone: tzinfo) -> Iterator[str]:
    for group in grouped(digest.items):
        yield f"\n<b>{escape(group.place)}</b>"
        for item in (item for story in group.stories for item in story):
            marker, title, source = item_text(item, timezone=timezone)
            yield f"{marker} {_linked(title, item.url)} ({escape(source)})"


def _sentence(content: Content) -> str:
    shown, left = [], 2 * EXCERPT_MAX
    for piece, marked in content.sentence:
        text = escape(piece[:left])
        shown.append(f"<b>{text}</b>" if marked else text)
        left -= len(piece[:left])
    return f"<blockquote>{''.join(shown).strip()}</blockquote>"


def _linked(text: str, url: str) -> str:
    return linked(escape(text), url)
