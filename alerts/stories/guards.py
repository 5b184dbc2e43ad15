"""What never belongs together."""

from __future__ import annotations

from ..records import Story
from .likeness import Weighed

__all__ = ["apart", "at_odds"]


def apart(weighed: Weighed, story: Story) -> str:
    """Why a report and a story cannot be of one event; "" if they can."""
    return ""


def at_odds(one: Story, other: Story) -> bool:
    """Whether two stories cannot be one."""
    return False
