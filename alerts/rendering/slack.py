"""Slack's blocks.

Everything from a feed stands in `plain_text` or in rich text elements, which hold no markup: `<!channel>` is shown as written
(docs.slack.dev/reference/block-kit/blocks/rich-text-block).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from ..records import Digest, Notice
from .content import Content
from .layouts import Markup
from .lists import Group, grouped, headline, item_text, summary
from .plain import notice_text
from .words import cut, is_link, link

__all__ = ["alert", "digest", "fallback", "notice"]

HEADER_UNITS_MAX = 150
BLOCKS_MAX = 50

_Block = dict[str, Any]


def fallback(text: str) -> str:
    """Text for the notification on a phone, where Slack does read markup: its three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def alert(content: Content) -> Markup:
    """An alert: the headline, what is new, what matched, the sentence, why, by whom and when, the link."""
    lines: list[list[_Block]] = [[_text(note, italic=True)] for note in content.notes]
    lines += [[_text(f"{heading}: "), _text(found, bold=True)] for heading, found in content.matched]
    behind: list[list[_Block]] = [[_text(text)] for text in (content.why, content.reported) if text]
    behind += [[_text("– "), _link(report.source, report.url)] for report in content.others]
    behind += [[_text(f"– {content.more}")]] if content.more else []
    behind += [[_text(text)] for text in content.times]
    behind += [[_link("Read the report", content.url)]] if content.url else [[_text(content.link)]] if content.link else []
    quote = [_part("rich_text_quote", [_text(piece, bold=marked) for piece, marked in content.sentence])] if content.sentence else []
    return Markup(blocks=(_header(content.title), _rich([*_section(lines), *quote, *_section(behind)])))


def notice(notice: Notice) -> Markup:
    """A message to ops."""
    title, body = notice_text(notice)
    return Markup(blocks=(_header(title), _rich(_section([[_text(text)] for text in body.splitlines()]))))


def digest(digest: Digest, *, timezone: tzinfo, note: str = "") -> Markup:
    """A list, a block for each place."""
    blocks = [_header(headline(digest)), _rich(_section([[_text(summary(digest, timezone=timezone, note=note), italic=True)]]))]
    groups = grouped(digest.items)
    room = BLOCKS_MAX - len(blocks)
    apart, together = groups[: room - 1], groups[room - 1 :]
    blocks += [_rich(_group(group, timezone)) for group in apart]
    blocks += [_rich([part for group in together for part in _group(group, timezone)])] if together else []
    return Markup(blocks=tuple(blocks))


def _group(group: Group, timezone: tzinfo) -> list[_Block]:
    shown = [(*item_text(item, timezone=timezone), item.url) for story in group.stories for item in story]
    lines = [[_text(f"{marker} "), _link(title, url), _text(f" ({source})")] for marker, title, source, url in shown]
    return list(_section([[_text(group.place, bold=True)], *lines]))


def _header(title: str) -> _Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(title, HEADER_UNITS_MAX), "emoji": False}}


def _rich(parts: Iterable[_Block]) -> _Block:
    return {"type": "rich_text", "elements": list(parts)}


def _section(lines: Sequence[Sequence[_Block]]) -> Iterator[_Block]:
    """Lines as one part; a line break is text as well."""
    elements = [element for number, line in enumerate(lines) for element in ([_text("\n")] if number else []) + list(line)]
    if elements:
        yield _part("rich_text_section", elements)


def _part(kind: str, elements: list[_Block]) -> _Block:
    return {"type": kind, "elements": elements}


def _text(text: str, *, bold: bool = False, italic: bool = False) -> _Block:
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def _link(text: str, url: str) -> _Block:
    shown = link(url)
    return {"type": "link", "url": shown, "text": text} if is_link(shown) else _text(text)
