"""What becomes of a notification at services that take it, refuse it, are slow or die; through the real Apprise."""

from __future__ import annotations

import gzip
import logging
import os
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, message_from_string
from email.policy import default as policy
from email.utils import format_datetime
from urllib.parse import quote

import pytest
import requests

from alerts.channels import Destination, Earlier, Sent, open_channel
from alerts.channels.manners import Amending
from alerts.errors import DeliveryError
from alerts.records import Outcome, Severity
from alerts.rendering import Layout, Message, render
from tests.channels.conftest import Mailbox, Service

NEWS = Message("🔴 CRITICAL · Raqqa <!channel> & *co*", "hit «Rakka» <b>\n\nhttps://example.org/a_b_c", Severity.CRITICAL)
WEBHOOK = "slack://T1PLANTED/B2PLANTED/C3PLANTED567890123456789/#alerts"
BOT = "slack://xoxb-1234567890-1234567890-4a7PLANTED0000000000000/#alerts"
CHAT = "tgram://123456789:AAPLANTEDhijklmnopqrstuvwxyz123456/-1001"


def only(url: str) -> Destination:
    (destination,) = open_channel("desk", url)
    return destination


def send(url: str, message: Message = NEWS) -> Sent:
    return only(url).send(message, delivery="d-1")


def hook(service: Service, query: str = "") -> str:
    return f"json://127.0.0.1:{service.port}/hook{query}"


def mail(box: Mailbox, user: str = "", to: str = "desk@example.org", query: str = "") -> str:
    return f"mailto://{user}127.0.0.1:{box.port}/?to={to}&from=alerts@example.org{query}"


def test_the_console_prints_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert send("console:") == Sent(Outcome.DELIVERED)
    assert capsys.readouterr().out == f"{NEWS.title}\n{NEWS.body}\n\n"


def test_the_console_survives_a_terminal_without_emoji_and_notices_a_closed_pipe() -> None:
    program = """
import os, sys
from alerts.channels import open_channel
from alerts.records import Severity
from alerts.rendering import Layout, Message, render
(console,) = open_channel("ops", "console:")
print(console.send(Message("\\U0001f534 a", "b", Severity.HIGH), delivery="1").outcome, file=sys.stderr)
os.close(1)
print(console.send(Message("c", "d", Severity.HIGH), delivery="1"), file=sys.stderr)
print([name for name in ("apprise", "requests") if name in sys.modules], file=sys.stderr)
sys.stdout = open(os.devnull, "w")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False
    )
    assert done.stdout == "? a\nb\n\n"
    assert done.stderr.splitlines()[0] == "delivered"
    assert "halted" in done.stderr.splitlines()[1]
    assert done.stderr.splitlines()[2] == "[]"


def test_a_webhook_gets_the_text_and_can_tell_a_repetition(service: Service) -> None:
    assert send(hook(service)).outcome is Outcome.DELIVERED
    (request,) = service.requests
    assert (request.json["title"], request.json["message"], request.json["type"]) == (NEWS.title, NEWS.body, "failure")
    assert (request.headers["Idempotency-Key"], request.headers["X-Alert-Id"]) == ("d-1", "d-1")


def test_slack_shows_hostile_text_as_text(slack: Service) -> None:
    assert send(WEBHOOK).outcome is Outcome.DELIVERED
    (request,) = slack.requests
    (attachment,) = request.json["attachments"]
    assert attachment["title"] == "🔴 CRITICAL · Raqqa &lt;!channel&gt; &amp; *co*"
    assert (request.json["mrkdwn"], request.json["channel"]) == (False, "#alerts")
    assert "footer" not in attachment
    assert "image_url" not in str(attachment)
    assert "Idempotency-Key" not in request.headers


def test_telegram_shows_hostile_text_as_text_and_names_the_message(telegram: Service) -> None:
    assert send(CHAT) == Sent(Outcome.DELIVERED, message_id="4711")
    (request,) = telegram.requests
    assert request.json["text"].startswith("<b>🔴 CRITICAL · Raqqa &lt;!channel&gt; &amp; *co*</b>")
    assert "hit «Rakka» &lt;b&gt;" in request.json["text"]


def test_the_slack_bot_names_the_message(slack: Service) -> None:
    slack.answer(200, {"ok": True, "ts": "1503435956.000247"})
    assert send(BOT) == Sent(Outcome.DELIVERED, message_id="1503435956.000247")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.DELIVERED) for status in (200, 201, 204)),
        *((status, Outcome.LATER) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, Outcome.HALTED) for status in (301, 307, 401, 403, 404, 405, 410)),
        *((status, Outcome.REJECTED) for status in (400, 413, 415, 422, 451)),
    ],
)
def test_a_status_says_what_becomes_of_the_delivery(service: Service, status: int, outcome: Outcome) -> None:
    service.answer(status, Location=service.url)
    sent = send(hook(service, "?redirect=yes"))
    assert sent.outcome is outcome
    assert len(service.requests) == 1
    assert sent.reason.startswith(f"HTTP {status}") or outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    ("headers", "body", "wish"),
    [
        ({"Retry_After": "30"}, {}, 30),
        ({"Retry_After": "0"}, {}, 0),
        ({"Retry_After": "99999999"}, {}, 86_400),
        ({"Retry_After": "-5"}, {}, 0),
        ({"Retry_After": "soon"}, {}, None),
        ({"Retry_After": "nan"}, {}, None),
        ({}, {"parameters": {"retry_after": 7}}, 7),
        ({"Retry_After": "1"}, {"retry_after": 1.5}, 1.5),
        ({}, {"parameters": "none", "retry_after": True}, None),
        ({}, {}, None),
    ],
)
def test_the_services_wish_for_a_pause_is_passed_on(
    service: Service, headers: dict[str, str], body: dict[str, object], wish: float | None
) -> None:
    service.answer(429, body, **headers)
    assert send(hook(service)).retry_after_s == wish


def test_a_pause_may_be_a_date(service: Service) -> None:
    service.answer(503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True))
    wish = send(hook(service)).retry_after_s
    assert wish is not None
    assert 500 < wish <= 600


@pytest.mark.parametrize(
    ("url", "status", "body", "outcome"),
    [
        (BOT, 200, {"ok": False, "error": "invalid_auth"}, Outcome.HALTED),
        (BOT, 200, {"ok": False, "error": "channel_not_found"}, Outcome.HALTED),
        (BOT, 200, {"ok": False, "error": "is_archived"}, Outcome.HALTED),
        (BOT, 200, {"ok": False, "error": "restricted_action_thread_locked"}, Outcome.REJECTED),
        (BOT, 200, {"ok": False, "error": "msg_too_long"}, Outcome.REJECTED),
        (BOT, 200, {"ok": False, "error": "internal_error"}, Outcome.LATER),
        (BOT, 429, {"ok": False, "error": "ratelimited"}, Outcome.LATER),
        (WEBHOOK, 404, b"no_service", Outcome.HALTED),
        (WEBHOOK, 400, b"invalid_payload", Outcome.REJECTED),
        (WEBHOOK, 200, b"something else", Outcome.REJECTED),
        (WEBHOOK, 200, b"", Outcome.REJECTED),
    ],
)
def test_slacks_own_words_decide(slack: Service, url: str, status: int, body: bytes | dict[str, object], outcome: Outcome) -> None:
    slack.answer(status, body)
    assert send(url).outcome is outcome


@pytest.mark.parametrize(
    ("code", "description", "outcome"),
    [
        (401, "Unauthorized", Outcome.HALTED),
        (403, "Forbidden: bot was blocked by the user", Outcome.HALTED),
        (400, "Bad Request: chat not found", Outcome.HALTED),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", Outcome.HALTED),
        (400, "Bad Request: message is too long", Outcome.REJECTED),
        (429, "Too Many Requests: retry after 7", Outcome.LATER),
    ],
)
def test_telegrams_own_words_decide(telegram: Service, code: int, description: str, outcome: Outcome) -> None:
    telegram.answer(code, {"ok": False, "error_code": code, "description": description, "parameters": {"retry_after": 7}})
    sent = send(CHAT)
    assert (sent.outcome, sent.retry_after_s) == (outcome, 7.0 if outcome is Outcome.LATER else None)
    assert description in sent.reason


def test_a_lost_answer_is_unknown(service: Service) -> None:
    destination = only(hook(service, "?rto=0.3"))
    for act in ("silence", "reset", "close"):
        service.act(act)
        assert destination.send(NEWS, delivery="d-1").outcome is Outcome.UNKNOWN, act
    assert len(service.requests) == 3


def test_an_answer_that_breaks_off_is_unknown_where_its_words_matter(slack: Service) -> None:
    slack.answer(200, b"o", Content_Length="2")
    assert send(WEBHOOK + "?rto=0.3").outcome is Outcome.UNKNOWN


def test_a_service_that_is_not_there_is_tried_later(free_port: Callable[[], int]) -> None:
    sent = send(f"json://127.0.0.1:{free_port()}/")
    assert (sent.outcome, sent.reason) == (Outcome.LATER, "no connection to the service")


def test_a_proxy_that_is_not_there_is_tried_later(monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    assert send("json://service.example/").outcome is Outcome.LATER


def test_a_proxy_that_is_no_address_halts_the_destination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http:///nowhere")
    monkeypatch.setenv("NO_PROXY", "")
    sent = send("json://service.example/")
    assert (sent.outcome, sent.reason) == (Outcome.HALTED, "no request can be made with these settings (InvalidProxyURL)")


def test_a_service_with_a_protocol_of_its_own_is_tried_again(free_port: Callable[[], int]) -> None:
    assert send(f"irc://127.0.0.1:{free_port()}/#alerts").outcome is Outcome.LATER


def test_other_users_of_the_http_and_mail_clients_see_no_change(service: Service, mailbox: Mailbox) -> None:
    assert send(hook(service)).outcome is Outcome.DELIVERED
    answer = requests.post(f"{service.url}/own", timeout=5)
    assert (answer.text, "Idempotency-Key" in service.requests[-1].headers) == ("ok", False)
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=5) as server:
        assert server.sendmail("a@example.org", ["b@example.org"], "Subject: own") == {}
    with pytest.raises(requests.RequestException):
        requests.post("http://127.0.0.1:1/", timeout=5)


def test_plain_text_where_tls_should_be_is_tried_later(service: Service) -> None:
    assert send(f"jsons://127.0.0.1:{service.port}/").outcome is Outcome.LATER


def test_an_endless_answer_is_cut(service: Service) -> None:
    service.answer(400, b"x" * 3_000_000)
    sent = send(hook(service))
    assert sent.outcome is Outcome.REJECTED
    assert len(sent.reason) <= 200


def test_an_answer_may_be_compressed(slack: Service) -> None:
    slack.answer(200, gzip.compress(b"ok"), Content_Encoding="gzip")
    assert send(WEBHOOK).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    "body", [b"<html>Proxy error</html>", b'["odd"]', b"\xff\xfe\x00", b"[" * 100_000, b'{"error": {"message": "why\\nnot"}}']
)
def test_no_error_body_is_a_surprise(service: Service, body: bytes) -> None:
    service.answer(500, body)
    sent = send(hook(service))
    assert sent.outcome is Outcome.LATER
    assert sent.reason.isprintable()


def test_what_apprise_cannot_send_is_rejected(service: Service) -> None:
    assert send(hook(service), Message("t", "", Severity.LOW)).outcome is Outcome.REJECTED
    assert service.requests == []


def test_the_url_cannot_switch_failures_off(service: Service) -> None:
    service.answer(500)
    assert send(hook(service, "?optional=yes&retry=3&wait=1&overflow=split")).outcome is Outcome.LATER
    assert len(service.requests) == 1


def test_many_threads_get_their_own_answers(service: Service) -> None:
    (destination,) = open_channel("desk", hook(service))
    together = threading.Barrier(8)

    def one(number: int) -> None:
        together.wait(10)
        assert destination.send(NEWS, delivery=f"d-{number}").outcome is Outcome.DELIVERED

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(64)))
    assert sorted(request.headers["X-Alert-Id"] for request in service.requests) == sorted(f"d-{number}" for number in range(64))


def test_one_threads_failure_is_not_anothers(service: Service, slack: Service) -> None:
    service.usual.status, service.usual.body = 200, b"ok"
    good, bad = only(WEBHOOK), only("json://127.0.0.1:1/")
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda n: (good, bad)[n % 2].send(NEWS, delivery=str(n)).outcome, range(40)))
    assert outcomes == [Outcome.DELIVERED, Outcome.LATER] * 20


# --- Mail -------------------------------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_with_the_delivery_in_its_header(mailbox: Mailbox) -> None:
    destination = only(mail(mailbox))
    for number in (1, 2):
        assert destination.send(NEWS, delivery=f"d-{number}") == Sent(Outcome.DELIVERED)
    first, second = (message_from_bytes(envelope.content or b"", policy=policy) for envelope in mailbox.mails)
    assert first["Subject"] == NEWS.title
    assert (first["X-Entity-Ref-ID"], second["X-Entity-Ref-ID"]) == ("d-1", "d-2")
    assert len(first.get_all("Message-ID")) == 1
    body = first.get_body(("plain",))
    assert body is not None
    assert "hit «Rakka» <b>" in body.get_content()


def test_no_headline_becomes_a_header(mailbox: Mailbox) -> None:
    assert send(mail(mailbox), Message("Raqqa\r\nBcc: all@example.org", "b", Severity.LOW)).outcome is Outcome.DELIVERED
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == ["desk@example.org"]
    assert message_from_bytes(envelope.content or b"", policy=policy)["Bcc"] is None


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("MAIL", "451 try again", Outcome.LATER),
        ("MAIL", "550 who are you", Outcome.HALTED),
        ("MAIL", "552 message too large", Outcome.REJECTED),
        ("MAIL", "drop", Outcome.LATER),
        ("RCPT", "450 greylisted", Outcome.LATER),
        ("RCPT", "550 no such user", Outcome.HALTED),
        ("RCPT", "421 closing", Outcome.LATER),
        ("DATA", "554 spam", Outcome.REJECTED),
        ("DATA", "452 disk full", Outcome.LATER),
        ("DATA", "drop", Outcome.UNKNOWN),
    ],
)
def test_a_mail_servers_answer_says_what_becomes_of_the_delivery(mailbox: Mailbox, step: str, answer: str, outcome: Outcome) -> None:
    mailbox.says[step] = answer
    sent = send(mail(mailbox))
    assert sent.outcome is outcome
    assert answer == "drop" or sent.reason == f"SMTP {answer}"
    mailbox.says.clear()
    assert send(mail(mailbox)).outcome is Outcome.DELIVERED


def test_a_mail_accepted_for_one_recipient_is_not_sent_again(mailbox: Mailbox) -> None:
    mailbox.says["RCPT copy@example.org"] = "550 gone"
    assert send(mail(mailbox, query="&cc=copy@example.org")).outcome is Outcome.DELIVERED
    assert len(mailbox.mails) == 1


def test_a_wrong_password_halts_the_destination(mailbox: Mailbox) -> None:
    assert send(mail(mailbox, user="me:s3cret-pass@")).outcome is Outcome.DELIVERED
    sent = send(mail(mailbox, user="me:wrong-pass@"))
    assert sent.outcome is Outcome.HALTED
    assert sent.reason.startswith("SMTP 535")


def test_a_mail_server_without_tls_halts_the_destination_that_asks_for_it(mailbox: Mailbox) -> None:
    assert send(mail(mailbox).replace("mailto:", "mailtos:") + "&mode=starttls").outcome is Outcome.HALTED
    assert send(mail(mailbox).replace("mailto:", "mailtos:") + "&mode=ssl").outcome is Outcome.LATER


def test_a_mail_server_that_is_not_there_is_tried_later(free_port: Callable[[], int]) -> None:
    sent = send(f"mailto://127.0.0.1:{free_port()}/?to=a@example.org&from=b@example.org")
    assert (sent.outcome, sent.reason) == (Outcome.LATER, "no connection to the mail server")


def test_a_mail_server_that_is_busy_is_tried_later(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def busy() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"421 too many connections\r\n")

        answering = threading.Thread(target=busy)
        answering.start()
        sent = send(f"mailto://127.0.0.1:{server.getsockname()[1]}/?to=a@example.org&from=b@example.org")
        answering.join()
    assert (sent.outcome, sent.reason) == (Outcome.LATER, "SMTP 421 too many connections")


# --- Secrets ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [WEBHOOK, BOT, CHAT, "json://user:PLANTED-pw@127.0.0.1:{port}/PLANTED-path?+X-Key=PLANTED-key"])
@pytest.mark.parametrize("trouble", ["echo", "reset", "refused"])
def test_no_token_in_any_log_reason_or_repr(
    slack: Service, telegram: Service, caplog: pytest.LogCaptureFixture, url: str, trouble: str
) -> None:
    caplog.set_level(logging.DEBUG)
    url = url.replace("{port}", str(slack.port))
    if trouble == "echo":
        slack.answer(404, f"no such hook: {url} {url.partition('://')[2]} {slack.url}/services/T1PLANTED/x".encode())
    elif trouble == "reset":
        slack.act("reset")
    else:
        slack.close()
    destination = only(url)
    sent = destination.send(NEWS, delivery="d-1")
    assert sent.outcome is not Outcome.DELIVERED
    assert "PLANTED" not in f"{caplog.text} {sent} {destination!r}"


# In the service's own layout


def laid_out(layout: Layout, **more: object) -> Message:
    from tests.unit.test_layouts import EXAMPLES

    return render(EXAMPLES["hostile"], timezone=UTC, layout=layout, **more)  # type: ignore[arg-type]


def test_slack_gets_blocks_and_a_fallback_in_which_nothing_is_markup(slack: Service) -> None:
    assert send(WEBHOOK, laid_out(Layout.SLACK)).outcome is Outcome.DELIVERED
    payload = slack.requests[0].json
    assert "attachments" not in payload
    assert [block["type"] for block in payload["blocks"]] == ["header", "rich_text"]
    assert "&lt;!channel&gt;" in payload["text"]
    assert "<!" not in payload["text"]
    assert (payload["channel"], payload["parse"], payload["link_names"], payload["unfurl_links"]) == ("#alerts", "none", False, False)


def test_the_slack_bot_replies_in_a_thread_and_edits_what_it_posted(slack: Service) -> None:
    slack.answer(200, {"ok": True, "channel": "C9", "ts": "17.0001"})
    first = send(BOT, laid_out(Layout.SLACK))
    assert first.message_id == "C9/17.0001"
    slack.answer(200, {"ok": True, "channel": "C9", "ts": "18.0001"})
    slack.answer(200, {"ok": True, "channel": "C9", "ts": "17.0001"})
    destination, earlier = only(BOT), Earlier("d-1", first.message_id)
    assert destination.send(laid_out(Layout.SLACK), delivery="d-2", thread=earlier).outcome is Outcome.DELIVERED
    assert destination.send(laid_out(Layout.SLACK), delivery="d-3", edits=earlier).outcome is Outcome.DELIVERED
    reply, edit = slack.requests[1:]
    assert (reply.path, reply.json["thread_ts"], reply.json["reply_broadcast"]) == ("/api/chat.postMessage", "17.0001", True)
    assert (edit.path, edit.json["channel"], edit.json["ts"]) == ("/api/chat.update", "C9", "17.0001")


def test_an_edit_that_slack_does_not_allow_any_more_is_refused_content(slack: Service) -> None:
    slack.answer(200, {"ok": False, "error": "edit_window_closed"})
    assert only(BOT).send(laid_out(Layout.SLACK), delivery="d", edits=Earlier("a", "C9/17.0001")).outcome is Outcome.REJECTED


def test_telegram_gets_its_few_tags_a_reply_and_an_edit(telegram: Service) -> None:
    destination, earlier = only(CHAT), Earlier("d-1", "4711")
    for more in ({}, {"thread": earlier}, {"edits": earlier}):
        assert destination.send(laid_out(Layout.TELEGRAM), delivery="d", **more).outcome is Outcome.DELIVERED
    plain, reply, edit = telegram.requests
    assert plain.path.endswith("/sendMessage")
    assert plain.json["parse_mode"] == "HTML"
    assert "&lt;script&gt;" in plain.json["text"]
    assert "<script>" not in plain.json["text"]
    assert plain.json["link_preview_options"] == {"is_disabled": True}
    assert reply.json["reply_parameters"] == {"message_id": 4711, "allow_sending_without_reply": True}
    assert (edit.path.rpartition("/")[2], edit.json["message_id"], edit.json["chat_id"]) == ("editMessageText", 4711, -1001)


def test_an_edit_that_was_done_before_is_done(telegram: Service) -> None:
    telegram.answer(400, {"ok": False, "description": "Bad Request: message is not modified: specified new message content ..."})
    assert only(CHAT).send(laid_out(Layout.TELEGRAM), delivery="d", edits=Earlier("a", "4711")).outcome is Outcome.DELIVERED


def test_a_mail_has_two_parts_one_message_id_and_the_headers_of_its_thread(mailbox: Mailbox) -> None:
    destination = only(mail(mailbox, query="&+X-Desk=night"))
    assert destination.send(laid_out(Layout.MAIL), delivery="d-2", thread=Earlier("d-1")).outcome is Outcome.DELIVERED
    found = message_from_bytes(mailbox.mails[0].content or b"", policy=policy)
    assert found.get_all("Message-ID") == ["<d-2@example.org>"]
    assert (found["In-Reply-To"], found["References"]) == ("<d-1@example.org>", "<d-1@example.org>")
    assert (found["List-Id"], found["Auto-Submitted"], found["X-Desk"]) == ("Alerts <alerts.example.org>", "auto-generated", "night")
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert found.get_all("Bcc") is None
    assert "<script>" not in found.get_body(("html",)).get_content()
    assert found["Subject"].startswith("🔴 CRITICAL · Raqqa <!channel>")


def test_a_mail_that_the_channel_wants_as_html_keeps_its_story_together_too(mailbox: Mailbox) -> None:
    destination = only(mail(mailbox, query="&format=html"))
    assert destination.send(laid_out(Layout.MAIL), delivery="d-2", thread=Earlier("d-1")).outcome is Outcome.DELIVERED
    found = message_from_bytes(mailbox.mails[0].content or b"", policy=policy)
    assert found.get_all("Message-ID") == ["<d-2@example.org>"]
    assert found["References"] == "<d-1@example.org>"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("how", ["signed", "encrypted"])
def test_a_mail_that_is_signed_or_encrypted_gets_its_name_and_nothing_else(how: str) -> None:
    body = f"--x\n\n{how}\n--x--\nMessage-ID: <in-the-body@x>\n"
    text = f'Content-Type: multipart/{how};\n boundary="x"\nMessage-ID:\n <apprise@host>\nFrom: "Doe, J" <alerts@example.org>\n\n{body}'
    amending = Amending(plugin=None, message=laid_out(Layout.MAIL), delivery="d-2", thread=Earlier("d-1"))
    head, _, rest = amending.mail(text).partition("\n\n")
    found = message_from_string(head, policy=policy)
    assert (found.get_all("Message-ID"), found["References"]) == (["<d-2@example.org>"], "<d-1@example.org>")
    assert (rest, found["Content-Type"]) == (body, f'multipart/{how}; boundary="x"')


@pytest.mark.parametrize("to", ["дежурный@example.org", "desk@пример.рф"])
def test_a_recipient_that_apprise_cannot_mail_is_a_fault_of_the_configuration(to: str) -> None:
    with pytest.raises(DeliveryError, match="knows no recipient"):
        open_channel("desk", f"mailto://me:pw@example.org?to={quote(to)}")


def test_the_first_mail_of_a_story_answers_none(mailbox: Mailbox) -> None:
    assert only(mail(mailbox)).send(laid_out(Layout.MAIL), delivery="d-1").outcome is Outcome.DELIVERED
    found = message_from_bytes(mailbox.mails[0].content or b"", policy=policy)
    assert (found["In-Reply-To"], found["References"]) == (None, None)
    assert found["Date"]


@pytest.mark.parametrize(
    ("url", "layout", "rates", "edits"),
    [
        ("console:", Layout.PLAIN, 0, False),
        ("json://127.0.0.1/", Layout.PLAIN, 0, False),
        (WEBHOOK, Layout.SLACK, 1, False),
        (BOT, Layout.SLACK, 1, True),
        (CHAT, Layout.TELEGRAM, 2, True),
        (CHAT.replace("-1001", "42"), Layout.TELEGRAM, 1, True),
        ("mailto://me:pw@example.org?to=a@example.org", Layout.MAIL, 0, False),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", Layout.PLAIN, 1, False),
    ],
)
def test_each_service_is_told_in_its_manner(url: str, layout: Layout, rates: int, edits: bool) -> None:
    manner = only(url).manner
    assert (manner.layout, len(manner.rates), manner.edits) == (layout, rates, edits)
    assert bool(manner.storm) is (not url.startswith(("console", "json")))
