"""The HTML part of a mail: no picture, no script, nothing from elsewhere; texts escaped, each with the direction of its own letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from html import escape

from ..records import Digest, Notice, Severity
from .content import Content
from .layouts import Markup
from .lists import grouped, headline, item_text, summary
from .plain import notice_text
from .tags import linked, others

__all__ = ["alert", "digest", "notice"]

_COLOURS = {
    Severity.INFO: "#6b7280",
    Severity.LOW: "#1d4ed8",
    Severity.MEDIUM: "#a16207",
    Severity.HIGH: "#c2410c",
    Severity.CRITICAL: "#b91c1c",
}
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.45;color:#111827"
_SMALL = "color:#4b5563;font-size:14px"
_QUOTE = "margin:12px 0;padding:8px 12px;border-left:4px solid #d1d5db;background:#f9fafb"
_MARK = "background:#fef08a;padding:0 2px"


def alert(content: Content) -> Markup:
    """An alert as a page."""
    return _page(
        content.title,
        content.severity,
        [
            *(f'<p dir="auto"><em>{escape(note)}</em></p>' for note in content.notes),
            _lines(f"{heading}: <strong><bdi>{escape(found)}</bdi></strong>" for heading, found in content.matched),
            f'<blockquote dir="auto" style="{_QUOTE}">{"".join(_pieces(content))}</blockquote>' if content.sentence else "",
            _lines([*map(escape, filter(None, [content.why, content.reported])), *others(content, _linked)]),
            f'<p style="{_SMALL}">{"<br>".join(map(escape, content.times))}</p>' if content.times else "",
            f"<p>{_linked(content.link, content.url)}</p>" if content.link else "",
        ],
    )


def notice(notice: Notice) -> Markup:
    """A message to ops."""
    title, body = notice_text(notice)
    return _page(title, notice.severity, [_lines(map(escape, body.splitlines()))])


def digest(digest: Digest, *, timezone: tzinfo, note: str = "") -> Markup:
    """A list by place."""
    worst = max((item.severity for item in digest.items), default=Severity.INFO)
    return _page(
        headline(digest),
        worst,
        [f'<p style="{_SMALL}">{escape(summary(digest, timezone=timezone, note=note))}</p>', *_groups(digest, timezone)],
    )


def _groups(digest: Digest, timezone: tzinfo) -> Iterator[str]:
    for group in grouped(digest.items):
        yield f'<h2 dir="auto" style="font-size:16px;margin:16px 0 4px">{escape(group.place)}</h2><ul style="margin:0;padding-left:20px">'
        for item in (item for story in group.stories for item in story):
            marker, title, source = item_text(item, timezone=timezone)
            yield f'<li dir="auto">{marker} {_linked(title, item.url)} <span style="{_SMALL}">({escape(source)})</span></li>'
        yield "</ul>"


def _page(title: str, severity: Severity, parts: Iterable[str]) -> Markup:
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body style="{_FONT}">'
    shown = f'<h1 dir="auto" style="font-size:20px;border-top:4px solid {_COLOURS[severity]};padding-top:8px">{escape(title)}</h1>'
    return Markup(html="\n".join([head + shown, *(part for part in parts if part), "</body></html>"]))


def _lines(lines: Iterable[str]) -> str:
    shown = "<br>".join(lines)
    return f'<p dir="auto">{shown}</p>' if shown else ""


def _pieces(content: Content) -> Iterator[str]:
    for piece, marked in content.sentence:
        yield f'<mark style="{_MARK}">{escape(piece)}</mark>' if marked else escape(piece)


def _linked(text: str, url: str) -> str:
    return linked(f"<bdi>{escape(text)}</bdi>", url)
