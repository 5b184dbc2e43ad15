"""Records and their JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from alerts.records import Article, Match, Outcome, RecordError, Severity, decode, digest, encode


def test_an_article_needs_nothing_but_one_text() -> None:
    assert decode(b'{"title": "Raqqa"}', Article) == Article(title="Raqqa")


def test_unknown_keys_are_ignored_so_that_older_readers_go_on() -> None:
    assert decode(b'{"id": "1", "mood": "grim"}', Article).id == "1"


def test_times_keep_their_instant() -> None:
    article = decode(b'{"published": "2015-11-17T15:00:00+03:00"}', Article)
    assert article.published == datetime(2015, 11, 17, 12, tzinfo=UTC)
    assert decode(encode(article), Article) == article


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'{"title": 7}', r"\$\.title"),
        (b'{"published": "2015-11-17T15:00:00"}', r"\$\.published"),
        (b"{", "not a record of kind Article"),
        (b"\xff", "not a record of kind Article"),
        (b"[" * 100_000, "not a record of kind Article"),
        (None, "no value"),
    ],
)
def test_what_is_no_article_says_where(value: bytes | None, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        decode(value, Article)


def test_a_match_is_one_line_of_json_in_the_order_of_the_contract() -> None:
    line = encode(Match(article="42", rule="strikes", severity=Severity.CRITICAL, evidence=()))
    assert b"\n" not in line
    assert list(json.loads(line)) == ["article", "rule", "severity", "evidence"]


def test_severities_compare_by_rank_and_not_by_spelling() -> None:
    assert Severity.CRITICAL > Severity.INFO
    assert Severity.LOW >= "info"
    assert Severity.LOW <= Severity.MEDIUM < Severity.HIGH
    assert sorted(Severity, reverse=True)[0] is Severity.CRITICAL


def test_only_three_outcomes_are_final() -> None:
    assert [outcome for outcome in Outcome if outcome.final] == [Outcome.DELIVERED, Outcome.REJECTED, Outcome.GIVEN_UP]


def test_ids_derive_from_content_and_parts_do_not_run_together() -> None:
    assert digest("a", "b") == digest("a", "b")
    assert len({digest("ab"), digest("a", "b"), digest("", "ab"), digest("a\ud800")}) == 4
