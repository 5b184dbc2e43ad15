"""The group of all commands, and how an error leaves it."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path

import click

from ..errors import AlertsError, PlacedError
from .output import say

__all__ = ["cli", "main"]

COMMANDS = {
    "run": "running",
    "demo": "running",
    "poller": "running",
    "matcher": "running",
    "notifier": "running",
    "scan": "offline",
    "stories": "offline",
    "check": "checking",
    "rules": "rules",
    "feeds": "feeds",
    "channels": "administration",
    "routes": "notifying",
    "silence": "notifying",
    "status": "administration",
    "dead-letters": "dead_letters",
    "explain": "explaining",
}
"""Each command and the file it is in, loaded when it is used."""


class _Lazy(click.Group):
    """A group that loads a command's file only when it is asked for, and suggests the nearest for one that is not there."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{COMMANDS[name]}")
        command = getattr(module, name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near:
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error
            raise


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="conflict-alerts", message="%(version)s")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration.  [default: $ALERTS_CONFIG, else alerts.yaml]")
@click.option("-v", "--verbose", is_flag=True, help="Talk more on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Only warnings and errors on standard error.")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, verbose: bool, quiet: bool) -> None:
    """Breaking conflict news, the moment it is published: feeds in, rules over them, one alert for one event out."""
    ctx.obj = {
        "config": config or Path(os.environ.get("ALERTS_CONFIG") or "alerts.yaml"),
        "verbosity": 1 if verbose else -1 if quiet else 0,
    }


def main() -> None:
    """Run the command line; a user's mistake is one line, never a traceback."""
    try:
        cli.main(prog_name="alerts", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except PlacedError as error:
        for fault in error.faults:
            say(str(fault))
        sys.exit(1)
    except AlertsError as error:
        say(f"alerts: {error}")
        sys.exit(1)
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what reads us went away, as `head` does
        sys.exit(1)
