"""What ops write, read and checked: configuration, rules, channels; read again when a file changes.

A faulty edit changes nothing: the last good setup stays in force, the faults are logged with their places, and ops are told. A list
so large that compiling it would hold up the stages is compiled by a process of its own first; small ones are read at once.

What it deliberately does not do: where there is no folder for compiled lists (`alerts.matching.cache_folder`), or where an edit of
`alerts.yaml` names another folder of rules, a large list is compiled here, and the stages are slow for as long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from functools import cached_property
from pathlib import Path

from ..channels import Destination, open_channel
from ..config import Channel, Config, check_references, load, unknown_tags
from ..errors import AlertsError, ConfigError, Fault
from ..matching import Rules, cache_folder, is_large
from ..records import Article, Kind, Notice, Severity
from ..rendering import Layout
from ..routing import Limits, Rate, Routes
from .compiling import Compiling

__all__ = ["Live", "Setup", "found_in", "set_up"]

log = logging.getLogger(__name__)

GIVE_UP = timedelta(days=7)
FILES_MAX = 100_000


@dataclass(frozen=True)
class Setup:
    """A configuration with what it names. `rules` is None and `destinations` empty in a stage that needs none."""

    config: Config
    rules: Rules | None = None
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of each channel's destinations."""
    routes: Routes = field(default_factory=lambda: Routes((), destinations={}))

    @property
    def ops(self) -> tuple[str, ...]:
        """The destinations that hear of what goes wrong."""
        return tuple(dict.fromkeys(id for channel in self.config.ops for id in self.channels.get(channel, ())))

    def give_up(self, destination: str) -> timedelta:
        """How long a delivery to it waits before it becomes a dead letter."""
        channel = self.channel(destination)
        return channel.give_up if channel else GIVE_UP

    def timezone(self, destination: str) -> tzinfo:
        """The zone of the people behind it."""
        channel = self.channel(destination)
        return (channel.timezone if channel else None) or self.config.timezone

    def limits(self, destination: str) -> Limits:
        """How many alerts it is told one by one."""
        channel = self.channel(destination)
        usual = self.destinations[destination].manner.storm if destination in self.destinations else 0
        storm = channel.storm if channel and channel.storm is not None else usual
        return Limits(storm=storm or None, per_hour=channel.per_hour if channel else None)

    def rates(self, destination: str) -> tuple[Rate, ...]:
        """How fast its service is told."""
        channel = self.channel(destination)
        if channel and channel.rates is not None:
            return channel.rates
        return self.destinations[destination].manner.rates if destination in self.destinations else ()

    def lane(self, destination: str) -> str:
        """The key of its deliveries: one for all that lead to a chat, so that one member has them and can keep to the chat's pace.

        It is a destination's name: what tells chats apart holds the tokens, and no digest of them belongs on the log.
        """
        return self.beside(destination)[0]

    def beside(self, destination: str) -> tuple[str, ...]:
        """The destinations that lead to the same chat, itself included, in order."""
        return self._beside.get(destination, (destination,))

    def layout(self, destination: str) -> Layout:
        """How its service shows a message."""
        return self.destinations[destination].manner.layout if destination in self.destinations else Layout.PLAIN

    def fallbacks(self, destination: str) -> tuple[tuple[str, ...], timedelta] | None:
        """Who is told in its place when it could not be reached, and after how long."""
        channel = self.channel(destination)
        if channel is None or channel.fallback is None:
            return None
        return self.channels.get(channel.fallback.to, ()), channel.fallback.after

    def channel(self, destination: str) -> Channel | None:
        """The channel that a destination is a target of."""
        return self.config.channels.get(self._channel_of.get(destination, ""))

    @cached_property
    def _beside(self) -> dict[str, tuple[str, ...]]:
        chats: dict[str, list[str]] = {}
        for id in sorted(self.destinations):
            chats.setdefault(self.destinations[id].manner.chat or id, []).append(id)
        return {id: tuple(ids) for ids in chats.values() for id in ids}

    @cached_property
    def _channel_of(self) -> dict[str, str]:
        return {id: channel for channel, ids in self.channels.items() for id in ids}


def set_up(path: Path, *, environ: Mapping[str, str], rules: bool = True, channels: bool = True) -> Setup:
    """Read and check the configuration at `path` and what of it is needed. Raises `ConfigError` or `RuleError`, all faults at once."""
    return assemble(load(path, environ=environ), rules=rules, channels=channels, cache=cache_folder(environ))


def assemble(config: Config, *, rules: bool = True, channels: bool = True, cache: Path | None = None) -> Setup:
    """The setup of a configuration that is read already; `cache` is where compiled lists are kept."""
    loaded = Rules.load(config.rules, cache=cache) if rules else None
    if loaded is not None:
        check_references(
            config, rules=loaded.names, watchlists=loaded.watchlists, terms=lambda key, name: found_in(loaded, name, places=key == "place")
        )
        for warning in unknown_tags(config, loaded.tags):
            log.warning("configuration", extra={"warning": str(warning)})
    if not channels:
        return Setup(config, loaded)
    opened = _open(config)
    destinations = {one.id: one for ones in opened.values() for one in ones}
    ids = {name: tuple(one.id for one in ones) for name, ones in opened.items()}
    return Setup(config, loaded, destinations, ids, Routes(config.routes, destinations=ids))


def found_in(rules: Rules, name: str, *, places: bool = False) -> list[str]:
    """The listed terms, with `places` only those of places, that are found in a name: how it is listed, where it is spelt otherwise."""
    explained = rules.explain(Article(title=name))
    every = [*explained.evidence, *(aside.evidence for aside in explained.set_aside)]  # its context is not asked for here
    return list(dict.fromkeys(one.term for one in every if not places or rules.kinds[one.watchlist] is Kind.PLACE))


def _open(config: Config) -> dict[str, tuple[Destination, ...]]:
    opened, faults = {}, []
    for name, channel in config.channels.items():
        try:
            opened[name] = open_channel(name, channel.url)
        except AlertsError as error:
            faults.append(Fault(channel.place, str(error)))
    if faults:
        raise ConfigError(faults)
    return opened


class Live:
    """The setup in force: `live()` is the last good one; `refresh()` reads it again when a file has changed.

    With a `cache` that `read` uses as well, large lists are compiled into it by a process of its own; `close` ends one under way.
    """

    def __init__(self, first: Setup, read: Callable[[], Setup], *, cache: Path | None = None) -> None:
        self.tell: Callable[[Notice], None] | None = None
        """Who tells ops of a faulty edit."""
        self._setup = first
        self._read = read
        self._cache = cache
        self._compiling: Compiling | None = None
        self._seen = self._settled = self._look()
        self.reloads = 0

    def __call__(self) -> Setup:
        return self._setup

    def refresh(self) -> bool:
        """Whether a new setup is in force. A change is read once it has stood still from one call to the next; this never waits long."""
        if self._compiling is not None:
            return self._compiled(self._compiling)
        now = self._look()
        still, self._seen = now == self._seen, now
        if not still or now == self._settled:
            return False
        self._settled = now
        if self._cache and self._setup.rules is not None and is_large(self._setup.config.rules):
            self._compiling = Compiling(self._setup.config.rules, self._cache)
            return False
        return self._take()

    def close(self) -> None:
        """End what is under way."""
        if self._compiling is not None:
            self._compiling.close()
            self._compiling = None

    def _compiled(self, compiling: Compiling) -> bool:
        """What a process has compiled is taken if the files are still those; else the next call sees the change."""
        if not compiling.done():
            return False
        self._compiling = None
        if compiling.faults:
            self._faulty(compiling.faults)
            return False
        return self._look() == self._settled and self._take()

    def _take(self) -> bool:
        try:
            new = self._read()
        except AlertsError as error:
            self._faulty(tuple(str(error).splitlines()))
            return False
        if new.config.log != self._setup.config.log:
            log.warning("another log takes effect with the next start", extra={"file": str(new.config.path)})
        self._setup = new
        self._settled = self._seen = self._look()
        self.reloads += 1
        log.info("read again", extra={"rules": len(new.rules.names) if new.rules else 0, "feeds": len(new.config.feeds)})
        return True

    def _faulty(self, lines: tuple[str, ...]) -> None:
        for line in lines:
            log.error("a faulty edit; the last good state stays in force", extra={"fault": line})
        if self.tell:
            self.tell(
                Notice(title="A faulty edit; the last good rules and configuration stay in force", lines=lines[:50], severity=Severity.HIGH)
            )

    def _look(self) -> dict[str, tuple[int, int, int]]:
        """Each file's time of change, size and inode: an editor's rename is a change, too."""
        config, rules = self._setup.config, self._setup.rules
        paths = [*config.files, *(path for folder in config.folders for path in _under(folder))]
        if rules is not None:
            paths = [*paths, *rules.files, *_under(config.rules)]
        found = {}
        for path in paths:
            try:
                stat = path.stat()
            except OSError:
                continue
            found[str(path)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return found


def _under(path: Path) -> list[Path]:
    return sorted(path.rglob("*"))[:FILES_MAX] if path.is_dir() else [path]
