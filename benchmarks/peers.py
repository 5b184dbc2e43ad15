"""The systems that are measured: ours and the libraries that one would take instead, each behind `find(text)`.

A peer that is not installed is `None` in `systems`, and said so. The thresholds of rapidfuzz are the best by F1 (84) and the best at a
bearable number of false alarms (91).
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from alerts import Article, Rules
from benchmarks.samples import Listed
from tests.matching.corpus import Span

__all__ = ["OURS", "SYSTEMS", "System", "rules_of"]


class System(Protocol):
    """Compiled names."""

    def find(self, text: str) -> Iterable[Span]:
        """Where in a text they are."""
        ...


OURS = "alerts"


class Ours:
    def __init__(self, names: Sequence[Listed], *, rules: Path | None = None, cache: Path | None = None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self._rules = Rules.load(rules or rules_of(names, Path(folder)), cache=cache)

    def find(self, text: str) -> Iterator[Span]:
        for one in self._rules.evidence(Article(title=text)):
            yield Span(one.start, one.end, one.term)


def rules_of(names: Sequence[Listed], folder: Path) -> Path:
    """Names as a folder of rules, a watchlist each kind, the names in a file beside it."""
    documents: list[dict[str, Any]] = []
    for kind in dict.fromkeys(one.kind for one in names):
        lines = ["\t".join((one.name, *one.aliases)) for one in names if one.kind == kind]
        (folder / f"{kind}.txt").write_text("\n".join(lines), encoding="utf-8")
        documents.append({"watchlist": kind, "kind": kind, "terms_from": f"{kind}.txt"})
    documents.append({"rule": "any", "when": {"any": [one["watchlist"] for one in documents]}})
    (folder / "rules.yaml").write_text("\n---\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    return folder


class _Lower:
    """Names and aliases in lower case, and the name that each stands for."""

    def __init__(self, names: Sequence[Listed]) -> None:
        self.terms = {spelling.lower(): one.name for one in names for spelling in (one.name, *one.aliases)}
        self.spellings = list(self.terms)


class Scan(_Lower):
    """One automaton over lower-cased text; what it finds is not looked at: no matcher over a list can be faster than this."""

    def __init__(self, names: Sequence[Listed]) -> None:
        super().__init__(names)
        from ahocorasick_rs import AhoCorasick

        self._automaton = AhoCorasick(self.spellings)

    def find(self, text: str) -> Iterable[Span]:
        self._automaton.find_matches_as_indexes(text.lower())
        return ()


class Bounded(_Lower):
    """The same automaton, and a find counts where no letter or digit stands beside it."""

    def __init__(self, names: Sequence[Listed]) -> None:
        super().__init__(names)
        from ahocorasick_rs import AhoCorasick

        self._automaton = AhoCorasick(self.spellings)

    def find(self, text: str) -> Iterator[Span]:
        lower = text.lower()
        if len(lower) != len(text):
            lower = text
        for number, start, end in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            if not (lower[start - 1 : start].isalnum() or lower[end : end + 1].isalnum()):
                yield Span(start, end, self.terms[self.spellings[number]])


class Flashtext(_Lower):
    def __init__(self, names: Sequence[Listed]) -> None:
        super().__init__(names)
        from flashtext import KeywordProcessor

        self._processor = KeywordProcessor()
        for spelling, name in self.terms.items():
            self._processor.add_keyword(spelling, name)

    def find(self, text: str) -> Iterator[Span]:
        for name, start, end in self._processor.extract_keywords(text, span_info=True):
            yield Span(start, end, name)


class Spacy(_Lower):
    """The blank model's tokens."""

    def __init__(self, names: Sequence[Listed]) -> None:
        super().__init__(names)
        import spacy
        from spacy.matcher import PhraseMatcher

        self._nlp = spacy.blank("en")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        for spelling, name in self.terms.items():
            self._matcher.add(name, [self._nlp.make_doc(spelling)])

    def find(self, text: str) -> Iterator[Span]:
        doc = self._nlp.make_doc(text[:900_000])
        for key, start, end in self._matcher(doc):
            span = doc[start:end]
            yield Span(span.start_char, span.end_char, self._nlp.vocab.strings[key])


_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")


class Windows(_Lower):
    """rapidfuzz: every run of as many words as a name may have against every name."""

    def __init__(self, names: Sequence[Listed], *, cutoff: int) -> None:
        super().__init__(names)
        self._cutoff = cutoff
        self._words_max = min(3, max(len(_TOKEN.findall(one)) for one in self.spellings))

    def find(self, text: str) -> Iterator[Span]:
        from rapidfuzz import fuzz, process

        tokens = list(_TOKEN.finditer(text))
        for size in range(1, self._words_max + 1):
            for at in range(len(tokens) - size + 1):
                start, end = tokens[at].start(), tokens[at + size - 1].end()
                best = process.extractOne(text[start:end].lower(), self.spellings, scorer=fuzz.ratio, score_cutoff=self._cutoff)
                if best:
                    yield Span(start, end, self.terms[best[0]])


SYSTEMS: dict[str, Callable[[Sequence[Listed]], System]] = {
    OURS: Ours,
    "rapidfuzz windows 84": lambda names: Windows(names, cutoff=84),
    "rapidfuzz windows 91": lambda names: Windows(names, cutoff=91),
    "flashtext": Flashtext,
    "spaCy PhraseMatcher": Spacy,
    "ahocorasick_rs, words": Bounded,
    "ahocorasick_rs, scan": Scan,
}
"""Ours and the peers, by what their rows are called; making one raises `ImportError` where it is not installed."""
