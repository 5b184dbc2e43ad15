"""`Rules`: everything that was read, compiled; the library's main door.

How close an occurrence is, as `how` and `score`:

    how      score  what                                                                     example (listed: as written)
    exact    100    equal after folding                                                      Raqqa: RAQQA, raqqa's; Al-Qaida: al Qa’ida
    alias    100    equal to an alias after folding                                          Deir ez-Zor with the alias Deir: Deir
    variant   98    other spacing, inflection, a suffix of a designator                      airstrike: air strikes; Tu-22: Tu-22M3
    variant   96    equal in normal form: another transliteration; the same in another       Raqqa: Rakka, Raqqah, Ракка
                    script, letter by letter
    variant   93    equal but for short vowels; in another script, one that leaves           Karbala: Kerbela; Raqqa: الرقة
                    vowels out or writes them otherwise
    fuzzy    <=90   errors of spelling: 100 x (1 - errors / letters of the name)             Damascus: Damscus (87.5)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault, Place
from ..records import Article, Evidence, Fired, Kind, Match
from ..rules import Rule, RuleSet, RuleTest, Term, Unit, read
from ..text.scripts import is_cyrillic
from .conditions import Found, Layout, Scene, fires
from .explanation import Explanation, SetAside, verdict
from .finder import FIELDS, Finder, Occurrence
from .likeness import REVOWELLED

__all__ = ["Rules", "TestFailure", "TestResults", "is_large"]

LARGE_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A test of a rule file that did not come out as written."""

    __test__ = False  # pytest collects classes that are called Test

    place: Place
    rule: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: rule {self.rule}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class TestResults:
    """How many tests were run, and those that failed."""

    __test__ = False

    run: int
    failures: tuple[TestFailure, ...]


class _Beside:
    """What stands in the same paragraph as an occurrence: names of watchlists, and words, each with the terms found for it."""

    def __init__(self, every: list[Found], layout: Layout) -> None:
        self._every = every
        self._layout = layout
        self._paragraphs: dict[tuple[int, int], dict[str, set[int]]] = {}

    def objection(self, item: Found, term: Term) -> str:
        """Why the context of a term rules an occurrence out, as a clause; empty where it stands."""
        if not term.near and not term.not_near:
            return ""
        beside = self._names(item)
        for name in term.not_near:
            if name in beside:
                return f"{name} stands in the same paragraph"
        if term.near and beside.isdisjoint(term.near):
            return f"none of {', '.join(term.near)} stands in the same paragraph"
        return ""

    def _names(self, item: Found) -> set[str]:
        """The term itself is no context of its own, wherever else in the paragraph it stands."""
        if not self._paragraphs:
            for other in self._every:
                names = self._paragraphs.setdefault(self._layout.number(other, Unit.PARAGRAPH), {})
                names.setdefault(other.watchlist or other.term, set()).add(other.occurrence.term)
        own = {item.occurrence.term}
        return {name for name, terms in self._paragraphs[self._layout.number(item, Unit.PARAGRAPH)].items() if terms - own}


class Rules:
    """Compiled rules. They do not change; an edit of the files makes new ones."""

    def __init__(self, ruleset: RuleSet, *, cache: Path | None = None) -> None:
        from .cache import lexicon  # numpy takes longer to load than the rest together, and reading rules needs none
        from .targets import Targets

        self.kinds: dict[str, Kind] = {watchlist.name: watchlist.kind for watchlist in ruleset.watchlists}
        self.watchlists: frozenset[str] = frozenset(self.kinds)
        self.names: frozenset[str] = frozenset(rule.name for rule in ruleset.rules)
        self.tags: frozenset[str] = frozenset(tag for rule in ruleset.rules for tag in rule.tags)
        self.files: tuple[Path, ...] = ruleset.files
        self._ruleset = ruleset
        self._rules = ruleset.rules
        self._evident = {rule.name: frozenset(name.watchlist for name in rule.when.names()) for rule in ruleset.rules}
        self._by_watchlist: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(ruleset.rules):
            for watchlist in self._evident[rule.name]:
                self._by_watchlist[watchlist].append(number)
        self._targets = Targets(ruleset)
        self._finder = Finder(lexicon(self._targets, cache=cache))

    @classmethod
    def load(cls, path: str | Path, *, cache: Path | None = None) -> Rules:
        """Read and compile a rule file or a folder of them; raises `RuleError` with every fault.

        `cache` is a folder in which the compiled form of large lists is kept and found again.
        """
        return cls(read(Path(path)), cache=cache)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What is allowed, but will hardly be meant."""
        return self._ruleset.warnings

    def match(self, article: Article) -> list[Match]:
        """The rules that fire on an article, in the order of their files."""
        return [
            Match(article=article.id, rule=fired.rule, severity=fired.severity, evidence=fired.evidence) for fired in self.fired(article)
        ]

    def fired(self, article: Article) -> tuple[Fired, ...]:
        """The same with what routing and messages need of each rule."""
        found, _ = self._found(article)
        if not found:
            return ()
        scene = Scene(found, Layout(article))
        touched = {number for watchlist in {item.watchlist for item in found} for number in self._by_watchlist.get(watchlist, ())}
        firing = [rule for rule in map(self._rules.__getitem__, sorted(touched)) if rule.enabled and fires(rule, scene)]
        evidence = [_evidence(item, article) for item in found] if firing else []
        return tuple(self._fired(rule, evidence) for rule in firing)

    def evidence(self, article: Article) -> tuple[Evidence, ...]:
        """Every occurrence of every term of every watchlist, whether a rule names it or not."""
        found, _ = self._found(article)
        return tuple(_evidence(item, article) for item in found)

    def explain(self, article: Article) -> Explanation:
        """What was found in an article, what its context set aside, and for each rule why it fired or did not."""
        found, aside = self._found(article)
        scene = Scene(found, Layout(article))
        return Explanation(
            tuple(_evidence(item, article) for item in found),
            tuple(SetAside(_evidence(item, article), reason) for item, reason in aside),
            tuple(verdict(rule, scene) for rule in self._rules),
        )

    def run_tests(self) -> TestResults:
        """Run the tests that stand in the rule files, those of disabled rules as well."""
        ran = [self._tested(rule, test) for rule in self._rules for test in rule.tests]
        return TestResults(len(ran), tuple(failure for failure in ran if failure))

    def _tested(self, rule: Rule, test: RuleTest) -> TestFailure | None:
        found, _ = self._found(test.article)
        alerts = fires(rule, Scene(found, Layout(test.article)))
        terms = sorted({item.term for item in found if item.watchlist in self._evident[rule.name]})
        if alerts == test.alerts and set(test.matches) <= set(terms):
            return None
        return TestFailure(test.place, rule.name, expected=_outcome(test.alerts, test.matches), got=_outcome(alerts, terms))

    def _found(self, article: Article) -> tuple[list[Found], list[tuple[Found, str]]]:
        """What was found and stands, and what a term's context sets aside, with the reason; in order of field and position."""
        every = [
            Found(occurrence, target.watchlist, target.term.name)
            for occurrence in self._finder.find(article)
            for target in (self._targets[occurrence.term],)
            if occurrence.score != REVOWELLED or not _is_guess(occurrence, target.term, article)
        ]
        if not self._targets.contextual:
            return every, []
        beside = _Beside(every, Layout(article))
        stands: list[Found] = []
        aside: list[tuple[Found, str]] = []
        for item in every:
            if reason := beside.objection(item, self._targets[item.occurrence.term].term):
                aside.append((item, reason))
            elif item.watchlist:
                stands.append(item)
        return stands, aside

    def _fired(self, rule: Rule, evidence: Sequence[Evidence]) -> Fired:
        evident = self._evident[rule.name]
        return Fired(
            rule=rule.name,
            severity=rule.severity,
            title=rule.title,
            tags=rule.tags,
            evidence=tuple(item for item in evidence if item.watchlist in evident),
        )


def _is_guess(at: Occurrence, term: Term, article: Article) -> bool:
    """Whether a word in Cyrillic is not letter by letter a name that is listed in Cyrillic: Пресса is no Paris where Париж is listed.

    Arabic and Hebrew, where far more words are alike, are seen to when words are compared (`Manner.told`).
    """
    matched = getattr(article, FIELDS[at.field])[at.start : at.end]
    return is_cyrillic(matched.lower()) and any(is_cyrillic(name.lower()) for name in term.aliases)


def is_large(path: Path) -> bool:
    """Whether the rules of a file or folder hold so much that compiling them would hold up a running service."""
    found = path.rglob("*") if path.is_dir() else [path]
    return sum(map(_size, found)) >= LARGE_BYTES


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # gone since it was listed
        return 0


def _evidence(item: Found, article: Article) -> Evidence:
    at = item.occurrence
    field = FIELDS[at.field]
    return Evidence(
        watchlist=item.watchlist,
        term=item.term,
        matched=getattr(article, field)[at.start : at.end],
        field=field,
        start=at.start,
        end=at.end,
        how=at.how,
        score=at.score,
    )


def _outcome(alerts: bool, terms: Sequence[str]) -> str:
    return ("an alert" if alerts else "no alert") + (f" with {', '.join(terms)}" if terms else "")
