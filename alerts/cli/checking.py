"""`check`: everything that would stop a start, found without sending anything."""

from __future__ import annotations

import click

from .common import setup_of
from .output import result, say

__all__ = ["check"]


@click.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the configuration, the rules, the channels' addresses and the routes' references; nothing is sent."""
    setup = setup_of(ctx)
    if setup.rules is not None:
        for warning in setup.rules.warnings:
            say(f"{warning.place}: warning: {warning.message}")
    config = setup.config
    counts = {
        "feeds": len(config.feeds),
        "rules": len(setup.rules.names) if setup.rules else 0,
        "channels": len(config.channels),
        "destinations": len(setup.destinations),
        "routes": len(config.routes),
    }
    result(f"{config.path}: " + ", ".join(f"{count} {what if count != 1 else what[:-1]}" for what, count in counts.items()))
