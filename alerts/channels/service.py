"""Destinations that Apprise reaches: Slack, Telegram, mail, webhooks and some 130 more.

What it deliberately does not do: it uses none of Apprise's retries, throttles, redirects, images, templates, emoji or disk storage;
each of them acts behind the back of the log.
"""

from __future__ import annotations

import copy
import hashlib
import logging
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import apprise
from apprise.manager_plugins import NotificationManager

from ..errors import DeliveryError
from ..records import Outcome, Severity, digest
from ..rendering import Message
from .answers import EDITED_BEFORE
from .manners import Amending, manner_of
from .protocol import Earlier, Manner, Sent
from .wire import Seen, recording

__all__ = ["CONNECT_S_MAX", "REASON_CHARACTERS_MAX", "SILENCE_S_MAX", "TARGETS_MAX", "open_service"]

CONNECT_S_MAX = 5.0
SILENCE_S_MAX = 15.0
TARGETS_MAX = 500
REASON_CHARACTERS_MAX = 200

# Under DEBUG these print addresses, headers and payloads; Apprise's and urllib3's warnings, too, may hold an address, and with Slack
# and Telegram that is the token. All that is worth knowing of them is in `Sent`.
_TALKATIVE = ("apprise", "urllib3", "requests")

# How the plugins of Apprise 2.2 call their list of targets; the few that do it otherwise are refused if they have several.
_TARGETS = ("targets", "channels", "channel_ids", "rooms", "users", "dm_users", "groups", "topics", "devices", "members", "phone", "events")

_WEBHOOKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})
_TYPES = {
    Severity.INFO: apprise.NotifyType.INFO,
    Severity.LOW: apprise.NotifyType.INFO,
    Severity.MEDIUM: apprise.NotifyType.WARNING,
    Severity.HIGH: apprise.NotifyType.FAILURE,
    Severity.CRITICAL: apprise.NotifyType.FAILURE,
}

_plugins = NotificationManager()  # type: ignore[no-untyped-call]  # Apprise 2.2 is typed in parts
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # one of its plugins imports imghdr, gone in Python 3.13
    _plugins.load_modules()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Service:
    """One target of one Apprise URL."""

    id: str
    plugin: Any = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    @cached_property
    def manner(self) -> Manner:
        """How the service wants to be told."""
        return replace(manner_of(self.plugin), chat=_chat(self.plugin))

    def send(self, message: Message, *, delivery: str, thread: Earlier | None = None, edits: Earlier | None = None) -> Sent:
        """Try once to deliver `message` as plain text, which Apprise escapes as the service needs it, or in the service's own layout."""
        notifier = apprise.Apprise(asset=self.plugin.asset)
        notifier.add(self._plugin(delivery))
        amending = Amending(plugin=self.plugin, message=message, delivery=delivery, thread=thread, edits=edits)
        with recording(headers=self._http_headers(delivery), amending=amending) as seen:
            succeeded = bool(
                notifier.notify(title=message.title, body=message.body, body_format="text", notify_type=_TYPES[message.severity])
            )
        sent = _verdict(seen, succeeded=succeeded, speaks_openly=self._speaks_openly())
        return Sent(sent.outcome, sent.message_id, sent.retry_after_s, _scrubbed(sent.reason, self.secrets))

    def _plugin(self, delivery: str) -> Any:
        """The plugin itself; for mail a copy with headers of this one message."""
        if not hasattr(self.plugin, "smtp_host"):
            return self.plugin
        plugin = copy.copy(self.plugin)
        plugin.headers = {**self.plugin.headers, "X-Entity-Ref-ID": delivery, "Auto-Submitted": "auto-generated"}
        return plugin

    def _http_headers(self, delivery: str) -> dict[str, str]:
        return {"Idempotency-Key": delivery, "X-Alert-Id": delivery} if self.plugin.schema in _WEBHOOKS else {}

    def _speaks_openly(self) -> bool:
        """Whether the plugin speaks HTTP or SMTP, so that `wire` sees what it says."""
        module = sys.modules[type(self.plugin).__module__]
        return hasattr(module, "requests") or hasattr(module, "smtplib")


def open_service(name: str, url: str) -> tuple[Service, ...]:
    """The destinations of an Apprise URL. Raises `DeliveryError` with the channel's name for one that leads nowhere."""
    for logger in _TALKATIVE:
        logging.getLogger(logger).setLevel(logging.ERROR)
    logging.getLogger("apprise").propagate = False
    whole = _instance(name, url)
    secrets = _secrets(url)
    if len(whole) == 1:
        return (Service(name, whole, secrets),)
    targets = {_target_id(name, target): (attribute, target) for attribute, target in _targets(name, whole)}
    if len(targets) > TARGETS_MAX:
        raise _fault(name, f"more than {TARGETS_MAX} targets; split it into several channels")
    if len(targets) == 1:
        (target,) = targets.values()
        return (Service(name, _narrowed(name, url, *target), secrets),)
    return tuple(Service(id, _narrowed(name, url, *target), secrets) for id, target in sorted(targets.items()))


def _instance(name: str, url: str) -> Any:
    """A plugin of its own for `url`, with everything off that would act by itself."""
    plugin: Any = apprise.Apprise.instantiate(url, asset=_asset())
    if plugin is None:
        scheme = url.partition("://")[0]
        known = scheme.isidentifier() and scheme.lower() in _plugins
        why = f"Apprise cannot read its {scheme}:// URL" if known else "its URL is of no kind that Apprise knows"
        raise _fault(name, f"{why}; see https://appriseit.com/services/")
    if hasattr(plugin, "smtp_host") and not plugin.targets:
        raise _fault(name, "Apprise knows no recipient in its URL; names and hosts of mail are ASCII (xn--... for others)")
    if not len(plugin) or _chooses_its_target(plugin, url):
        raise _fault(name, "its URL names no target (a channel, a chat, a recipient)")
    plugin.retry, plugin.optional, plugin.request_rate_per_sec, plugin.redirects = 0, False, 0, False
    plugin.overflow_mode = apprise.OverflowMode.UPSTREAM
    for switch in ("include_image", "include_footer"):
        if hasattr(plugin, switch):
            setattr(plugin, switch, False)
    if not re.search(r"[?&]cto=", url):
        plugin.socket_connect_timeout = SILENCE_S_MAX if hasattr(plugin, "smtp_host") else CONNECT_S_MAX
    if not re.search(r"[?&]rto=", url):
        plugin.socket_read_timeout = SILENCE_S_MAX
    return plugin


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Alerts",
        app_desc="Alerts",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        allow_templates=False,
        storage_mode="memory",
        service_timeout=0,  # with one, Apprise gives up waiting for a thread that goes on sending
    )


def _chooses_its_target(plugin: Any, url: str) -> bool:
    """Whether the plugin would choose a target by itself: Slack's and Twist's #general, whoever wrote to the Telegram bot last."""
    default = getattr(plugin, "default_notification_channel", None)
    if default and list(plugin.channels) == [default]:
        return default.lstrip("#") not in url
    return hasattr(plugin, "detect_owner") and not plugin.targets


def _targets(name: str, plugin: Any) -> list[tuple[str, Any]]:
    """Each target with the attribute of the plugin that holds it, if they are all there is."""
    found = [(attribute, target) for attribute in _TARGETS for target in _held(plugin, attribute)]
    if len(found) != len(plugin):
        raise _fault(name, "its targets cannot be told apart; write one channel for each")
    return found


def _narrowed(name: str, url: str, attribute: str, target: Any) -> Any:
    """A plugin for `url` that is left with one of its targets."""
    plugin = _instance(name, url)
    for other in _TARGETS:
        held = getattr(plugin, other, None)
        if isinstance(held, list | tuple | set):
            setattr(plugin, other, type(held)([target] if other == attribute else []))
    if len(plugin) != 1:
        raise _fault(name, "its targets cannot be told apart; write one channel for each")
    return plugin


def _target_id(name: str, target: object) -> str:
    """Free of secrets, and the same whatever the order of the targets and whichever the token."""
    parts = target if isinstance(target, Sequence) and not isinstance(target, str) else (target,)
    text = ":".join(str(part) for part in parts if part)
    return f"{name}/{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _chat(plugin: Any) -> str:
    """A digest of the one target and of whose it is: token and chat, not the topic in it; that of the channels that lead to the same."""
    target = next((target for attribute in _TARGETS for target in _held(plugin, attribute)), "")
    if plugin.schema == "tgram":
        target = target[0]
    return digest("chat", plugin.schema, str(plugin.url_identifier), str(target).casefold())


def _held(plugin: Any, attribute: str) -> Iterable[Any]:
    """The targets that a plugin holds in one of its attributes."""
    held = getattr(plugin, attribute, None)
    return held if isinstance(held, list | tuple | set) else ()


def _verdict(seen: Seen, *, succeeded: bool, speaks_openly: bool) -> Sent:
    """What all exchanges of one attempt come to."""
    last = seen.answers[-1] if seen.answers else None
    if succeeded or seen.mailed or (last and last.reason == EDITED_BEFORE):
        return Sent(Outcome.DELIVERED, message_id=last.message_id if last else "")
    if last is None and speaks_openly:
        return Sent(Outcome.REJECTED, reason="Apprise refused the message before anything was sent")
    if last is None:
        return Sent(Outcome.LATER, reason="the service could not be reached, or refused the message; Apprise does not say which")
    if last.outcome is Outcome.DELIVERED:
        return Sent(Outcome.REJECTED, reason="the service's answer is not the one that says yes")
    return last


def _scrubbed(reason: str, secrets: Iterable[str]) -> str:
    """One short line of printable characters without anything of the channel's URL."""
    for secret in secrets:
        reason = reason.replace(secret, "***")
    reason = re.sub(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", "***", reason, flags=re.IGNORECASE)
    reason = "".join(character if character.isprintable() else " " for character in reason)
    return " ".join(reason.split())[:REASON_CHARACTERS_MAX]


def _secrets(url: str) -> tuple[str, ...]:
    """Every part of a URL that may be a secret, as written and decoded, longest first."""
    parts = {url, *re.split(r"[/:@?&=,+#]+", url.partition("://")[2])}
    parts |= {unquote(part) for part in parts}
    return tuple(sorted((part for part in parts if len(part) >= 4), key=len, reverse=True))


def _fault(name: str, message: str) -> DeliveryError:
    return DeliveryError(f'channel "{name}": {message}', destination=name)
