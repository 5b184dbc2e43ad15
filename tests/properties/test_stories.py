"""Stories are a fold: however the stream is cut and folded again, the decisions are the same."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.records import Article, Severity, decode, encode
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


def decided(stories: Stories, stream: list[tuple[Article, str]]) -> list[tuple[object, ...]]:
    found = []
    for report, place in stream:
        start = report.title.find(place)
        joined = stories.join(report, [evidence(place, start=start)])
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
@given(st.lists(reports, min_size=1, max_size=25))
def test_every_story_is_told_as_new_exactly_once(stream):
    stories = Stories(StorySettings(window=timedelta(days=30)))
    found = decided(stories, stream)
    told = [story for story, *_, decision, _ in found if decision == "new"]
    assert sorted(told) == sorted({story for story, *_ in found})
