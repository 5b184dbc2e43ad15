"""What a service's answer means: HTTP statuses, error bodies and SMTP codes as outcomes.

Pure functions over what was seen on the wire; `wire` sees it.

What it deliberately does not do: it quotes no exception of the HTTP client (they hold the address, and with Telegram that is the
token), only the service's own short error text; whoever knows the secrets scrubs that.
"""

from __future__ import annotations

import json
import math
import re
import smtplib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from ..records import Outcome
from .protocol import Sent

__all__ = ["EDITED_BEFORE", "HALTING_STATUSES", "RETRY_AFTER_S_MAX", "of_http", "of_smtp"]

RETRY_AFTER_S_MAX = 86_400.0

HALTING_STATUSES = frozenset({401, 402, 403, 404, 405, 407, 410})
"""The address or the permission is wrong, whatever the content."""

_LATER_STATUSES = frozenset({408, 423, 425, 429})

# Slack's error codes (docs.slack.dev/reference/methods/chat.postMessage) and Telegram's descriptions (core.telegram.org/bots/api):
# both answer 200 or 400 also when it is the destination, not the content, that is wrong.
_DESTINATION_REFUSES = re.compile(
    r"invalid_(?:auth|token)|not_authed|token_(?:revoked|expired)|account_inactive|no_permission|missing_scope|not_in_channel"
    r"|(?:channel|user|team)_not_found|no_service|is_archived|restricted_action|access_denied|ekm_access_denied|messages_tab_disabled"
    r"|(?:chat|user|message thread) not found|was kicked|was blocked|upgraded to a supergroup|rights to send|topic_closed"
    r"|write_forbidden|peer_id_invalid",
    re.IGNORECASE,
)
_THREAD_REFUSES = re.compile(r"thread_locked|non_threadable|cannot_reply_to_message|thread_not_found", re.IGNORECASE)
EDITED_BEFORE = "message is not modified"  # Telegram, of an edit that an attempt before this one has done
_TRY_LATER = re.compile(r"rate_?limited|(?:internal|fatal)_error|service_unavailable|request_timeout|try again later", re.IGNORECASE)


def of_http(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sent:
    """What an HTTP answer means."""
    answer = _json(body)
    text = _error_text(answer, body)
    reason = " ".join(part for part in (f"HTTP {status}", _phrase(status), text) if part)
    if status < 300 and answer.get("ok") is not False:
        return Sent(Outcome.DELIVERED, message_id=_message_id(answer))
    if EDITED_BEFORE in text:
        return Sent(Outcome.DELIVERED, reason=EDITED_BEFORE)
    if status < 300 or status == HTTPStatus.BAD_REQUEST:
        outcome = _by_text(text)
    elif status in _LATER_STATUSES or status >= 500:
        outcome = Outcome.LATER
    elif status in HALTING_STATUSES or status < 400:  # redirects are not followed: they could carry credentials elsewhere
        outcome = Outcome.HALTED
    else:
        outcome = Outcome.REJECTED
    return Sent(outcome, retry_after_s=_retry_after(headers, answer, now=now) if outcome is Outcome.LATER else None, reason=reason)


def of_smtp(error: OSError, *, in_flight: bool) -> Sent:
    """What an error of an SMTP session means; `in_flight` says that the message itself was already under way."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = min(error.recipients.values(), key=lambda answer: answer[0])
        return Sent(Outcome.LATER if code < 500 else Outcome.HALTED, reason=_smtp_reason(code, answer))
    if isinstance(error, smtplib.SMTPResponseException):
        return Sent(_by_code(error), reason=_smtp_reason(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException):
        if in_flight:
            return Sent(Outcome.UNKNOWN, reason="the connection was lost before the mail server answered")
        return Sent(Outcome.LATER, reason="no connection to the mail server")
    # No common way to log in, no STARTTLS, no SMTPUTF8: nothing that another attempt or another message would change.
    return Sent(Outcome.HALTED, reason="the mail server lacks what the channel's URL asks of it (TLS, login or UTF-8 addresses)")


def _by_text(text: str) -> Outcome:
    if _TRY_LATER.search(text):
        return Outcome.LATER
    if _THREAD_REFUSES.search(text):
        return Outcome.REJECTED
    return Outcome.HALTED if _DESTINATION_REFUSES.search(text) else Outcome.REJECTED


def _by_code(error: smtplib.SMTPResponseException) -> Outcome:
    if error.smtp_code < 500:
        return Outcome.LATER
    too_large = isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == 552  # RFC 1870: the answer to MAIL FROM SIZE=
    return Outcome.REJECTED if too_large or isinstance(error, smtplib.SMTPDataError) else Outcome.HALTED


def _smtp_reason(code: int, answer: bytes | str) -> str:
    return f"SMTP {code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _json(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _error_text(answer: Mapping[str, object], body: bytes) -> str:
    """The service's own words: Telegram's `description`, Slack's `error`, others' `message` or `detail`, or a short plain body."""
    for key in ("description", "error", "message", "detail", "reason"):
        value = answer.get(key)
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value:
            return value
    text = body.decode("utf-8", "replace").strip()
    return "" if answer or text.startswith(("<", "{", "[")) else text


def _message_id(answer: Mapping[str, object]) -> str:
    """Slack's `channel/ts`, Telegram's `result.message_id`, others' `id`: what an edit or a reply must name."""
    if isinstance(answer.get("ts"), str) and isinstance(answer.get("channel"), str):
        return f"{answer['channel']}/{answer['ts']}"[:200]
    result = answer.get("result")
    for value in (answer.get("ts"), result.get("message_id") if isinstance(result, dict) else None, answer.get("id")):
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)[:200]
    return ""


def _retry_after(headers: Mapping[str, str], answer: Mapping[str, object], *, now: datetime) -> float | None:
    """The header in seconds or as a date (RFC 9110, 10.2.3), Telegram's `parameters.retry_after`, Discord's `retry_after`; the longest."""
    parameters = answer.get("parameters")
    wishes = [
        _seconds(headers.get("Retry-After"), now=now),
        _seconds(parameters.get("retry_after") if isinstance(parameters, dict) else None, now=now),
        _seconds(answer.get("retry_after"), now=now),
    ]
    return max((wish for wish in wishes if wish is not None), default=None)


def _seconds(value: object, *, now: datetime) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        wish = float(value)
    except (ValueError, OverflowError):
        try:
            wish = (_aware(parsedate_to_datetime(str(value))) - now).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(wish, 0.0), RETRY_AFTER_S_MAX) if math.isfinite(wish) else None


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)
