"""When a backend starts, stops, and finds that another is there."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from real_processes import Server, run_grotto, start_grotto, wait_until

from grotto.server import GRACE_SECONDS, IDLE_SECONDS, LEASE_SECONDS, Leases, jobs_table


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_client_has_time_to_come() -> None:
    clock = Clock()
    leases = Leases(clock)
    clock.now += GRACE_SECONDS - 0.1
    assert not leases.may_stop(busy=False)
    clock.now += 0.2
    assert leases.may_stop(busy=False)


def test_leases_end_by_word_or_by_silence() -> None:
    clock = Clock()
    leases = Leases(clock)
    leases.renew("one")
    leases.renew("two")
    leases.drop("one")
    leases.drop("never there")
    assert leases.count() == 1
    clock.now += LEASE_SECONDS - 1
    assert not leases.may_stop(busy=False)
    leases.renew("two")
    clock.now += LEASE_SECONDS - 1
    assert not leases.may_stop(busy=False)
    clock.now += 2
    assert leases.count() == 0
    assert not leases.may_stop(busy=False)  # a few seconds more, as Blender may only be starting again
    clock.now += IDLE_SECONDS
    assert leases.may_stop(busy=False)


def test_a_job_keeps_the_backend_without_clients() -> None:
    clock = Clock()
    leases = Leases(clock)
    leases.renew("one")
    leases.drop("one")
    clock.now += 3600
    assert not leases.may_stop(busy=True)
    clock.now += IDLE_SECONDS + 0.1
    assert leases.may_stop(busy=False)


def test_an_idle_backend_stops_after_the_last_client_and_job(start: Callable[..., Server], source: Path) -> None:
    server = start("--stop-when-idle")
    assert server.http.post("/clients/blender-1").json()["renew_seconds"] == 10.0
    job = server.submit(source, first={"first_seconds": 5})
    assert server.http.delete("/clients/blender-1").json() == {"clients": 0}
    time.sleep(IDLE_SECONDS + 1)
    assert server.job(job)["state"] == "running"  # the job keeps it
    server.wait(job, "done")
    assert server.process.wait(IDLE_SECONDS + 4) == 0
    assert not (server.folder / "runtime" / "backend.json").exists()


def test_without_the_flag_it_stays(server: Server) -> None:
    server.http.post("/clients/blender-1")
    server.http.delete("/clients/blender-1")
    time.sleep(IDLE_SECONDS + 1)
    assert server.process.poll() is None


def test_a_second_start_finds_the_first(server: Server) -> None:
    second = run_grotto(server.folder, "serve")
    assert second.returncode == 0
    assert json.loads(second.stdout) == server.runtime
    assert server.http.get("/health").json()["pid"] == server.process.pid


def test_two_started_at_once_become_one(tmp_path: Path) -> None:
    processes = [start_grotto(tmp_path, "serve", stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        lines = {process.stdout.readline() for process in processes}
        assert len(lines) == 1
        wait_until(lambda: sum(process.poll() is not None for process in processes) == 1, 10, "one that leaves")
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=10)


def test_two_side_by_side(start: Callable[..., Server], source: Path) -> None:
    first, second = start(), start("--new")
    assert first.runtime["url"] != second.runtime["url"]
    jobs = [server.submit(source, first={"first_seconds": 0.3}) for server in (first, second)]
    for server, job in zip((first, second), jobs, strict=True):
        server.wait(job, "done")
        assert [known["id"] for known in server.http.get("/jobs").json()["jobs"]] == [job["id"]]
    first.close()  # the runtime file is the second's now, and stays
    assert json.loads((second.folder / "runtime" / "backend.json").read_text()) == second.runtime


def test_a_stale_runtime_file_is_replaced(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    server.kill()
    assert (tmp_path / "runtime" / "backend.json").exists()
    assert start().runtime["pid"] != server.runtime["pid"]


def test_a_broken_runtime_file_is_replaced(start: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "backend.json").write_text("[]")
    assert start().http.get("/health").status_code == 200


def test_another_program_at_the_old_address_is_not_taken_for_ours(start: Callable[..., Server], tmp_path: Path) -> None:
    import http.server
    import threading

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"product": "other"}')

        def log_message(self, *_: object) -> None:
            pass

    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    stale = {
        "product": "grotto",
        "version": "0",
        "protocol": 1,
        "token": "t",
        "pid": 1,
        "url": f"http://127.0.0.1:{other.server_port}",
    }
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "backend.json").write_text(json.dumps(stale))
    try:
        assert start().runtime["url"] != stale["url"]
    finally:
        other.shutdown()
        other.server_close()


def test_shutdown_is_refused_while_a_job_runs_unless_forced(start: Callable[..., Server], source: Path) -> None:
    server = start()
    job = server.submit(source, second={"act": "sleep"})
    server.wait_stage(job, "second")
    for body in ({}, {"force": False}):
        refused = server.http.post("/shutdown", json=body)
        assert refused.status_code == 409 and "running" in refused.json()["cause"]
    assert server.http.post("/shutdown", json={"force": "yes"}).status_code == 422
    assert server.http.post("/shutdown", json={"force": True}).json() == {"stopping": True}
    assert server.process.wait(8) == 0
    idle = start()
    assert idle.http.post("/shutdown").status_code == 200
    assert idle.process.wait(8) == 0


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").write_text("a file")
    done = run_grotto(tmp_path, "serve")
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("The backend cannot write ")
    assert "Traceback" not in done.stderr


def test_one_line_and_nothing_else_on_standard_output(start: Callable[..., Server], source: Path) -> None:
    server = start()
    server.wait(server.submit(source), "done")
    server.http.get("/nothing")
    server.process.terminate()
    rest, _ = server.process.communicate(timeout=10)
    assert rest == ""


def test_jobs_in_the_shell(server: Server, source: Path) -> None:
    job = server.submit(source, second={"act": "sleep"})
    server.wait_stage(job, "second")
    listed = run_grotto(server.folder, "jobs", "list").stdout.splitlines()
    assert listed[1].split()[:4] == [job["id"], "slow", "running", "25%"]
    shown = run_grotto(server.folder, "jobs", "show", job["id"][:5]).stdout
    assert f"job {job['id']}: slow, running" in shown and "stage: 2/3 Raising voices" in shown
    assert run_grotto(server.folder, "jobs", "cancel", job["id"]).returncode == 0
    server.wait(job, "cancelled")
    assert run_grotto(server.folder, "jobs", "retry", job["id"]).returncode == 0
    server.wait_stage(job, "second")
    for words in (("show", "zzz"), ("show", ""), ("cancel", job["id"], "--redo")):
        done = run_grotto(server.folder, "jobs", *words)
        assert done.returncode == 2 and "Traceback" not in done.stderr
    server.http.post(f"/jobs/{job['id']}/cancel")
    server.wait(job, "cancelled")
    done = run_grotto(server.folder, "jobs", "cancel", job["id"])
    assert (done.returncode, done.stderr) == (2, f"Job {job['id']} has ended already (cancelled): nothing is left to cancel.\n")
    assert run_grotto(server.folder, "jobs", "retry", job["id"], "--redo").returncode == 0
    server.wait_stage(job, "second")
    assert server.job(job)["redo"] and server.job(job)["kept_stages"] == ["first"]


def test_a_list_without_jobs() -> None:
    assert jobs_table([]) == "no jobs\n"
