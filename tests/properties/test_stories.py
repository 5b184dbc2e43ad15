"""Stories are a fold: however the stream is cut and folded again, the decisions are the same."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.records import Article, Kind, Severity, decode, encode
from alerts.stories import Stories, StorySettings
from tests.builders import NOON, article, evidence

PLACES = ["Raqqa", "Aleppo", "Homs"]
EVENTS = ["Missiles hit {} overnight, activists say", "Missiles hit {} overnight, the activists say", "Clashes near {} kill {}", "Live: {}"]

reports = st.builds(
    lambda event, place, toll, feed, minutes, id: (
        article(event.format(place, toll), id=id, feed=feed, minutes=minutes),
        place,
    ),
    st.sampled_from(EVENTS),
    st.sampled_from(PLACES),
    st.integers(1, 3),
    st.sampled_from(["Wire", "Daily", "Post"]),
    st.integers(0, 6 * 24 * 60),
    st.sampled_from([f"id-{number}" for number in range(12)]),
)


strangers = st.builds(
    lambda title, feed, minutes, id: (article(title, id=f"other-{id}", feed=feed, minutes=minutes), "Cebu"),
    st.sampled_from(["Ferry sinks off Cebu", "Cebu ferry sinking: divers search wreck", "Bank cuts interest rates", "Choir wins prize"]),
    st.sampled_from(["Gazette", "Herald"]),
    st.integers(0, 6 * 24 * 60),
    st.integers(0, 11),
)


def state(stories: Stories) -> dict[str, bytes]:
    return {id: encode(stories[id]) for id in stories}


def events(stream: list[tuple[Article, str]]) -> set[frozenset[tuple[str, str]]]:
    """Which reports, by id and feed, are told as one; of stories that never leave."""
    stories, found = Stories(StorySettings(window=timedelta(days=30))), {}
    for report, place in stream:
        start = report.title.find(place)
        joined = stories.join(report, [evidence(place, start=start)] if start >= 0 else [])
        found.setdefault(joined.story, set()).add((report.id, report.feed))
    together = {}
    for id, reports_ in found.items():
        together.setdefault(stories.resolve(id), set()).update(reports_)
    return set(map(frozenset, together.values()))


def decided(stories: Stories, stream: list[tuple[Article, str]]) -> list[tuple[object, ...]]:
    found = []
    for report, place in stream:
        start = report.title.find(place)
        joined = stories.join(report, [evidence(place, start=start)] if start >= 0 else [], kinds={"places.syria": Kind.PLACE})
        verdict = stories.tell(joined.story, {"desk": Severity.HIGH}, at=NOON)["desk"]
        found.append((joined.story, joined.new, joined.reason, verdict.decision, stories.expire()))
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(reports, max_size=25), st.integers(0, 25))
def test_cutting_the_stream_anywhere_changes_nothing(stream, cut):
    whole = decided(Stories(StorySettings()), stream)
    first = Stories(StorySettings())
    before = decided(first, stream[:cut])
    kept = [decode(encode(first[id]), type(first[id])) for id in sorted(first, reverse=True)]
    after = decided(Stories(StorySettings(), kept=kept), stream[cut:])
    assert [one[:4] for one in whole] == [one[:4] for one in before + after]
    assert [set(one[4]) for one in whole] == [set(one[4]) for one in before + after]


@settings(max_examples=100, deadline=None)
@given(st.lists(reports, min_size=1, max_size=20), st.integers(0, 19))
def test_a_report_delivered_again_changes_nothing_not_even_the_statistics(stream, which):
    stories = Stories(StorySettings(window=timedelta(days=30)))
    decided(stories, stream)
    again, place = stream[which % len(stream)]
    found = [evidence(place, start=again.title.find(place))]
    stories.join(again, found)  # an edit of a report replaces its earlier state; what is delivered again is the newest
    before = state(stories)
    joined = stories.join(again, found)
    assert not joined.new
    assert not joined.fact
    assert state(stories) == before


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(reports, strangers), min_size=2, max_size=20), st.integers(0, 18))
def test_neighbours_that_share_no_term_name_or_place_may_come_in_either_order(stream, at):
    at %= len(stream) - 1
    one, other = stream[at], stream[at + 1]
    assume((one[1] in PLACES) != (other[1] in PLACES))
    swapped = [*stream[:at], other, one, *stream[at + 2 :]]
    assert events(stream) == events(swapped)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(reports, strangers), max_size=25))
def test_stories_that_have_left_leave_nothing_behind(stream):
    stories, fresh = Stories(StorySettings()), Stories(StorySettings())
    decided(stories, stream)
    long_after = article("Something else altogether", id="last", minutes=60 * 24 * 60)
    stories.join(long_after, [])
    stories.expire()
    fresh.join(long_after, [])
    assert state(stories) == state(fresh)
    for word in ("missil", "raqqa", "ferri", "cebu", "*raqqa"):
        assert stories.shelf.rarity(word) == fresh.shelf.rarity(word)


@settings(max_examples=100, deadline=None)
@given(st.lists(reports, min_size=1, max_size=25))
def test_every_story_is_told_as_new_exactly_once(stream):
    stories = Stories(StorySettings(window=timedelta(days=30)))
    found = decided(stories, stream)
    told = [story for story, *_, decision, _ in found if decision == "new"]
    assert sorted(told) == sorted({story for story, *_ in found})
