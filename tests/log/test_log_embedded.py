"""What only the embedded log promises: one file, many processes, no server."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.errors import Fenced, LogError, LogUnavailable
from alerts.log import Output, Topic, open_log
from alerts.log._sqlite_groups import spread
from alerts.log.sqlite import COMPACT_AFTER_S, TOMBSTONE_KEEP_S, Pace, SqliteLog
from tests.log.backends import ROOT, TOPICS, Sqlite, Worker, eventually, everything, keys, outputs, share, take

Start = Callable[..., Worker]


def refusal(url: str, base: Path | None = None) -> str:
    with pytest.raises(LogError) as caught:
        open_log(url, topics=TOPICS, instance="one", base=base)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_folders_are_made_and_a_relative_path_starts_at_the_base(tmp_path: Path) -> None:
    with open_log("sqlite:var/deep/alerts.db", topics=TOPICS, instance="one", base=tmp_path) as log:
        log.append(outputs(1))
    assert (tmp_path / "var/deep/alerts.db").is_file()


def test_an_absolute_path_may_be_written_as_other_tools_write_it(tmp_path: Path) -> None:
    with open_log(f"sqlite://{tmp_path}/alerts.db", topics=TOPICS, instance="one"):
        assert (tmp_path / "alerts.db").is_file()


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://host/alerts.db", "sqlite:a\0b"], ids=["empty", "host", "nul"])
def test_an_address_that_names_no_file_is_refused(url: str, tmp_path: Path) -> None:
    assert "names no file" in refusal(url, tmp_path)


def test_a_directory_a_garbage_file_and_an_unwritable_place_are_one_clear_line(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"this is no database, it only has its name" * 100)
    assert "is a directory" in refusal(f"sqlite:{tmp_path}")
    assert "is not a log of alerts" in refusal(f"sqlite:{garbage}")
    assert "its folder cannot be made" in refusal(f"sqlite:{garbage}/alerts.db")
    assert "cannot be opened" in refusal("sqlite:/proc/alerts.db")
    assert garbage.read_bytes().startswith(b"this is no database")


def test_a_file_of_a_newer_version_or_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_log("sqlite:new.db", topics=TOPICS, instance="one", base=tmp_path).close()
    for name, statement in {"new.db": "PRAGMA user_version = 7", "other.db": "CREATE TABLE mine (x)"}.items():
        with closing(sqlite3.connect(tmp_path / name)) as file:
            file.execute(statement)
    assert "newer version of alerts (format 7" in refusal("sqlite:new.db", tmp_path)
    assert "another program's database" in refusal("sqlite:other.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_many_processes_may_open_a_new_file_at_once(embedded: Sqlite, start: Start) -> None:
    workers = [start(embedded, instance=f"w{number}") for number in range(4)]
    for number, worker in enumerate(workers):
        worker.tell("append", f"k{number}")
    assert [worker.hear() for worker in workers] == [True] * 4
    assert keys(everything(embedded.open(), "in")) == ["k0", "k1", "k2", "k3"]


def test_the_log_survives_a_power_cut_as_far_as_sqlite_can_promise(embedded: Sqlite) -> None:
    writer = embedded.open()._writer
    assert writer.run(lambda transaction: transaction.connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    assert writer.run(lambda transaction: transaction.connection.execute("PRAGMA synchronous").fetchone()) == (2,)


def test_threads_that_write_at_once_share_transactions_and_a_refused_one_fails_alone(embedded: Sqlite) -> None:
    log, thief = embedded.open("one"), embedded.open("two")
    reader = log.reader("in", group="g")
    share([reader])
    embedded.usurp(log, reader)
    with thief.reader("in", group="g") as owner, ThreadPoolExecutor(24) as pool:
        share([owner])
        start, release = threading.Event(), threading.Event()

        def hold(_: object) -> None:
            start.set()
            release.wait(20.0)

        held = log._writer.submit(hold)
        start.wait(20.0)
        good = [pool.submit(log.append, outputs(3, start=3 * number)) for number in range(20)]
        bad = pool.submit(reader.commit, outputs(1, topic="out"))
        release.set()
        held.result()
        for done in good:
            done.result()
        with pytest.raises(Fenced, match='"one" of the group "g"'):
            bad.result()
    assert keys(everything(log, "in")) == [f"k{number}" for number in range(60)]
    assert everything(log, "out") == []


def test_a_mistake_in_one_piece_of_work_reaches_its_author_and_nobody_else(embedded: Sqlite) -> None:
    log = embedded.open()
    with pytest.raises(ZeroDivisionError):
        log._writer.run(lambda _: 1 // 0)
    log.append(outputs(1))
    assert keys(everything(log, "in")) == ["k0"]


FULL = """
import resource, signal, sys
from alerts.errors import LogUnavailable
from alerts.log import Output
from tests.log.backends import TOPICS, everything, open_log
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_log(sys.argv[1], topics=TOPICS, instance="full") as log, log.reader("in", group="g") as reader:
    log.append([Output("in", "k0", b"x")])
    batch = reader.poll(5.0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    for attempt in (lambda: log.append([Output("in", "k1", b"x" * 800_000)]),
                    lambda: reader.commit([Output("out", "k1", b"x" * 800_000)], after=batch)):
        try:
            attempt()
        except LogUnavailable as error:
            print("unavailable:", error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = reader.poll(5.0)
    print([record.key for record in again.records], sorted(again.lost) == sorted(again.gained) == [0, 1, 2, 3])
    reader.commit([Output("out", "k0", b"x")], after=again)
    print([record.key for topic in ("in", "out") for record in everything(log, topic)], log.lag("in", group="g"))
"""


def test_a_full_disk_commits_nothing_and_the_log_goes_on_when_there_is_room(embedded: Sqlite) -> None:
    run = subprocess.run([sys.executable, "-c", FULL, embedded.url], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    *refusals, again, end = run.stdout.splitlines()
    assert len(refusals) == 2
    assert all(str(embedded.path) in line for line in refusals)
    assert again == "['k0'] True"
    assert end == "['k0', 'k0'] 0"


def test_a_locked_file_is_unavailable_and_polls_stay_empty(embedded: Sqlite) -> None:
    log = embedded.open()
    with log.reader("in", group="g") as reader:
        share([reader])
        log._writer.run(lambda transaction: transaction.connection.execute("PRAGMA busy_timeout = 50").fetchall())
        with closing(sqlite3.connect(embedded.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LogUnavailable, match="locked"):
                reader.commit(outputs(1))
            assert not reader.poll(0.05)
            other.execute("ROLLBACK")
        eventually(lambda: reader.poll(0.5).gained)
        reader.commit(outputs(1))
    assert keys(everything(log, "in")) == ["k0"]


def test_several_readers_of_one_group_in_one_process_are_members_of_their_own(embedded: Sqlite) -> None:
    log = embedded.open("host")
    with (
        log.reader("in", group="g") as first,
        log.reader("in", group="g") as second,
        embedded.open("host").reader("in", group="g") as third,
    ):
        share([first, second, third])
        assert log.members("in", group="g") == ("host", "host-2", "host-3")
        assert first.assigned | second.assigned | third.assigned == {0, 1, 2, 3}


def test_a_killed_member_is_noticed_long_before_its_lease_ends(embedded: Sqlite) -> None:
    def member(instance: str) -> SqliteLog:
        return SqliteLog.open(embedded.url, topics=TOPICS, instance=instance, pace=Pace(lease_s=3_600.0))

    killed, log = member("killed"), member("one")
    with log, log.reader("in", group="g") as reader:
        share([killed.reader("in", group="g"), reader])
        embedded.crash(killed)
        share([reader])
        assert log.members("in", group="g") == ("one",)


def test_a_member_that_does_not_poll_for_too_long_loses_its_partitions(embedded: Sqlite) -> None:
    pace = Pace(lease_s=0.6, poll_every_s=0.3, tend_every_s=0.1)
    with SqliteLog.open(embedded.url, topics=TOPICS, instance="one", pace=pace) as log:
        idle = log.reader("in", group="g")
        share([idle])
        with log.reader("in", group="g") as busy:
            share([busy])
            with pytest.raises(Fenced):
                idle.commit(outputs(1))
            assert busy.assigned == {0, 1, 2, 3}


def test_a_member_that_works_for_longer_than_its_lease_keeps_its_partitions(embedded: Sqlite) -> None:
    pace = Pace(lease_s=0.4, tend_every_s=0.05)
    with SqliteLog.open(embedded.url, topics=TOPICS, instance="one", pace=pace) as log, log.reader("in", group="g") as reader:
        share([reader])
        (first,) = reader_rows(embedded)
        eventually(lambda: reader_rows(embedded)[0][1] > first[1] + 2 * pace.lease_s)
        reader.commit(outputs(1))
        assert reader_rows(embedded)[0][0] == first[0]


def reader_rows(embedded: Sqlite) -> list[tuple[int, float]]:
    with closing(sqlite3.connect(embedded.path)) as file:
        return file.execute("SELECT id, deadline FROM members").fetchall()


def test_the_bell_alone_wakes_a_reader_of_another_process(embedded: Sqlite, start: Start) -> None:
    worker = start(embedded)
    pace = Pace(lease_s=3_600.0, look_every_s=3_600.0)
    with SqliteLog.open(embedded.url, topics=TOPICS, instance="one", pace=pace) as log, log.reader("in", group="g") as reader:
        share([reader])
        for number in range(3):
            worker.tell("append", f"k{number}")
            assert keys(reader.poll(20.0).records) == [f"k{number}"]
            assert worker.hear() is True


def test_a_lease_from_before_the_machines_last_start_counts_as_ended(embedded: Sqlite) -> None:
    log = embedded.open("one")
    with closing(sqlite3.connect(embedded.path)) as file:
        file.execute("INSERT INTO members (topic, \"group\", name, bell, fetch, deadline) VALUES ('in', 'g', 'old', '', 1, 1e12)")
        file.commit()
    with log.reader("in", group="g") as reader:
        share([reader])
        assert log.members("in", group="g") == ("one",)


def test_without_a_bell_other_processes_commits_are_seen_all_the_same(embedded: Sqlite, start: Start) -> None:
    worker = start(embedded)
    log = embedded.open()
    with log.reader("in", group="g") as reader:
        share([reader])
        for bell in embedded.path.parent.glob("*.bell"):
            bell.unlink()
        worker.tell("append", "k0")
        assert keys(reader.poll(20.0).records) == ["k0"]
        assert worker.hear() is True


def test_bells_work_below_a_long_path_and_those_of_the_dead_are_cleared_away(tmp_path: Path, start: Start) -> None:
    folder = tmp_path / ("long" * 30)
    far = Sqlite(folder)
    worker = start(far)
    with far.open() as log, log.reader("in", group="g") as reader:
        share([reader])
        worker.tell("append", "k0")
        assert keys(reader.poll(20.0).records) == ["k0"]
        assert not list(folder.glob("*.bell"))


def test_bells_of_the_dead_are_cleared_away(embedded: Sqlite, start: Start) -> None:
    worker = start(embedded)
    worker.ask("join", "in")
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    (left,) = embedded.path.parent.glob("*.bell")
    with embedded.open().reader("in", group="g"):
        assert not left.exists()


def test_a_claim_is_exclusive_among_logs_and_processes_and_ends_with_its_holder(embedded: Sqlite, start: Start) -> None:
    first, second = start(embedded), embedded.open()
    assert first.ask("claim", "run") is True
    assert not second.claim("run")
    assert second.claim("another")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert second.claim("run")
    assert not embedded.open("three").claim("run")
    second.close()
    assert embedded.open("four").claim("run")


def test_a_log_is_refused_on_the_other_side_of_a_fork(embedded: Sqlite) -> None:
    script = """
import os, sys, warnings
from tests.log.backends import TOPICS, open_log, outputs
warnings.simplefilter("ignore")
log = open_log(sys.argv[1], topics=TOPICS, instance="one")
child = os.fork()
if child == 0:
    try:
        log.append(outputs(1))
    except Exception as error:
        os.write(1, str(error).encode())
    os._exit(0)
os.waitpid(child, 0)
log.close()
"""
    run = subprocess.run([sys.executable, "-c", script, embedded.url], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "open it in the child" in run.stdout, run.stderr


def test_importing_the_log_loads_no_backend() -> None:
    script = "import sys, alerts.log; print(sorted({'sqlite3', 'kafka'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"


class Clock:
    """A clock that is set by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


DAY = timedelta(days=1)


def kept(log: SqliteLog, topic: str) -> list[tuple[int, str, bytes | None]]:
    return [(record.offset, record.key, record.value) for record in log.read(topic, 0)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aging(tmp_path: Path, clock: Clock) -> SqliteLog:
    topics = [Topic("news", keep=DAY), Topic("state", compact=True), Topic("receipts", compact=True, keep=DAY)]
    return SqliteLog.open("sqlite:old.db", topics=topics, instance="one", base=tmp_path, clock=clock)


def test_records_are_dropped_when_their_time_is_over_and_offsets_go_on(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append(outputs(2_500, topic="news"))
        clock.now += 3_600
        log.append(outputs(1, topic="news", start=2_500))
        clock.now += DAY.total_seconds() - 1
        log.maintain()
        assert kept(log, "news") == [(2_500, "k2500", b"v2500")]
        assert log.positions("news", group="new") == {0: 2_500}
        assert log.lag("news", group="new") == 1
        clock.now += DAY.total_seconds()
        log.maintain()
        assert kept(log, "news") == []
        assert log.ends("news") == {0: 2_501} == log.positions("news", group="new")
        log.append(outputs(1, topic="news", start=2_501))
        assert kept(log, "news") == [(2_501, "k2501", b"v2501")]


def test_a_group_that_was_away_for_too_long_goes_on_at_the_first_record_kept(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append(outputs(10, topic="news"))
        with log.reader("news", group="g") as reader:
            batch = reader.poll(5.0, limit=4)
            reader.commit(after=batch)
        clock.now += 2 * DAY.total_seconds()
        log.append(outputs(1, topic="news", start=10))
        log.maintain()
        with log.reader("news", group="g") as reader:
            batch = reader.poll(5.0)
            assert batch.gained == {0: 10} == log.positions("news", group="g")
            assert keys(batch.records) == ["k10"]


def test_compaction_keeps_the_last_record_of_each_key(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append([Output("state", f"k{number % 3}", f"v{number}".encode()) for number in range(2_600)])
        clock.now += COMPACT_AFTER_S + 1
        log.append([Output("state", "k0", b"newer")])
        log.maintain()
        assert kept(log, "state") == [
            (2597, "k2", b"v2597"),
            (2598, "k0", b"v2598"),
            (2599, "k1", b"v2599"),
            (2600, "k0", b"newer"),
        ]
        clock.now += COMPACT_AFTER_S + 1
        log.maintain()
        assert [offset for offset, _, _ in kept(log, "state")] == [2597, 2599, 2600]
        assert log.ends("state") == {0: 2_601}


def test_a_tombstone_removes_its_key_and_goes_itself_after_a_day(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append([Output("state", "a", b"1"), Output("state", "b", b"1"), Output("state", "a", None), Output("state", "c", b"1")])
        clock.now += COMPACT_AFTER_S + 1
        log.maintain()
        assert kept(log, "state") == [(1, "b", b"1"), (2, "a", None), (3, "c", b"1")]
        clock.now += TOMBSTONE_KEEP_S
        log.maintain()
        assert kept(log, "state") == [(1, "b", b"1"), (3, "c", b"1")]
        log.append([Output("state", "a", b"2")])
        clock.now += COMPACT_AFTER_S + 1
        log.maintain()
        assert kept(log, "state") == [(1, "b", b"1"), (3, "c", b"1"), (4, "a", b"2")]


def test_a_group_that_has_read_everything_has_no_lag_after_compaction(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append([Output("state", "a", b"1"), Output("state", "a", None)])
        clock.now += COMPACT_AFTER_S + TOMBSTONE_KEEP_S + 2
        log.maintain()
        with log.reader("state", group="g") as reader:
            reader.commit(after=reader.poll(5.0))
        assert log.lag("state", group="g") == 0


def test_a_topic_may_be_compacted_and_forget_what_is_old(aging: SqliteLog, clock: Clock) -> None:
    with aging as log:
        log.append([Output("receipts", "a", b"1"), Output("receipts", "b", b"1")])
        clock.now += DAY.total_seconds() / 2
        log.append([Output("receipts", "b", b"2")])
        clock.now += COMPACT_AFTER_S + 1
        log.maintain()
        assert kept(log, "receipts") == [(0, "a", b"1"), (2, "b", b"2")]
        clock.now += DAY.total_seconds() / 2
        log.maintain()
        assert kept(log, "receipts") == [(2, "b", b"2")]
        log.append([Output("receipts", "a", b"3")])
        clock.now += COMPACT_AFTER_S + 1
        log.maintain()
        assert kept(log, "receipts") == [(2, "b", b"2"), (3, "a", b"3")]


def test_a_read_that_pauses_holds_up_no_checkpoint(embedded: Sqlite) -> None:
    log = embedded.open()
    log.append(outputs(1_200, topic="state"))
    paused = log.read("state", 0)
    first = next(paused)
    with closing(sqlite3.connect(embedded.path)) as file:
        busy, pages, done = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, pages, done) == (0, 0, 0)
    assert 1 + len(list(paused)) == 1_200
    assert first.key == "k0"


def test_a_poll_of_large_records_is_bounded_in_bytes_and_loses_none(embedded: Sqlite) -> None:
    log = embedded.open()
    for number in range(3):
        log.append([Output("in", f"k{10 * number + at}", b"x" * 900_000, partition=0) for at in range(10)])
    with log.reader("in", group="g") as reader:
        first = reader.poll(5.0)
        assert len(first.records) < 30
        assert keys([*first.records, *take(reader, 30 - len(first.records))]) == [f"k{number}" for number in range(30)]


def test_a_busy_partition_does_not_starve_the_others(embedded: Sqlite) -> None:
    log = embedded.open()
    log.append(outputs(50, partition=0))
    log.append(outputs(1, start=50, partition=3))
    with log.reader("in", group="g") as reader:
        assert "k50" in [record.key for _ in range(3) for record in reader.poll(5.0, limit=10).records]


@pytest.mark.parametrize("members", range(1, 7))
def test_partitions_are_spread_evenly_and_move_only_when_they_must(members: int) -> None:
    partitions = range(8)
    before = spread(partitions, {}, range(members))
    owners = {partition: member for member, share in before.items() for partition in share}
    assert sorted(owners) == list(partitions)
    assert max(map(len, before.values())) - min(map(len, before.values())) <= 1
    assert spread(partitions, owners, range(members)) == before
    after = spread(partitions, owners, range(members + 1))
    assert sum(owners[partition] != member for member, share in after.items() for partition in share) == len(after[members])
