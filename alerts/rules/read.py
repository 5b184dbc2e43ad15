"""Rule files to a `RuleSet`, or a `RuleError` with every fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from errno import EACCES, ENOENT
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..documents import Node, read_document
from ..errors import Fault, Place, PlacedError, RuleError
from ..records import Article, Kind, Severity
from .listed import Listed
from .model import Condition, Level, Name, Operator, Rule, RuleSet, RuleTest, Term, Watchlist
from .references import faults_between

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from .forms import Form, RuleForm, WatchlistForm

    F = TypeVar("F", bound=Form)

__all__ = ["TERMS_BYTES_MAX", "read", "schema"]

TERMS_BYTES_MAX = 500_000_000


def read(path: Path) -> RuleSet:
    """The watchlists and rules of a file, or of all `*.yaml` and `*.yml` in a folder, in order of file and position.

    Raises `RuleError` with all faults; their files are named as `path` was given.
    """
    reading = _Reading(root=path if path.is_dir() else path.parent)
    for file in _files(path):
        reading.file(file)
    faults = [*reading.faults, *faults_between(reading.watchlists, reading.rules, broken=frozenset(reading.broken))]
    if not faults and not reading.rules:
        faults.append(Fault(Place(str(path)), "no rule here"))
    if faults:
        raise RuleError(faults)
    return RuleSet(tuple(reading.watchlists), tuple(reading.rules), tuple(reading.files), tuple(reading.warnings))


def schema() -> dict[str, Any]:
    """JSON Schema of one document of a rule file."""
    from pydantic import TypeAdapter

    from .forms import RuleForm, WatchlistForm

    found = TypeAdapter(WatchlistForm | RuleForm).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A watchlist or a rule", **found}


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise RuleError([Fault(Place(str(path)), "no such file or folder")])
        return [path]
    found = [file for pattern in ("*.yaml", "*.yml") for file in path.rglob(pattern)]
    shown = sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))
    if not shown:
        raise RuleError([Fault(Place(str(path)), "no rule here: the folder holds no .yaml file")])
    return shown


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what is wrong with it. `broken` are names of watchlists that have a fault of their own."""

    root: Path
    watchlists: list[Watchlist] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def file(self, file: Path) -> None:
        self.files.append(file)
        try:
            documents = read_document(file)
        except PlacedError as error:
            self.faults += error.faults
            return
        for node in documents:
            self.document(node, file)

    def document(self, node: Node, file: Path) -> None:
        from .forms import RuleForm, WatchlistForm

        keys = node.value if isinstance(node.value, dict) else {}
        if ("watchlist" in keys) == ("rule" in keys):
            self.faults.append(Fault(node.place, 'a document is a watchlist or a rule: it begins with "watchlist:" or "rule:"'))
        elif "rule" in keys:
            if rule := self.checked(node, RuleForm) or _sound_part(node, RuleForm):
                self.rules.append(_rule(rule, node))
        elif watchlist := self.checked(node, WatchlistForm):
            self.watchlist(watchlist, node, file)
        elif isinstance(keys["watchlist"].value, str):
            self.broken.add(keys["watchlist"].value.strip())

    def checked(self, node: Node, form: type[F]) -> F | None:
        from pydantic import ValidationError

        try:
            return form.model_validate(node.plain())
        except ValidationError as error:
            self.faults += _faults(error, node, form)
            return None

    def watchlist(self, form: WatchlistForm, node: Node, file: Path) -> None:
        faults_before = len(self.faults)
        terms: Sequence[Term] = self.distinct(_terms(form, node))
        if form.terms_from is not None:
            terms = self.terms_from(form, node, file, terms)
        if not terms and len(self.faults) == faults_before:
            self.faults.append(Fault(node.place, f'watchlist "{form.watchlist}" has no terms'))
        if len(self.faults) > faults_before:
            self.broken.add(form.watchlist)
            return
        self.watchlists.append(Watchlist(form.watchlist, form.kind, terms, node.at(("watchlist",))))

    def distinct(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        """The terms without those whose name comes again."""
        distinct: dict[str, Term] = {}
        for term in terms:
            first = distinct.setdefault(term.name, term)
            if first is not term:
                self.warnings.append(Fault(term.place, f'term "{term.name}" again, not used; first at {first.place}'))
        return tuple(distinct.values())

    def terms_from(self, form: WatchlistForm, node: Node, file: Path, written: Sequence[Term]) -> Sequence[Term]:
        """The terms of a rule file, and those of the text file that it names."""
        try:
            path = self.inside(file.parent / (form.terms_from or ""))
            self.files.append(path)
            listed = Listed(written, path=str(path), level=form.fuzzy)
            listed.read(_bytes(path))
        except RuleError as error:
            self.faults += error.faults
            return ()
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle; ValueError: a NUL in the name
            reason = getattr(error, "strerror", None) or error
            self.faults.append(Fault(node.at(("terms_from",)), f'"{form.terms_from}" cannot be read: {reason}'))
            return ()
        self.faults += listed.faults
        self.warnings += listed.warnings
        return listed

    def inside(self, path: Path) -> Path:
        """The path of a file in the folder of the rules, links followed; raises `OSError` for any other."""
        if not path.resolve(strict=True).is_relative_to(self.root.resolve()):
            raise PermissionError(EACCES, "it leads out of the folder of the rules")
        if not path.is_file():
            raise FileNotFoundError(ENOENT, "it is not a file")
        return path


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        if stream.seek(0, SEEK_END) > TERMS_BYTES_MAX:
            raise RuleError([Fault(Place(str(path)), f"larger than {TERMS_BYTES_MAX // 1_000_000} MB")])
        stream.seek(0)
        return stream.read(TERMS_BYTES_MAX)


def _sound_part(node: Node, form: type[F]) -> F | None:
    """A faulty document without its faulty keys, so that what the sound ones refer to is checked as well."""
    from pydantic import ValidationError

    plain = cast("dict[str, object]", node.plain())
    try:
        return form.model_validate(plain)
    except ValidationError as error:
        faulty = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    try:
        return form.model_validate({key: value for key, value in plain.items() if key not in faulty})
    except ValidationError:
        return None


def _terms(form: WatchlistForm, node: Node) -> Iterator[Term]:
    for index, entry in enumerate(form.terms):
        place = node.at(("terms", index))
        if isinstance(entry, str):
            yield Term(entry, level=form.fuzzy, place=place)
            continue
        yield Term(
            entry.name,
            tuple(entry.aliases),
            exact=entry.exact,
            level=entry.fuzzy or form.fuzzy,
            near=tuple(entry.near),
            not_near=tuple(entry.not_near),
            place=place,
        )


def _rule(form: RuleForm, node: Node) -> Rule:
    return Rule(
        form.rule,
        _condition(_when(node)),
        severity=form.severity,
        title=form.title,
        description=form.description,
        enabled=form.enabled,
        tags=tuple(form.tags),
        within=form.when.within,
        unless=tuple(_name(text, node.at(("unless", index))) for index, text in enumerate(form.unless)),
        tests=tuple(
            RuleTest(
                Article(
                    id=f"{form.rule}-{index + 1}",
                    title=test.title,
                    summary=test.summary,
                    content=test.text or test.content,
                    language=test.language,
                ),
                alerts=test.alerts,
                matches=tuple(test.matches),
                place=node.at(("tests", index)),
            )
            for index, test in enumerate(form.tests)
        ),
        place=node.at(("rule",)),
    )


def _when(node: Node) -> Node:
    return node.value["when"] if isinstance(node.value, dict) else node


def _condition(node: Node) -> Condition:
    """The condition in a mapping that its form has checked; read from the nodes, so that every name knows its place."""
    mapping = node.value if isinstance(node.value, dict) else {}
    groups = [Condition(operator, _parts(mapping[operator])) for operator in Operator if operator in mapping]
    return groups[0] if len(groups) == 1 else Condition(Operator.ALL, tuple(groups))


def _parts(node: Node) -> tuple[Condition | Name, ...]:
    parts = node.value if isinstance(node.value, list) else []
    return tuple(_name(part.value, part.place) if isinstance(part.value, str) else _condition(part) for part in parts)


def _name(text: str, place: Place) -> Name:
    watchlist, _, term = text.partition(":")
    return Name(watchlist.strip(), term.strip(), place)


def _faults(error: ValidationError, node: Node, form: type[Form]) -> Iterator[Fault]:
    from .forms import TAGS

    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if step not in TAGS)
        place = node.key_at(path) if detail["type"] == "extra_forbidden" else node.at(path)
        yield Fault(place, _message(detail, path, form))


def _message(detail: ErrorDetails, path: tuple[int | str, ...], form: type[Form]) -> str:
    from .forms import did_you_mean

    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    given = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            return f'no key "{key}" here{did_you_mean(key, list(_form_at(path, form).model_fields))}'
        case "missing":
            return f'"{key}" is missing'
        case "enum":
            choices = [str(choice.value) for choice in _CHOICES[key]]
            hint = did_you_mean(given, choices) if isinstance(given, str) else ""
            return f'no {key} "{given}"{hint or "; choose one of " + ", ".join(choices)}'
        case "bool_parsing" | "bool_type":
            return f'"{key}" is true or false, not "{given}"'
        case "string_type":
            return f'"{key}" takes text, not {_NOUNS.get(type(given), "this")}'
        case "list_type":
            return f'"{key}" takes a list, not {_NOUNS.get(type(given), "this")}'
        case "model_type" | "model_attributes_type":
            return f'"{key}" takes keys and values, not {_NOUNS.get(type(given), "this")}'
        case "string_too_short" | "too_short":
            return f'"{key}" is empty'
        case "string_too_long":
            return f'"{key}" is longer than {detail["ctx"]["max_length"]} characters'
        case _:
            return detail["msg"]


def _form_at(path: tuple[int | str, ...], root: type[Form]) -> type[Form]:
    from .forms import ConditionForm, TermForm, TestForm, WhenForm

    forms: dict[int | str, type[Form]] = {
        "terms": TermForm, "tests": TestForm, "when": WhenForm, "all": ConditionForm, "any": ConditionForm, "none": ConditionForm,
    }  # fmt: skip
    return next((forms[step] for step in reversed(path[:-1]) if step in forms), root)


_CHOICES: dict[str, type[StrEnum]] = {"kind": Kind, "fuzzy": Level, "severity": Severity}
_NOUNS: dict[type, str] = {str: "text", list: "a list", dict: "keys and values"}
