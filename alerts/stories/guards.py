"""What never belongs together, whatever the figures say; and what does though the words say little.

    apart(weighed, story)     "another place": why a report and a story cannot be of one event, "" if they can
    bridged(weighed, story)   whether evidence and numbers join them: a translation, a toll that has risen

A guard errs on the side of the alert: a missed event is worse than a duplicate.

What it deliberately does not do: nothing is weighed here; that two texts are alike is for `likelihood` to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from ..records import Story, StoryArticle
from ..text import fold
from .centroid import centroid
from .figures import NUMBER_WORDS, Cue, is_of_death
from .likeness import LOOK_BACK, Weighed
from .reading import CONCEPT, headline
from .words import commonness, term

__all__ = ["apart", "at_odds", "bridged"]

_TARGETS = (
    "market bazaar", "hospital clinic", "school university college pupil", "bakery", "mosque", "church cathedral monastery",
    "airport airfield runway", "port harbour harbor terminal silo", "bus", "train railway", "depot refinery fuel", "camp tent", "hotel",
    "cafe restaurant", "bridge", "dam", "substation", "flat apartment", "prison jail", "embassy consulate", "radar",
    "kitchen", "stadium", "wedding", "funeral", "checkpoint", "convoy", "ministry", "policeman", "palace",
    "factory", "warehouse", "farm", "kindergarten", "theatre theater", "tanker",
)  # fmt: skip
"""What is hit, in groups of words for the same; two reports that name others are of two events."""

_FORMULA = (
    "death dead dies toll killed casualties number victims bodies rise rises rising rose climb climbs reach reaches increase increases "
    "jump revised lowered down correction corrected clarification know mourn mourns bury buries buried funeral survivors day days "
    "officials people least"
)
"""The words in which news of something known is put; the others say of what."""

HEADLINE_WORDS_MIN = 5
HEADLINE_SCORE = 88.0
"""Of rapidfuzz's token_sort_ratio over folded headlines with names as they are listed."""
FORM_SCORE = 70.0
"""Of rapidfuzz's ratio; from here on two words are taken for forms of one: strike, strikes."""
SOON = timedelta(hours=12)
ANOTHER_DAY_AFTER = timedelta(hours=18)
RISEN_WITHIN = timedelta(hours=6)
FOLLOWED_UP_WITHIN = timedelta(hours=72)
SAME_TERMS_MIN = 3
LIKE_SHARE_MIN = 0.4
KNOWN_SHARE_MIN = 0.6
TOLL_MIN = 3
"""A toll of one or two is that of too many events to show that two reports are of one."""
_UPDATES = frozenset({Cue.FOLLOWS_UP, Cue.CORRECTION, Cue.WITHDRAWN})


def apart(weighed: Weighed, story: Story) -> str:
    """Why a report and a story cannot be of one event; "" if they can."""
    report, near = weighed.report.kept, story.articles[-LOOK_BACK:]
    if _looks_back(report) != any(map(_looks_back, near)):
        return "one looks back"
    if _elsewhere(report, near):
        return "another place"
    if any(_renamed(report, other) for other in near) or any(_refilled(report, other) for other in story.articles):
        return "another name or number in the same headline"
    if _another_group(report, near):
        return "another group"
    if _another_target(weighed, story, near):
        return "another target"
    if _another_day(report, near):
        return "another toll on another day"
    if _only_the_place(report, near):
        return "nothing but the place and everyday words in common, on another day"
    if (Cue.ANOTHER in report.cues) != any(Cue.ANOTHER in other.cues for other in near):
        return "one says that it is another one"
    return ""


def _renamed(report: StoryArticle, other: StoryArticle) -> bool:
    """Whether two headlines differ in names alone, of which each has its own."""
    ours, theirs = headline(report), headline(other)
    mine, its = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    alike = len(ours.keys() & theirs.keys()) >= SAME_TERMS_MIN
    return bool(alike and mine and its) and all(ours[one] for one in mine) and all(theirs[one] for one in its)


def _refilled(report: StoryArticle, other: StoryArticle) -> bool:
    """Whether two headlines are one sentence with its blanks filled otherwise: other names, or other numbers that are no toll.

    A toll that rises is news of the same event; a quarter, a flight or an hour of another number is another one.
    """
    ours, theirs = report.key.split(), other.key.split()
    blanks = [each for each in Levenshtein.opcodes(ours, theirs) if each.tag != "equal"]
    kept = len(ours) - sum(each.src_end - each.src_start for each in blanks)
    if not blanks or kept < max(SAME_TERMS_MIN, LIKE_SHARE_MIN * max(len(ours), len(theirs))):
        return False
    named, known = _names(report), _names(other)
    filled = [(ours[each.src_start : each.src_end], theirs[each.dest_start : each.dest_end]) for each in blanks]
    if not all(mine and its and _fills(mine, named) and _fills(its, known) for mine, its in filled):
        return False
    return any(not _is_toll(mine, report) or not _is_toll(its, other) for mine, its in filled)


def _fills(words: Sequence[str], names: Collection[str]) -> bool:
    return all(word.isdigit() or term(word) in names for word in words)


def _is_toll(words: Sequence[str], report: StoryArticle) -> bool:
    return len(words) == 1 and words[0] == str(report.toll)


def _names(report: StoryArticle) -> set[str]:
    return {one for one, is_name in headline(report).items() if is_name}


def _another_day(report: StoryArticle, near: Sequence[StoryArticle]) -> bool:
    """Whether half a day and more after every report of the story another toll is told, and not as news of a known one."""
    tolls = {other.toll for other in near if other.toll}
    if not report.toll or not tolls or report.toll in tolls or not _UPDATES.isdisjoint(report.cues):
        return False
    return report.at - max(other.at for other in near) > ANOTHER_DAY_AFTER


def _only_the_place(report: StoryArticle, near: Sequence[StoryArticle]) -> bool:
    """Whether a report comes half a day after all of the story and shares only a listed place and everyday words with them."""
    if not report.places or report.at - max(other.at for other in near) <= ANOTHER_DAY_AFTER or not _UPDATES.isdisjoint(report.cues):
        return False
    names = {word for place in report.places for word in fold(place).text.split()}
    shared = headline(report).keys() & {one for other in near for one in headline(other)}
    return all(commonness(one) or one in names for one in shared)


def at_odds(one: Story, other: Story) -> bool:
    """Whether two stories cannot be one."""
    places, others = _places(one.articles), _places(other.articles)
    if places and others and places.isdisjoint(others):
        return True
    return any(map(_looks_back, one.articles)) != any(map(_looks_back, other.articles))


def bridged(weighed: Weighed, story: Story) -> bool:
    """Whether evidence and numbers join a report to a story whose words it hardly shares."""
    report, near = weighed.report.kept, story.articles[-LOOK_BACK:]
    if any(_same_headline(report, other) for other in near):
        return True
    if not _places(near) & set(report.places):
        return False
    if _follows_up(weighed, story) or _same_but_for_numbers(report, near):
        return True
    if report.at - story.last > SOON or _other_toll(report, near):
        return False
    return _same_figures(weighed, story, near) or _same_target(weighed, story, near) or _translates(weighed, story, near)


def _same_headline(report: StoryArticle, other: StoryArticle) -> bool:
    """Whether two headlines of one day say the same but for their order and what one adds; no word may stand for another one."""
    ours, theirs = report.key.split(), other.key.split()
    if min(len(ours), len(theirs)) < HEADLINE_WORDS_MIN or abs(report.at - other.at) > ANOTHER_DAY_AFTER:
        return False
    if fuzz.token_sort_ratio(report.key, other.key) < HEADLINE_SCORE:
        return False
    mine, its = set(ours) - set(theirs), set(theirs) - set(ours)
    return not its or all(process.extractOne(word, its, scorer=fuzz.ratio, score_cutoff=FORM_SCORE) for word in mine)


def _other_toll(report: StoryArticle, near: Iterable[StoryArticle]) -> bool:
    tolls = {other.toll for other in near if other.toll}
    return bool(report.toll and tolls) and report.toll not in tolls


def _looks_back(report: StoryArticle) -> bool:
    return Cue.LOOKS_BACK in report.cues


def _places(reports: Iterable[StoryArticle]) -> set[str]:
    return {place for other in reports for place in other.places}


def _elsewhere(report: StoryArticle, near: Iterable[StoryArticle]) -> bool:
    """Whether both name listed places, in the headline or, where that names none, in the text, and know none of the other side's."""
    named = _places(near)
    if report.places and named and named.isdisjoint(report.places) and any(_like(report, other) for other in near):
        return True  # "Shelling kills 3 in Donetsk", "Shelling kills 3 in Horlivka", whatever the texts place beside them
    around = {place for other in near for place in other.around}
    mine, theirs = report.places or report.around, named or around
    if not mine or not theirs:
        return False
    return theirs.isdisjoint((*report.places, *report.around)) and around.isdisjoint(mine)


def _another_group(report: StoryArticle, near: Iterable[StoryArticle]) -> bool:
    """Whether two like headlines are about groups that the other side does not know."""
    theirs = {group for other in near for group in other.groups}
    if not report.groups or not theirs or not theirs.isdisjoint(report.groups):
        return False
    return any(_like(report, other) for other in near)


def _like(one: StoryArticle, other: StoryArticle) -> bool:
    ours, theirs = headline(one).keys(), headline(other).keys()
    return len(ours & theirs) >= LIKE_SHARE_MIN * len(ours | theirs)


def _another_target(weighed: Weighed, story: Story, near: Iterable[StoryArticle]) -> bool:
    mine = _targets(_common_words(weighed.report.kept))
    theirs = _targets(one for other in near for one in _common_words(other)) if mine else set()
    if not theirs:
        return False
    return mine.isdisjoint(theirs | _targets(centroid(story))) and theirs.isdisjoint(_targets(weighed.vector))


def _common_words(report: StoryArticle) -> Iterable[str]:
    """The terms of a headline that are no names: Port Sudan is no port."""
    return (one for one, is_name in headline(report).items() if not is_name)


@cache
def _classes() -> Mapping[str, int]:
    return {term(word): number for number, words in enumerate(_TARGETS) for word in words.split()}


@cache
def _formula() -> frozenset[str]:
    return frozenset(map(term, _FORMULA.split()))


def _targets(terms: Iterable[str]) -> set[int]:
    classes = _classes()
    return {classes[one] for one in terms if one in classes}


def _same_figures(weighed: Weighed, story: Story, near: Iterable[StoryArticle]) -> bool:
    """The same toll, not too small to tell anything, and something else that was found in both than that there are dead."""
    toll = weighed.report.kept.toll
    return toll >= TOLL_MIN and any(other.toll == toll for other in near) and any(map(_no_death, _found(weighed, story)))


def _no_death(concept: str) -> bool:
    return not any(map(is_of_death, concept.removeprefix(CONCEPT).split("_")))


def _translates(weighed: Weighed, story: Story, near: Iterable[StoryArticle]) -> bool:
    """In another language, and of what was found much the same."""
    another = all(other.language != weighed.report.kept.language for other in near)
    return another and len(_found(weighed, story)) >= 2


def _same_target(weighed: Weighed, story: Story, near: Iterable[StoryArticle]) -> bool:
    """The same thing was hit, and something else was found in both."""
    theirs = _targets(one for other in near for one in _common_words(other))
    return not theirs.isdisjoint(_targets(_common_words(weighed.report.kept))) and bool(_found(weighed, story))


def _found(weighed: Weighed, story: Story) -> list[str]:
    """The terms of watchlists, beside places, that a report and a story share."""
    report, known = weighed.report.kept, centroid(story)
    places = {CONCEPT + place.replace(" ", "_") for place in (*report.places, *report.around)}
    return [one for one in weighed.report.concepts if one in known and one not in places]


def _follows_up(weighed: Weighed, story: Story) -> bool:
    """It says that it brings news of something, and the story knows most of what it names."""
    report = weighed.report.kept
    if _UPDATES.isdisjoint(report.cues) or report.at - story.last > FOLLOWED_UP_WITHIN:
        return False
    if not report.toll and any(one.isdigit() for one in weighed.title):
        return False  # "what we know on day 41" is not of day 40
    if 0 < report.toll < story.toll and Cue.CORRECTION not in report.cues:
        return False  # a toll that has risen to nine is not that of sixteen
    known, formula = centroid(story), _formula()
    numbers = _number_words()
    named = {one: weight for one, weight in weighed.title.items() if one not in formula and one not in numbers and not one.isdigit()}
    return sum(weight for one, weight in named.items() if one in known) >= KNOWN_SHARE_MIN * sum(named.values())


def _same_but_for_numbers(report: StoryArticle, near: Iterable[StoryArticle]) -> bool:
    """The same headline with a higher toll, within hours."""
    words = _wording(report)
    return any(0 < other.toll < report.toll and abs(report.at - other.at) <= RISEN_WITHIN and words == _wording(other) for other in near)


def _wording(report: StoryArticle) -> set[str]:
    return {one for one in headline(report) if not one.isdigit() and one not in _number_words()}


@cache
def _number_words() -> frozenset[str]:
    return frozenset(map(term, NUMBER_WORDS))
