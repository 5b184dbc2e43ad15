"""`rules`: check, test and explain watchlists and rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import msgspec

from ..records import Article
from .common import article_of, rules_at
from .output import as_json, json_option, result, say

__all__ = ["rules"]

PATH = click.argument("path", type=click.Path(path_type=Path))


@click.group()
def rules() -> None:
    """Check, test and explain watchlists and rules."""


@rules.command()
@PATH
def check(path: Path) -> None:
    """Validate watchlists and rules: every fault as file:line:column: message, then exit 1; warnings do not fail."""
    loaded = rules_at(path)
    for warning in loaded.warnings:
        say(f"{warning.place}: warning: {warning.message}")
    result(f"{path}: {len(loaded.names)} rules, {len(loaded.watchlists)} watchlists, no fault, {len(loaded.warnings)} warnings")


@rules.command()
@PATH
def test(path: Path) -> None:
    """Run the tests written in the rule files; exit 1 on a failure."""
    outcome = rules_at(path).run_tests()
    for failure in outcome.failures:
        say(str(failure))
    result(f"{path}: {outcome.run - len(outcome.failures)} passed, {len(outcome.failures)} failed")
    sys.exit(1 if outcome.failures else 0)


@rules.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--text", help="A text, taken as an article's title.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="An article as JSON.")
@json_option
def explain(path: Path, text: str | None, file: Path | None, as_json_lines: bool) -> None:
    """Show what matched, where and how close, and for each rule why it fired or did not."""
    if (text is None) == (file is None):
        raise click.UsageError("give either --text TEXT or --file ARTICLE.json")
    explanation = rules_at(path).explain(Article(title=text) if text is not None else article_of(file or Path()))
    if as_json_lines:
        as_json(msgspec.to_builtins(explanation))
        return
    for line in explanation.lines():
        result(line)


@rules.command()
def schema() -> None:
    """Print the JSON Schema of the rule files, for editors."""
    from ..rules import schema as rule_schema

    result(json.dumps(rule_schema(), indent=2))
