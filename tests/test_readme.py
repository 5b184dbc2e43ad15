"""What is written in the README holds: its commands exist, its YAML loads, its Python runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from alerts.cli.main import cli
from alerts.config import check_references, load
from alerts.matching import Rules

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
VARIABLES = {
    "SLACK_TOKEN": "xoxb-1-2-abc",
    "TELEGRAM_TOKEN": "123456789:AAabcdefghijklmnopqrstuvwxyz123456",
    "SMTP_USER": "me@example.org",
    "SMTP_PASSWORD": "p@ss/w#rd",
}


def blocks(language: str) -> list[str]:
    """The code blocks of a language, with the indentation of the list they stand in taken off."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", README, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in block.split("\n")) for indent, block in found]


def commands(group: click.Command, path: str = "alerts") -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield path
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, f"{path} {name}")


def test_the_first_block_holds_the_two_commands_that_do_everything():
    first = blocks("sh")[0].strip().split("\n")
    assert first == ["python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/alerts run", ".venv/bin/pytest"]


@pytest.mark.parametrize("command", list(commands(cli)))
def test_every_command_stands_in_the_readme(command):
    table = README.partition("## Commands")[2].partition("## Configuration")[0]
    group, _, leaf = command.rpartition(" ")
    row = next((line for line in table.split("\n") if f"`{command}" in line or (group != "alerts" and f"`{group} " in line)), "")
    assert row, f"{command} is missing from the README's table of commands"
    assert re.search(rf"\b{re.escape(leaf)}\b", row), f"{command} is missing from its row"


def test_every_command_of_the_readme_exists():
    known = set(commands(cli)) | {
        "alerts rules",
        "alerts feeds",
        "alerts channels",
        "alerts dead-letters",
        "alerts silence",
        "alerts routes",
    }
    for name in re.findall(r"`alerts ([a-z-]+)", README):
        assert any(command == f"alerts {name}" or command.startswith(f"alerts {name} ") for command in known), name


def test_the_rules_of_the_readme_load_beside_the_shipped_ones_and_pass_their_tests(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (block,) = [block for block in blocks("yaml") if block.startswith("watchlist:")]
    (tmp_path / "rules" / "mine.yaml").write_text(block, encoding="utf-8")
    rules = Rules.load(tmp_path / "rules")
    assert "strikes-near-home" in rules.names
    assert rules.run_tests().failures == ()


@pytest.mark.parametrize("block", [block for block in blocks("yaml") if "channels:" in block])
def test_every_configuration_of_the_readme_loads(tmp_path, block):
    file = tmp_path / "alerts.yaml"
    file.write_text(block, encoding="utf-8")
    config = load(file, environ=VARIABLES)
    rules = Rules.load(ROOT / "rules")
    check_references(config, rules=[*rules.names, "strikes-near-home"], watchlists=rules.watchlists)


def test_the_python_of_the_readme_runs_and_finds_what_it_says():
    (block,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Rakka" in done.stdout


def test_the_configuration_of_the_checkout_loads():
    config = load(ROOT / "alerts.yaml", environ={})
    assert sum(feed.url.startswith("http") for feed in config.feeds) >= 10
    assert any(feed.url.startswith("file:") for feed in config.feeds)
    assert [channel.url for channel in config.channels.values()] == ["console:"]
