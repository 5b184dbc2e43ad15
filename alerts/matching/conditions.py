"""Whether a rule's condition holds for what was found, and within which span."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..records import Article
from ..rules import Condition, Present, Rule, Unit, Within
from ..text import paragraphs, sentences, words
from .finder import FIELDS, Occurrence

__all__ = ["Found", "Layout", "Scene", "fires"]


class Found(NamedTuple):
    """An occurrence with the names that rules use for it."""

    occurrence: Occurrence
    watchlist: str
    term: str


@dataclass(slots=True)
class Layout:
    """The sentences, paragraphs and words of an article, each worked out when first needed."""

    article: Article
    _spans: dict[tuple[Unit, int], list[tuple[int, int]]] = field(default_factory=dict)

    def spans(self, unit: Unit, index: int) -> list[tuple[int, int]]:
        """The spans of a unit in a field, in order."""
        key = unit, index
        if key not in self._spans:
            text = getattr(self.article, FIELDS[index])
            if unit is Unit.SENTENCE:
                self._spans[key] = sentences(text, language=self.article.language)
            elif unit is Unit.PARAGRAPH:
                self._spans[key] = paragraphs(text)
            else:
                self._spans[key] = words(text).spans
        return self._spans[key]

    def number(self, item: Found, unit: Unit) -> tuple[int, int]:
        """The field and the number of the unit in which an occurrence begins."""
        spans = self.spans(unit, item.occurrence.field)
        return item.occurrence.field, bisect_right(spans, item.occurrence.start, key=lambda span: span[0]) - 1

    def together(self, found: Sequence[Found], unit: Unit) -> Iterator[list[Found]]:
        """The occurrences that share a unit, unit by unit; one that begins in a unit belongs to it."""
        groups: dict[tuple[int, int], list[Found]] = {}
        for item in found:
            groups.setdefault(self.number(item, unit), []).append(item)
        yield from groups.values()

    def windows(self, found: Sequence[Found], size: int) -> Iterator[tuple[list[Found], list[Found]]]:
        """From each occurrence on, those that end within `size` words, and all that begin less than `size` words around."""
        placed = sorted(((item.occurrence.field, *self._words_of(item), item) for item in found), key=lambda place: place[:3])
        firsts = [place[:2] for place in placed]
        for field_, first, _, _ in placed:
            begin, end = bisect_left(firsts, (field_, first - size + 1)), bisect_left(firsts, (field_, first + size))
            around = placed[begin:end]
            yield [item for _, at, last, item in around if at >= first and last < first + size], [place[3] for place in around]

    def _words_of(self, item: Found) -> tuple[int, int]:
        spans = self.spans(Unit.WORDS, item.occurrence.field)
        first = bisect_left(spans, item.occurrence.start, key=lambda span: span[0])
        return first, bisect_left(spans, item.occurrence.end, key=lambda span: span[1])


@dataclass(slots=True)
class Scene:
    """What was found in an article, as conditions ask for it; each answer is worked out once for all rules."""

    found: Sequence[Found]
    layout: Layout
    _present: dict[Unit, list[Present]] = field(default_factory=dict)

    @property
    def names(self) -> Present:
        """What was found anywhere."""
        return self.present(Unit.ARTICLE)[0]

    def present(self, unit: Unit) -> list[Present]:
        """What was found in each paragraph, in each sentence, or in the article."""
        if unit not in self._present:
            parts = [self.found] if unit is Unit.ARTICLE else self.layout.together(self.found, unit)
            self._present[unit] = list(map(present, parts))
        return self._present[unit]


def fires(rule: Rule, scene: Scene) -> bool:
    """Whether a rule fires, enabled or not."""
    return not any((name.watchlist, name.term) in scene.names for name in rule.unless) and holds(rule.when, rule.within, scene)


def present(found: Iterable[Found]) -> Present:
    """What conditions ask for: the watchlists and terms among these occurrences."""
    terms = {(item.watchlist, item.term) for item in found}
    return terms | {(watchlist, "") for watchlist, _ in terms}


def holds(condition: Condition, within: Within, scene: Scene) -> bool:
    """Whether the condition holds somewhere: in the whole article, or in one paragraph, sentence or window of words of one field.

    Within a number of words, what `none` names may not lie that near on either side of the window's first word.
    """
    if not condition.holds(scene.names, scene.names if within.unit is Unit.ARTICLE else frozenset()):
        return False
    if within.unit is Unit.ARTICLE:
        return True
    if within.unit is Unit.WORDS:
        windows = scene.layout.windows(scene.found, within.words)
        return any(condition.holds(present(inside), present(around)) for inside, around in windows)
    return any(condition.holds(names, names) for names in scene.present(within.unit))
