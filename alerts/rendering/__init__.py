"""An alert, a notice or a list as a message that a tired person understands on a phone.

    excerpt(article, evidence)                                           # the sentence that says most, kept with the alert
    render(delivery, timezone=ZoneInfo("Europe/London"), layout=Layout.SLACK)
    divided(items, layout=Layout.TELEGRAM)                               # what is held, as single messages take it

    content     what is said of an alert, in words; cleaned and cut
    lists       what is said of alerts that were held
    words       links, times, counts, cleaning: what all share
    plain       plain text, for every service, and beside each of the others
    slack, telegram, mail; tags      what the last two share

The most important stands first: severity, what is new if it is an update, and headline; what matched, the sentence with what matched
in it, why, who reports it and since when, the link. An update that only tells of further sources is short, unless it replaces a message.

What it deliberately does not do: nothing is sent, and nothing of a feed is trusted: no markup, no mention, no line break, no address
but http and https comes through.
"""

from __future__ import annotations

from datetime import tzinfo

import msgspec

from ..records import Delivery, Notice, Severity
from . import mail, slack, telegram
from .content import TITLE_UNITS_MAX, content, in_place
from .excerpts import EXCERPT_MAX, excerpt
from .layouts import Layout, Markup, Message
from .lists import divided
from .plain import BODY_UNITS_MAX, alert_text, digest_text, notice_text
from .words import LINK_UNITS_MAX

__all__ = [
    "BODY_UNITS_MAX",
    "EXCERPT_MAX",
    "LINK_UNITS_MAX",
    "TITLE_UNITS_MAX",
    "Layout",
    "Markup",
    "Message",
    "divided",
    "excerpt",
    "render",
]

_MARKUPS = {Layout.SLACK: slack, Layout.TELEGRAM: telegram, Layout.MAIL: mail}


def render(delivery: Delivery, *, timezone: tzinfo, layout: Layout = Layout.PLAIN, edit: bool = False) -> Message:
    """The message of a delivery, its times in UTC and in `timezone`; with `edit` the one that replaces the first of its story."""
    markups = _MARKUPS.get(layout)
    if delivery.alert is not None:
        said = content(delivery.alert, delivery, timezone=timezone, edit=edit)
        return Message(said.title, alert_text(said), said.severity, markups.alert(said) if markups else Markup())
    if delivery.digest is not None:
        note = in_place(delivery)
        title, body = digest_text(delivery.digest, timezone=timezone, note=note)
        worst = max((item.severity for item in delivery.digest.items), default=Severity.INFO)
        return Message(title, body, worst, markups.digest(delivery.digest, timezone=timezone, note=note) if markups else Markup())
    notice = delivery.notice or Notice(title=delivery.reason or "notice")
    if delivery.stands_in_for:
        notice = msgspec.structs.replace(notice, lines=(in_place(delivery), *notice.lines))
    title, body = notice_text(notice)
    return Message(title, body, notice.severity, markups.notice(notice) if markups else Markup())
