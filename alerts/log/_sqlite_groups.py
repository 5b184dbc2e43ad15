"""Who reads what: groups, their members, and the partitions that these own, in the embedded log's file.

Every member computes the same ideal (`spread`) from the same rows. It gives up what the ideal gives to others, and takes what is free;
nobody takes from a living member. Each change of an owner raises the epoch of that share, and a commit holds only while every share
that its member believes to own is still its own, in the epoch in which it was taken.

What it deliberately does not do: nothing here elects a leader, and no clock is compared but for leases.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Fenced
from ._sqlite_file import Connection
from ._sqlite_writer import Transaction

__all__ = [
    "Group",
    "Standing",
    "Stranger",
    "expire",
    "fence",
    "generation",
    "join",
    "leave",
    "move",
    "ran_out",
    "renew",
    "settle",
    "spread",
    "strangers",
]


@dataclass(frozen=True, slots=True)
class Group:
    """A group on one topic, whose partitions have these ids, in order of their numbers."""

    topic: str
    name: str
    partitions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands: the epochs and positions of what it owns, and what of it belongs to others."""

    generation: int
    owned: Mapping[int, int]
    positions: Mapping[int, int]
    excess: frozenset[int]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A member as others see it: the bell of its process, and until when its lease runs."""

    member: int
    bell: str
    deadline: float


def spread(partitions: Sequence[int], owners: Mapping[int, int | None], members: Collection[int]) -> dict[int, frozenset[int]]:
    """Each member's share of the partitions: as equal as can be, and moving as few from their present owners as can be."""
    held = {member: [partition for partition in partitions if owners.get(partition) == member] for member in members}
    order = sorted(members, key=lambda member: (-len(held[member]), member))
    least, larger = divmod(len(partitions), len(order)) if order else (0, 0)
    quota = {member: least + (rank < larger) for rank, member in enumerate(order)}
    kept = {member: held[member][: quota[member]] for member in order}
    taken = {partition for share in kept.values() for partition in share}
    free = iter([partition for partition in partitions if partition not in taken])
    return {member: frozenset([*kept[member], *(next(free) for _ in range(quota[member] - len(kept[member])))]) for member in order}


def generation(connection: Connection, group: Group) -> int:
    """A number that moves with every change in the group."""
    rows = connection.rows("SELECT generation FROM groups WHERE topic = ? AND name = ?", group.topic, group.name)
    return int(rows[0][0]) if rows else 0


def join(
    transaction: Transaction, group: Group, *, name: str, bell: str, fetch: bool, deadline: float, dead: Collection[str]
) -> tuple[int, str]:
    """A new member's id and name: `name`, with a number behind it while another member bears it. Members whose bell is `dead` go first."""
    execute = transaction.connection.execute
    members = execute('SELECT id, name, bell FROM members WHERE topic = ? AND "group" = ?', (group.topic, group.name)).fetchall()
    gone = [member for member, _, bell in members if bell in dead]
    _remove(transaction, gone)
    taken = {name for member, name, _ in members if member not in gone}
    chosen = next(candidate for candidate in _candidates(name) if candidate not in taken)
    member = execute(
        'INSERT INTO members (topic, "group", name, bell, fetch, deadline) VALUES (?, ?, ?, ?, ?, ?)',
        (group.topic, group.name, chosen, bell, fetch, deadline),
    ).lastrowid
    transaction.connection.executemany(
        'INSERT OR IGNORE INTO shares ("group", partition) VALUES (?, ?)', [(group.name, partition) for partition in group.partitions]
    )
    _changed(transaction, group.topic, group.name)
    return int(member or 0), chosen


def _candidates(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def settle(transaction: Transaction, group: Group, member: int, *, give_up: Iterable[int] = ()) -> Standing | None:
    """Free the partitions `give_up`, take what is free and due, and say how `member` stands; None when it is no member any more."""
    connection = transaction.connection
    live = [row[0] for row in connection.execute('SELECT id FROM members WHERE topic = ? AND "group" = ?', (group.topic, group.name))]
    if member not in live:
        return None
    changed = [_own(connection, group, number, old=member, new=None) for number in give_up]
    shares = _shares(connection, group)
    ideal = spread(range(len(group.partitions)), {number: owner for number, (owner, _, _) in shares.items()}, live)[member]
    changed += [_own(connection, group, number, old=None, new=member) for number in sorted(ideal) if shares[number][0] is None]
    if any(changed):
        _changed(transaction, group.topic, group.name)
        shares = _shares(connection, group)
    (now,) = connection.execute("SELECT generation FROM groups WHERE topic = ? AND name = ?", (group.topic, group.name)).fetchone()
    owned = {number: epoch for number, (owner, epoch, _) in shares.items() if owner == member}
    return Standing(now, owned, {number: shares[number][2] for number in owned}, frozenset(owned) - ideal)


def _shares(connection: sqlite3.Connection, group: Group) -> dict[int, tuple[int | None, int, int]]:
    """Owner, epoch and position of each partition, by its number."""
    rows = connection.execute(
        """SELECT number, member, epoch, max(coalesce(position, first), first)
           FROM shares JOIN partitions ON id = partition WHERE "group" = ? AND topic = ?""",
        (group.name, group.topic),
    )
    return {number: (owner, epoch, position) for number, owner, epoch, position in rows}


def _own(connection: sqlite3.Connection, group: Group, number: int, *, old: int | None, new: int | None) -> bool:
    """Whether the share went from `old` to `new`."""
    changed = connection.execute(
        'UPDATE shares SET member = ?, epoch = epoch + 1 WHERE "group" = ? AND partition = ? AND member IS ?',
        (new, group.name, group.partitions[number], old),
    )
    return changed.rowcount > 0


def fence(transaction: Transaction, group: Group, member: int, held: Mapping[int, int], *, name: str) -> None:
    """Raise `Fenced` unless `member` still owns all that it holds, in the same epochs."""
    shares = _shares(transaction.connection, group)
    lost = sorted(number for number, epoch in held.items() if shares[number][:2] != (member, epoch))
    if lost:
        raise Fenced(f'"{name}" of the group "{group.name}" no longer owns partition {lost[0]} of "{group.topic}": nothing was committed')


def move(transaction: Transaction, group: Group, spans: Mapping[int, tuple[int, int]]) -> None:
    """Move the group's positions over `spans`: first and last offset processed. Raise `Fenced` if a first one has been processed before."""
    for number, (first, last) in spans.items():
        moved = transaction.connection.execute(
            'UPDATE shares SET position = ? WHERE "group" = ? AND partition = ? AND coalesce(position, 0) <= ?',
            (last + 1, group.name, group.partitions[number], first),
        )
        if not moved.rowcount:
            raise Fenced(f'offset {first} of "{group.topic}", partition {number}, was processed before: nothing was committed')


def leave(transaction: Transaction, member: int) -> None:
    """End a membership: what it owned is free."""
    _remove(transaction, [member])


def renew(transaction: Transaction, members: Iterable[int], *, deadline: float) -> None:
    """Extend the leases of `members`."""
    transaction.connection.executemany("UPDATE members SET deadline = ? WHERE id = ?", [(deadline, member) for member in members])


def expire(transaction: Transaction, members: Iterable[int], *, now: float, lease_s: float, dead: Collection[str]) -> None:
    """End the memberships among `members` whose process is `dead` or whose lease has run out by now."""
    for member in members:
        row = transaction.connection.execute("SELECT bell, deadline FROM members WHERE id = ?", (member,)).fetchone()
        if row and (row[0] in dead or ran_out(row[1], now=now, lease_s=lease_s)):
            _remove(transaction, [member])


def ran_out(deadline: float, *, now: float, lease_s: float) -> bool:
    """Whether a lease has ended. One that seems to end later than any can was given before the machine's last start."""
    return not now <= deadline <= now + lease_s


def strangers(connection: Connection) -> list[Stranger]:
    """Every member of every group."""
    return [Stranger(*row) for row in connection.rows("SELECT id, bell, deadline FROM members")]


def _remove(transaction: Transaction, members: Collection[int]) -> None:
    execute = transaction.connection.execute
    for member in members:
        for topic, group in execute('SELECT topic, "group" FROM members WHERE id = ?', (member,)).fetchall():
            execute("DELETE FROM members WHERE id = ?", (member,))
            execute('UPDATE shares SET member = NULL, epoch = epoch + 1 WHERE "group" = ? AND member = ?', (group, member))
            _changed(transaction, topic, group)


def _changed(transaction: Transaction, topic: str, group: str) -> None:
    transaction.connection.execute(
        "INSERT INTO groups (topic, name, generation) VALUES (?, ?, 1) ON CONFLICT (topic, name) DO UPDATE SET generation = generation + 1",
        (topic, group),
    )
    transaction.touched.add((topic, group))
