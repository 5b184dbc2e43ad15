"""What may be written in a rule file, as pydantic models: they check a document and give the JSON Schema.

Imported only when rules are read: pydantic takes longer to load than the rest of the core together.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError
from rapidfuzz import process

from ..records import Kind, Severity
from .model import Level, Unit, Within

__all__ = ["TAGS", "TEXT_MAX", "ConditionForm", "Form", "RuleForm", "TermForm", "TestForm", "WatchlistForm", "WhenForm", "did_you_mean"]

TEXT_MAX = 500
"""Characters of a name, an alias or a tag."""
WORDS_MAX = 10_000
TERMS_MAX = 1_000_000

_SIMILAR_MIN = 60.0
TAGS = frozenset({"<text>", "<mapping>"})
"""What pydantic adds to the path of an error to say which form it tried."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100_000)]


def did_you_mean(word: str, known: list[str]) -> str:
    """`; did you mean "critical"?`, or nothing where nothing is near."""
    near = process.extractOne(word, known, score_cutoff=_SIMILAR_MIN)
    return f'; did you mean "{near[0]}"?' if near else ""


def _form_of(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<text>"


def _within(value: Any) -> Within:
    units = [unit.value for unit in Unit if unit is not Unit.WORDS]
    if value in units:
        return Within(Unit(value))
    if isinstance(value, str) and value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= WORDS_MAX:
        return Within(Unit.WORDS, int(value[:6]))
    hint = did_you_mean(value, units) if isinstance(value, str) else ""
    raise PydanticCustomError(
        "within", "{message}", {"message": f"within is article, paragraph, sentence or a number of words up to {WORDS_MAX}{hint}"}
    )


class Form(BaseModel):
    """A mapping that knows its keys."""

    # Descriptions are given to `Field`: for docstrings pydantic reads and parses this file in every process, only the schema needs them.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TermForm(Form):
    """A term with more than a name."""

    name: Text
    aliases: list[Text] = Field([], description="Other names of the same thing, found like the name itself.")
    exact: bool = Field(False, description="Case-sensitive, no variants, no inflection.")
    fuzzy: Level | None = None
    near: list[Text] = Field([], description="Words or watchlists, at least one of which must stand in the same paragraph.")
    not_near: list[Text] = Field([], description="Words or watchlists, none of which may stand in the same paragraph.")


TermEntry = Annotated[Annotated[Text, Tag("<text>")] | Annotated[TermForm, Tag("<mapping>")], Discriminator(_form_of)]


class WatchlistForm(Form):
    """Terms of one kind under one name."""

    watchlist: Text
    kind: Kind
    fuzzy: Level = Level.NORMAL
    terms: list[TermEntry] = Field(default=[], max_length=TERMS_MAX)
    terms_from: Text | None = Field(None, description="A text file beside this one: one term a line, aliases after tabs, # comments.")


class ConditionForm(Form):
    """Where several of the three keys stand, all of them must hold."""

    all: list[Part] | None = Field(default=None, min_length=1)
    any: list[Part] | None = Field(default=None, min_length=1)
    none: list[Part] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _not_empty(self) -> ConditionForm:
        if self.all is None and self.any is None and self.none is None:
            raise PydanticCustomError("empty", "a condition needs all, any or none")
        return self


Part = Annotated[Annotated[Text, Tag("<text>")] | Annotated[ConditionForm, Tag("<mapping>")], Discriminator(_form_of)]


class WhenForm(ConditionForm):
    """The condition of a rule, and what it must hold within."""

    within: Annotated[
        Within,
        BeforeValidator(_within),
        WithJsonSchema(
            {"anyOf": [{"enum": ["article", "paragraph", "sentence"]}, {"type": "integer", "minimum": 1, "maximum": WORDS_MAX}]}
        ),
    ] = Within()


class TestForm(Form):
    """An article and what the rule should make of it."""

    __test__ = False  # pytest collects classes that are called Test

    title: Prose = ""
    text: Prose = Field("", description="The article's text; `content` is the same.")
    summary: Prose = ""
    content: Prose = ""
    language: Prose = ""
    alerts: bool
    matches: list[Text] = Field([], description="Terms, by name, that must be among the evidence.")

    @model_validator(mode="after")
    def _some_text(self) -> TestForm:
        if not (self.title or self.text or self.summary or self.content):
            raise PydanticCustomError("empty", "a test needs a text (or title, summary, content)")
        if self.text and self.content:
            raise PydanticCustomError("both", "text and content are the same; give one of them")
        if self.matches and not self.alerts:
            raise PydanticCustomError("both", "a test that expects no alert cannot expect matches")
        return self


class RuleForm(Form):
    """When to alert, and how loudly."""

    rule: Text
    title: Prose = ""
    description: Prose = ""
    severity: Severity = Severity.MEDIUM
    enabled: bool = True
    tags: list[Text] = []
    when: WhenForm
    unless: list[Text] = Field([], description="Watchlists or terms that must not occur anywhere in the article.")
    tests: list[TestForm] = []
