"""What each service is given beyond plain text: its own layout, threads, edits, and how fast it may be told.

Apprise composes a request that any service takes; `amend` makes of it, on its way out, the request that this service takes best. So
Apprise keeps what it is good at (its many forms of URLs, logging in, finding users), and nothing is sent twice over.

What it deliberately does not do: it sends nothing, and changes no request that it does not know for sure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import requests

from ..rendering import Layout, Message
from ..rendering.slack import fallback
from ..routing import Rate
from .protocol import Earlier, Manner

__all__ = ["Amending", "manner_of"]

STORM = 10
"""More alerts a minute than this are put together, where people read them."""

# One message a second is what Slack (docs.slack.dev/apis/web-api/rate-limits) and Telegram (core.telegram.org/bots/faq) ask for, a channel
# and a chat each; a group takes 20 a minute.
_ONE_A_SECOND = Rate(1, timedelta(seconds=1))
_GROUP = (_ONE_A_SECOND, Rate(20, timedelta(minutes=1)))
_ANEW = frozenset({"mime-version", "subject", "message-id", "in-reply-to", "references", "list-id", "auto-submitted"})
_SEALED = re.compile(r"^content-type:\s*multipart/(?:signed|encrypted)", re.IGNORECASE | re.MULTILINE)
_MACHINES = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mqtt", "mqtts", "syslog", "kafka"})


def manner_of(plugin: Any) -> Manner:
    """How the service behind an Apprise plugin with one target wants to be told."""
    if plugin.schema in _MACHINES:
        return Manner()
    if plugin.schema == "slack" and plugin.mode in {"bot", "hook", "gov-hook"}:
        return Manner(layout=Layout.SLACK, rates=(_ONE_A_SECOND,), storm=STORM, edits=plugin.mode == "bot")
    if plugin.schema == "tgram" and not plugin.template:
        return Manner(layout=Layout.TELEGRAM, rates=_GROUP if _is_group(plugin) else (_ONE_A_SECOND,), storm=STORM, edits=True)
    if hasattr(plugin, "smtp_host"):
        return Manner(layout=Layout.MAIL, storm=STORM)
    return Manner(rates=(_ONE_A_SECOND,), storm=STORM)


def _is_group(plugin: Any) -> bool:
    """Telegram numbers groups and channels below zero; a name may be one."""
    chat = plugin.targets[0][0]
    return not isinstance(chat, int) or chat < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amending:
    """Makes the requests of one delivery what its service takes best."""

    plugin: Any
    message: Message
    delivery: str
    thread: Earlier | None = None
    edits: Earlier | None = None

    def request(self, request: requests.PreparedRequest) -> None:
        """An HTTP request, just before it is sent."""
        amend = self._amend()
        payload = _payload(request)
        if amend is None or payload is None:
            return
        method = amend(payload)
        if method:
            before, _, _ = (request.url or "").rpartition("/")
            request.url = f"{before}/{method}"
        body = json.dumps(payload).encode()
        request.body = body
        request.prepare_content_length(body)

    def mail(self, text: str) -> str:
        """A mail, just before it is sent."""
        if not self.message.markup.html:
            return text
        head, gap, body = text.partition("\n\n")
        if _SEALED.search(head):
            return _named(head, self.delivery, self.thread) + gap + body
        return _mail(message_from_string(text, policy=policy.default), self.message, self.delivery, self.thread)

    def _amend(self) -> Callable[[dict[str, Any]], str] | None:
        if self.message.markup.blocks and self.plugin.schema == "slack":
            return self._slack
        if self.message.markup.html and self.plugin.schema == "tgram":
            return self._telegram
        return None

    def _slack(self, payload: dict[str, Any]) -> str:
        """https://docs.slack.dev/reference/methods/chat.postMessage, chat.update and incoming webhooks."""
        if "attachments" not in payload:
            return ""  # a user being looked up
        del payload["attachments"]
        payload |= {
            "text": fallback(self.message.title),
            "blocks": list(self.message.markup.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
            "parse": "none",
            "link_names": False,
        }
        channel, _, ts = (self.edits or self.thread or Earlier("")).message_id.rpartition("/")
        if not ts or self.plugin.mode != "bot":
            return ""
        if self.edits:
            payload |= {"channel": channel, "ts": ts}
            return "chat.update"
        payload["thread_ts"] = ts
        payload["reply_broadcast"] = True  # a reply alone rings no phone
        return ""

    def _telegram(self, payload: dict[str, Any]) -> str:
        """https://core.telegram.org/bots/api#sendmessage and #editmessagetext."""
        if "text" not in payload:
            return ""
        payload |= {"text": self.message.markup.html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
        payload.pop("disable_web_page_preview", None)
        if self.edits and self.edits.message_id.isdigit():
            payload["message_id"] = int(self.edits.message_id)
            for name in ("disable_notification", "message_thread_id"):
                payload.pop(name, None)
            return "editMessageText"
        if self.thread and self.thread.message_id.isdigit():
            payload["reply_parameters"] = {"message_id": int(self.thread.message_id), "allow_sending_without_reply": True}
        return ""


def _payload(request: requests.PreparedRequest) -> dict[str, Any] | None:
    if not isinstance(request.body, str | bytes):
        return None
    try:
        payload = json.loads(request.body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _domain(given: EmailMessage) -> str:
    return parseaddr(str(given.get("From", "")))[1].rpartition("@")[2] or "localhost"


def _named(head: str, delivery: str, thread: Earlier | None) -> str:
    """The head of a mail whose body is signed or encrypted, and so not to be touched, with our Message-ID and its thread."""
    domain = _domain(message_from_string(head, policy=policy.default))
    given = re.sub(r"^message-id:.*(?:\n[ \t].*)*\n?", "", head, flags=re.IGNORECASE | re.MULTILINE).rstrip("\n")
    lines = [f"Message-ID: <{delivery}@{domain}>"]
    lines += [f"{name}: <{thread.delivery}@{domain}>" for name in ("In-Reply-To", "References")] if thread else []
    return "\n".join([given, *lines])


def _mail(given: EmailMessage, message: Message, delivery: str, thread: Earlier | None) -> str:
    """The mail anew, with both parts, one Message-ID and the headers that keep a story together (RFC 5322 3.6.4, RFC 2919, RFC 3834)."""
    domain = _domain(given)
    mail = EmailMessage(policy=policy.SMTP)
    for name, value in given.items():
        if not name.lower().startswith("content-") and name.lower() not in _ANEW and name not in mail:
            mail[name] = str(value)
    mail["Subject"] = message.title
    mail["Message-ID"] = f"<{delivery}@{domain}>"
    if thread:
        mail["In-Reply-To"] = mail["References"] = f"<{thread.delivery}@{domain}>"
    mail["List-Id"] = f"Alerts <alerts.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    mail.add_alternative(message.markup.html, subtype="html")
    return mail.as_string()
