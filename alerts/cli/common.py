"""What several commands need: the configuration, the log, the shipped files, the surroundings."""

from __future__ import annotations

import logging
import math
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import AlertsError
from ..records import Article, decode
from .logs import keep_secret, start_logging

if TYPE_CHECKING:
    from ..config import Config
    from ..log import Log
    from ..matching import Rules
    from ..stages import Setup

__all__ = ["article_of", "config_of", "instance", "open_the_log", "rules_at", "setup_of", "shipped"]

log = logging.getLogger(__name__)


def config_of(ctx: click.Context) -> Config:
    """The configuration that the command line names; logging starts, its warnings are said."""
    from ..config import load

    start_logging(ctx.obj["verbosity"])
    config = load(ctx.obj["config"], environ=os.environ)
    _introduce(config)
    return config


def setup_of(ctx: click.Context, *, rules: bool = True, channels: bool = True) -> Setup:
    """The configuration with the rules and channels that it names, all checked."""
    from ..matching import cache_folder
    from ..stages.setup import assemble

    return assemble(config_of(ctx), rules=rules, channels=channels, cache=cache_folder(os.environ))


def rules_at(path: Path) -> Rules:
    """The rules of a file or folder, compiled; what is large is kept where the services keep it, and found there."""
    from ..matching import Rules, cache_folder

    return Rules.load(path, cache=cache_folder(os.environ))


def article_of(file: Path) -> Article:
    """The article in a JSON file."""
    try:
        return decode(file.read_bytes(), Article)
    except OSError as error:
        raise AlertsError(f"{file}: cannot be read: {error.strerror}") from error


def open_the_log(config: Config, *, patient: bool = False) -> Log:
    """The log of a configuration. A service is patient; a command gives up after 30 s."""
    from ..log import open_log, topics

    give_up = max((channel.give_up for channel in config.channels.values()), default=None)
    wanted = topics(keep=config.keep, give_up=give_up) if give_up else topics(keep=config.keep)
    return open_log(config.log, topics=wanted, instance=instance(), base=config.base, patience_s=math.inf if patient else 30.0)


def instance() -> str:
    """The name of this member among those that share the work."""
    return os.environ.get("ALERTS_INSTANCE") or socket.gethostname() or "alerts"


def shipped(name: str) -> Path:
    """A folder that ships with the package: a checkout's own comes first."""
    import alerts

    package = Path(alerts.__file__).parent
    for place in (package.parent / name, package / "_shipped" / name):
        if place.is_dir() and (place.parent == package / "_shipped" or (package.parent / "pyproject.toml").is_file()):
            return place
    raise AlertsError(f"{name}/ is missing from this installation; install the package again")


def _introduce(config: Config) -> None:
    keep_secret(config.secrets)
    for warning in config.warnings:
        log.warning("configuration", extra={"warning": str(warning)})
