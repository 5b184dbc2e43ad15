"""What is due when."""

from __future__ import annotations

import asyncio

from alerts.stages.agenda import Agenda


def rung(*plan: tuple[str, float], dropped: str = "", enough: int) -> list[str]:
    """The keys in the order in which they come up, until there are enough."""

    async def scenario() -> list[str]:
        found: list[str] = []
        done = asyncio.Event()

        def due(key: str) -> None:
            found.append(key)
            if len(found) >= enough:
                done.set()

        agenda = Agenda(due)
        for key, wait_s in plan:
            agenda.put(key, wait_s=wait_s)
        agenda.drop(dropped)
        assert dropped not in agenda
        await asyncio.wait_for(done.wait(), 30)
        return found

    return asyncio.run(scenario())


def test_everything_comes_up_in_its_order():
    assert rung(("c", 0.03), ("a", 0.01), ("b", 0.02), enough=3) == ["a", "b", "c"]


def test_what_is_put_off_comes_up_once_at_its_new_time():
    assert rung(("a", 0.0), ("b", 0.02), ("a", 0.04), enough=2) == ["b", "a"]


def test_what_is_dropped_does_not_come_up():
    assert rung(("a", 0.0), ("b", 0.02), dropped="a", enough=1) == ["b"]


def test_many_at_the_same_moment_come_up_in_the_order_they_were_put():
    keys = [str(number) for number in range(500)]
    assert rung(*((key, 0.0) for key in keys), enough=500) == keys
