"""Plain text, for every service: what other layouts fall back to.

What matched stands in «guillemets»: they survive every service's plain text, where stars and underscores turn into markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..records import Digest, Notice
from .content import LINE_UNITS_MAX, TITLE_UNITS_MAX, Content
from .excerpts import EXCERPT_MAX
from .lists import grouped, headline, item_text, summary
from .words import cut, line, link, severity_of, units

__all__ = ["BODY_UNITS_MAX", "alert_text", "digest_text", "notice_text"]

LINK_SHOWN_UNITS_MAX = 200
BODY_UNITS_MAX = 3_500  # with the title below Telegram's 4,096 and far below what Slack shows


def alert_text(content: Content) -> str:
    """The text below the title."""
    sections: tuple[list[str], ...] = (
        list(content.notes),
        [f"{heading}: {found}" for heading, found in content.matched],
        [_sentence(content)] if content.sentence else [],
        [*([content.why] if content.why else []), content.reported, *_others(content), *content.times],
        [content.link] if content.link else [],
    )
    return cut("\n\n".join("\n".join(lines) for lines in sections if lines), BODY_UNITS_MAX)


def notice_text(notice: Notice) -> tuple[str, str]:
    """The title of a notice, and its lines as far as they fit."""
    title = cut(f"{severity_of(notice.severity)} · {line(notice.title)}", TITLE_UNITS_MAX)
    shown: list[str] = []
    left = BODY_UNITS_MAX - len("… and 1,000,000,000 more")
    for text in (cut(line(text), LINE_UNITS_MAX) for text in notice.lines):
        left -= units(text) + 1
        if left < 0:
            shown.append(f"… and {len(notice.lines) - len(shown):,} more")
            break
        shown.append(text)
    return title, "\n".join(shown) or title


def digest_text(digest: Digest, *, timezone: tzinfo, note: str = "") -> tuple[str, str]:
    """The title of a list and its lines; `divided` has seen to it that they fit."""
    return cut(headline(digest), TITLE_UNITS_MAX), "\n".join([summary(digest, timezone=timezone, note=note), *_groups(digest, timezone)])


def _groups(digest: Digest, timezone: tzinfo) -> Iterator[str]:
    for group in grouped(digest.items):
        yield f"\n{group.place}"
        for item in (item for story in group.stories for item in story):
            marker, title, source = item_text(item, timezone=timezone)
            yield f"{marker} {title} ({source})"
            if item.url:
                yield f"   {link(item.url)}"


def _sentence(content: Content) -> str:
    text = "".join(f"«{piece}»" if marked else piece for piece, marked in content.sentence)
    return f"“{cut(' '.join(text.split()), 2 * EXCERPT_MAX)}”"


def _others(content: Content) -> Iterable[str]:
    for report in content.others:
        shown = link(report.url)
        yield cut(f"– {report.source}: {shown if units(shown) <= LINK_SHOWN_UNITS_MAX else report.title}", LINE_UNITS_MAX)
    if content.more:
        yield f"– {content.more}"
