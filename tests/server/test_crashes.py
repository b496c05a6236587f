"""What survives when processes are killed: the server a dead worker, the queue a dead server, a job both."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from real_processes import STAGES, Server, alive, calls, run_grotto, wait_until, workers_of


@pytest.mark.parametrize("stage", ["second", *(pytest.param(stage, marks=pytest.mark.slow) for stage in ("first", "third"))])
def test_kill_of_the_worker_in_every_stage(server: Server, source: Path, stage: str) -> None:
    job = server.submit(source, **{stage: {f"{stage}_seconds": 2}})
    server.wait_stage(job, stage)
    began = time.monotonic()
    server.worker().kill()
    failed = server.wait(job, "failed", 2.0)
    assert time.monotonic() - began < 2.0
    assert failed["problem"]["kind"] == "missing_resource" and failed["problem"]["action"] == "retry"
    assert server.http.get("/health").status_code == 200
    server.http.post(f"/jobs/{job['id']}/retry")
    done = server.wait(job, "done")
    finished = list(STAGES[: STAGES.index(stage)])
    assert done["kept_stages"] == finished
    worked = calls(Path(job["out"]))
    assert [worked.count(name) for name in finished] == [1] * len(finished)


def test_workers_that_die_leave_the_queue_at_work(server: Server, source: Path) -> None:
    """By a signal and by an exit; all deaths are in the tests of the worker."""
    bad = [server.submit(source, second={"act": act}) for act in ("segfault", "exit")]
    good = server.submit(source)
    for job in bad:
        assert server.wait(job, "failed")["problem"]["kind"] == "bug"
    server.wait(good, "done")


def test_kill_of_the_server_and_its_return(start: Callable[..., Server], source: Path) -> None:
    server = start()
    done = server.wait(server.submit(source), "done")
    running = server.submit(source, second={"act": "sleep"})
    waiting = server.submit(source)
    server.wait_stage(running, "second")
    worker = server.worker()
    server.kill()
    wait_until(lambda: not alive(worker.pid), 2, "the worker's end")

    again = start()
    assert again.runtime["pid"] != server.runtime["pid"]
    assert again.job(done) == done
    interrupted = again.job(running)
    assert interrupted["state"] == "failed"
    assert interrupted["problem"]["action"] == "retry" and "stopped" in interrupted["problem"]["cause"]
    again.wait(waiting, "done")
    events = again.http.get(f"/jobs/{running['id']}/events.json").json()["events"]
    assert events[-1]["state"] == "failed"
    again.http.post(f"/jobs/{running['id']}/retry")
    again.wait_stage(running, "second")
    assert again.job(running)["kept_stages"] == ["first"]


def test_retry_right_after_a_kill_waits_for_the_old_worker(start: Callable[..., Server], source: Path) -> None:
    server = start()
    job = server.submit(source, third={"third_seconds": 2})
    server.wait_stage(job, "third")
    server.kill()
    again = start()
    again.http.post(f"/jobs/{job['id']}/retry")
    assert again.wait(job, "done")["kept_stages"] == ["first", "second"]


def test_termination_interrupts_politely(start: Callable[..., Server], source: Path) -> None:
    server = start()
    job = server.submit(source, second={"act": "sleep"})
    server.wait_stage(job, "second")
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(10) == 0
    assert time.monotonic() - began < 5.0
    assert not (server.folder / "runtime" / "backend.json").exists()
    assert not workers_of(server.process.pid)
    again = start()
    assert "stopped" in again.job(job)["problem"]["cause"]


def test_an_open_stream_does_not_hold_the_server(start: Callable[..., Server], source: Path) -> None:
    server = start()
    job = server.submit(source, first={"first_seconds": 60})
    with server.http.stream("GET", f"/jobs/{job['id']}/events") as answer:
        next(answer.iter_lines())
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(8) == 0


def test_clients_that_leave_in_mid_stream(server: Server, source: Path) -> None:
    job = server.submit(source, first={"first_seconds": 2})
    for _ in range(5):
        with server.http.stream("GET", f"/jobs/{job['id']}/events") as answer:
            next(answer.iter_lines())
    server.wait(job, "done")


def test_a_folder_that_vanishes_under_a_job(server: Server, source: Path, tmp_path: Path) -> None:
    import shutil

    job = server.submit(source, tmp_path / "out", second={"second_seconds": 1})
    server.wait_stage(job, "second")
    shutil.rmtree(tmp_path / "out")
    failed = server.wait(job, "failed")
    assert failed["problem"]["cause"]
    server.http.post(f"/jobs/{job['id']}/retry")
    server.wait(job, "done")


def test_a_broken_history_is_put_aside(start: Callable[..., Server], source: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "jobs.db").write_bytes(b"this is no database" * 100)
    server = start()
    server.wait(server.submit(source), "done")
    assert list(state.glob("jobs.db.unreadable-*"))


def test_rows_of_another_version_do_not_stop_the_server(start: Callable[..., Server], source: Path, tmp_path: Path) -> None:
    server = start()
    job = server.wait(server.submit(source), "done")
    server.close()
    with sqlite3.connect(tmp_path / "state" / "jobs.db") as database:
        database.execute("INSERT INTO jobs VALUES ('x', 1.0, '{\"id\": \"x\"}')")
        text = database.execute("SELECT data FROM jobs WHERE id = ?", (job["id"],)).fetchone()[0]
        other = text.replace('"slow"', '"forgotten"').replace(job["id"], "y").replace('"done"', '"queued"')
        database.execute("INSERT INTO jobs VALUES ('y', 2.0, ?)", (other,))
    database.close()
    again = start()
    assert again.job(job) == job
    assert again.wait({"id": "y"}, "failed")["problem"]["kind"] == "bad_input"
    again.wait(again.submit(source), "done")


def test_shell_and_server_do_not_meet_in_one_folder(server: Server, source: Path, tmp_path: Path) -> None:
    job = server.submit(source, tmp_path / "out", second={"act": "sleep"})
    server.wait_stage(job, "second")
    shell = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out")
    assert shell.returncode == 2 and "another job is at work" in shell.stderr.lower()
    assert server.job(job)["state"] == "running"


def test_full_disk_under_the_history(server: Server, source: Path) -> None:
    """The server goes on where its own list cannot be written, and says so to whoever submits."""
    file = server.folder / "state" / "jobs.db"
    blocker = sqlite3.connect(file, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    try:
        answer = server.http.post("/jobs/slow", json={"input": str(source), "options": {}}, timeout=30)
        assert answer.status_code == 503
        assert answer.json()["kind"] == "missing_resource"
        assert server.http.get("/health").status_code == 200
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    server.wait(server.submit(source), "done")


def test_nothing_is_left_behind(server: Server, source: Path) -> None:
    server.wait(server.submit(source), "done")
    process = psutil.Process(server.process.pid)
    assert process.children(recursive=True) == []
    before = process.num_fds() if hasattr(process, "num_fds") else 0
    for _ in range(3):
        server.wait(server.submit(source), "done")
    if before:
        assert process.num_fds() <= before + 2
    assert os.waitpid(-1, os.WNOHANG)[0] in (0, server.process.pid)
