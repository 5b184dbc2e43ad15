"""A folder as ops have it: configuration and rules, ready to run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

RULES = """\
watchlist: places.syria
kind: place
terms: [Raqqa, Aleppo, {name: Deir ez-Zor, aliases: [دير الزور]}]
---
watchlist: weapons.missile
kind: weapon
terms: [cruise missile, rocket]
---
rule: strikes-in-syria
title: Strikes in Syria
severity: high
when: {all: [places.syria, weapons.missile]}
"""


def furnish(
    folder: Path,
    *,
    feeds: Sequence[str | Mapping[str, object]],
    channels: Mapping[str, str],
    log: str = "sqlite:var/alerts.db",
    rules: str = RULES,
    every: str = "1s",
    **more: object,
) -> Path:
    """Write `alerts.yaml` and `rules/` into `folder`. Old articles alert, and feeds may live on loopback."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "syria.yaml").write_text(rules, encoding="utf-8")
    config = {
        "log": log,
        "poll": {"every": every, "max_age": "0", "allow_private_addresses": "true"},
        "feeds": list(feeds),
        "channels": dict(channels),
        **more,
    }
    file = folder / "alerts.yaml"
    file.write_text(json.dumps(config, indent=1), encoding="utf-8")  # JSON is YAML
    return file


NAMES = [
    "Abu Dawud",
    "Bashir",
    "Castello",
    "Damascus road",
    "Eastern gate",
    "Faysal",
    "Ghouta",
    "Hanano",
    "Idlib road",
    "Jisr",
    "Karam",
    "Layramoun",
]


def strike(number: int) -> tuple[str, str]:
    """A feed's item on a strike unlike any other; matches the rule."""
    name, hour = NAMES[number % len(NAMES)], number // len(NAMES)
    return f"strike-{number}", f"Cruise missile number {number} hits {name} quarter of Raqqa in hour {hour}"


def quiet(number: int) -> tuple[str, str]:
    """A feed's item that matches nothing."""
    return f"quiet-{number}", f"Museum number {number} reopens its doors"
