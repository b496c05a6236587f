"""Jobs over HTTP: from the door to the result, the queue, events from any line on, files of the job only."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_processes import Server, calls, run_grotto, wait_until

from grotto.contract import EVENTS_FILE, Problem


def events_of(server: Server, job: dict[str, Any], after: int = 0) -> tuple[list[dict[str, Any]], int, str]:
    said = server.http.get(f"/jobs/{job['id']}/events.json", params={"after": after}).json()
    return said["events"], said["next"], said["state"]


def streamed(server: Server, job: dict[str, Any], after: int = 0) -> list[tuple[int, dict[str, Any]]]:
    """All events of the stream until it ends, with their ids."""
    found = []
    with server.http.stream("GET", f"/jobs/{job['id']}/events", params={"after": after}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        number = 0
        for line in answer.iter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                found.append((number, json.loads(line[6:])))
    return found


def test_a_job_from_door_to_result(server: Server, source: Path, tmp_path: Path) -> None:
    job = server.submit(source, tmp_path / "out", third={"times": 2})
    assert (job["state"], job["recipe"], job["input"], job["out"]) == ("queued", "slow", str(source), str(tmp_path / "out"))
    done = server.wait(job, "done")
    assert done["fraction"] == 1.0 and done["problem"] is None and done["preview"] == "previews/second.png"
    assert done["created"] <= done["started"] <= done["ended"]
    result = server.http.get(f"/jobs/{job['id']}/result").json()
    assert result["job"]["stamp"] == done["stamp"]
    (asset,) = result["assets"]
    content = server.http.get(f"/jobs/{job['id']}/files/{asset['path']}").content
    assert hashlib.sha256(content).hexdigest() == asset["sha256"]
    assert (tmp_path / "out" / "result.json").is_file()
    assert server.http.get("/jobs").json()["jobs"][0] == done


def test_the_same_work_has_the_same_stamp_through_every_door(server: Server, source: Path, tmp_path: Path) -> None:
    over_http = server.wait(server.submit(source, third={"times": 3, "third_seconds": 0.1}), "done")
    words = ("--times", 3, "--third-seconds", 0.1)
    shell = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "shell", *words)
    assert shell.returncode == 0, shell.stderr
    in_shell = json.loads((tmp_path / "shell" / "result.json").read_text())
    assert over_http["stamp"] == in_shell["job"]["stamp"]
    other = server.wait(server.submit(source, third={"times": 2, "third_seconds": 0.1}), "done")
    assert other["stamp"] != over_http["stamp"]


def test_without_a_folder_the_backend_keeps_the_result(server: Server, source: Path) -> None:
    done = server.wait(server.submit(source), "done")
    assert Path(done["out"]) == server.folder / "state" / "jobs" / done["id"]


def test_one_job_at_a_time_in_order(server: Server, source: Path) -> None:
    jobs = [server.submit(source, first={"first_seconds": 0.5}) for _ in range(3)]
    ended = [server.wait(job, "done") for job in jobs]
    for earlier, later in itertools.pairwise(ended):
        assert earlier["ended"] <= later["started"] + 0.05
    assert [job["id"] for job in server.http.get("/jobs").json()["jobs"]][:3] == [job["id"] for job in reversed(jobs)]


def test_the_list_is_short_where_the_history_is_long(server: Server, source: Path) -> None:
    ended = [server.submit(source, first={"first_seconds": 60}) for _ in range(3)]
    for job in ended[::-1]:  # two end while they wait, without a worker
        server.http.post(f"/jobs/{job['id']}/cancel")
        server.wait(job, "cancelled")
    running = server.submit(source, first={"first_seconds": 60})
    for most, expected in ((0, []), (2, ended[:0:-1]), (3, ended[::-1])):
        listed = server.http.get("/jobs", params={"ended": most}).json()["jobs"]
        assert [job["id"] for job in listed] == [running["id"], *(job["id"] for job in expected)]


def test_more_workers_work_side_by_side(start: Callable[..., Server], source: Path) -> None:
    server = start("--workers", "2")
    jobs = [server.submit(source, first={"first_seconds": 60}) for _ in range(3)]
    for job in jobs[:2]:
        server.wait_stage(job, "first")
    assert server.job(jobs[2])["state"] == "queued"
    counts = server.http.get("/health").json()["jobs"]
    assert (counts["running"], counts["queued"]) == (2, 1)


def test_cancel_a_waiting_and_a_running_job(server: Server, source: Path) -> None:
    running = server.submit(source, second={"act": "sleep"})
    waiting = server.submit(source)
    server.wait_stage(running, "second")
    assert server.http.post(f"/jobs/{waiting['id']}/cancel").json()["state"] == "cancelled"
    assert server.http.post(f"/jobs/{running['id']}/cancel").json()["state"] in ("cancelling", "cancelled")
    assert server.wait(running, "cancelled", 2.0)["problem"] is None
    again = server.http.post(f"/jobs/{running['id']}/cancel")
    assert again.status_code == 409 and Problem.from_json(again.json()).cause
    assert [e["state"] for e in events_of(server, waiting)[0]] == ["queued", "cancelled"]
    states = [e["state"] for e in events_of(server, running)[0] if e["event"] == "state"]
    assert states == ["queued", "running", "cancelling", "cancelled"]


def test_retry_resumes_and_redoes_no_finished_stage(server: Server, source: Path) -> None:
    job = server.submit(source, third={"third_seconds": 1.5})
    server.wait_stage(job, "third")
    server.http.post(f"/jobs/{job['id']}/cancel")
    server.wait(job, "cancelled")
    assert server.http.post(f"/jobs/{job['id']}/retry").json()["state"] == "queued"
    wait_until(lambda: server.job(job)["state"] == "running", 5, "running")
    done = server.wait(job, "done")
    assert done["kept_stages"] == ["first", "second"]
    assert calls(Path(job["out"])) == ["first", "second", "third"]
    assert server.http.post(f"/jobs/{job['id']}/retry").status_code == 409


def test_retry_with_redo_takes_a_done_job_and_does_stages_of_other_code_again(
    server: Server, source: Path, tmp_path: Path
) -> None:
    job = server.wait(server.submit(source, tmp_path / "out"), "done")
    file = tmp_path / "out" / "third" / "stamp.json"
    file.write_text(file.read_text().replace('"code": "', '"code": "other'))
    answer = server.http.post(f"/jobs/{job['id']}/retry", json={"redo": True})
    assert answer.status_code == 200 and answer.json()["redo"]
    again = server.wait(job, "done")
    assert again["kept_stages"] == ["first", "second"]
    assert not any("--redo" in note for note in again["notes"])
    assert server.http.get(f"/jobs/{job['id']}/result").json()["job"]["request"]["redo"] is True


def test_two_jobs_do_not_share_a_folder(server: Server, source: Path, tmp_path: Path) -> None:
    job = server.submit(source, tmp_path / "out", first={"first_seconds": 60})
    for out in (tmp_path / "out", tmp_path / "x" / ".." / "out"):
        answer = server.http.post("/jobs/slow", json={"input": str(source), "out": str(out), "options": {}})
        assert answer.status_code == 409, answer.text
    server.http.post(f"/jobs/{job['id']}/cancel")
    server.wait(job, "cancelled")
    server.wait(server.submit(source, tmp_path / "out"), "done")


def test_events_from_any_line_on(server: Server, source: Path) -> None:
    job = server.submit(source, second={"second_seconds": 1})
    seen, collected = 0, []
    while True:
        events, seen, state = events_of(server, job, seen)
        collected += events
        if state == "done" and not events:
            break
    lines = [json.loads(line) for line in (Path(job["out"]) / EVENTS_FILE).read_text().splitlines()]
    assert collected == lines
    assert streamed(server, job) == list(enumerate(lines, start=1))
    assert streamed(server, job, 5) == list(enumerate(lines, start=1))[5:]
    assert streamed(server, job, 10_000) == []
    assert events_of(server, job, 10_000)[0] == []


def test_a_stream_follows_a_running_job_to_its_end(server: Server, source: Path) -> None:
    job = server.submit(source, first={"first_seconds": 1})
    events = [event for _, event in streamed(server, job)]
    assert [e["state"] for e in events if e["event"] == "state"] == ["queued", "running", "done"]
    assert sum(e["event"] == "progress" and e["stage"] == "first" for e in events) >= 3


def test_torn_lines_keep_their_number(server: Server, source: Path) -> None:
    job = server.submit(source)
    server.wait(job, "done")
    file = Path(job["out"]) / EVENTS_FILE
    count = len(file.read_text().splitlines())
    with file.open("a") as end:
        end.write('{"event": "no\n{"event": "note", "time": 1.0, "stage": "s", "message": "m"}\n')
    events, seen, _ = events_of(server, job, count)
    assert (seen, [e["message"] for e in events]) == (count + 2, ["m"])
    assert streamed(server, job, count) == [(count + 2, events[0])]


def test_problems_of_a_job_are_told(server: Server, source: Path) -> None:
    job = server.wait(server.submit(source, second={"act": "problem"}), "failed")
    assert job["problem"] == {
        "kind": "bad_input",
        "cause": "the word is unkind",
        "remedy": "choose another word",
        "action": "change_options",
        "option": "",
    }
    assert server.http.get(f"/jobs/{job['id']}/result").status_code == 409


def test_input_that_went_while_the_job_waited(server: Server, source: Path) -> None:
    running = server.submit(source, first={"first_seconds": 60})
    waiting = server.submit(source)
    source.rename(source.with_name("gone"))
    server.http.post(f"/jobs/{running['id']}/cancel")
    job = server.wait(waiting, "failed")
    assert job["problem"]["kind"] == "bad_input"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "first/../../secret.txt",
        "%2e%2e/secret.txt",
        "first/%2e%2e/%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "first/..%5c..%5csecret.txt",
        "/etc/passwd",
        "%2fetc/passwd",
        "first//../../secret.txt",
        "link/secret.txt",
        "first/link.txt",
        "first/deep/secret.txt",
        "mine/photo.jpg",
        "secret_of_user.txt",
        ".lock",
        ".input_hashes.json",
        "first",
        "first/",
        "",
        ".",
        "first/%00",
        "first/missing.txt",
        "first/" + "x" * 5000,
        "C:/windows",
    ],
)
def test_only_files_of_the_job(shared: Server, path: str) -> None:
    folder = shared.folder
    out = folder / "out"
    if not out.exists():
        job = shared.wait(shared.submit(folder / "source", out), "done")
        (folder / "secret.txt").write_text("secret")
        (out / "secret_of_user.txt").write_text("secret")
        (out / "mine").mkdir()
        (out / "mine" / "photo.jpg").write_text("secret")
        (out / "link").symlink_to(folder, target_is_directory=True)
        (out / "first" / "link.txt").symlink_to(folder / "secret.txt")
        (out / "first" / "deep").symlink_to(folder, target_is_directory=True)
    job = next(job for job in shared.http.get("/jobs").json()["jobs"] if job["out"] == str(out))
    address = f"{shared.runtime['url']}/v1/jobs/{job['id']}/files/"
    for name in ("first/first.txt", "previews/second.png", "request.json", "events.jsonl", "result.json", "worker.log"):
        assert shared.http.get(address + name).status_code == 200
    answer = raw_get(shared, f"/v1/jobs/{job['id']}/files/{path}")
    assert answer[0] in (404, 405, 421), answer
    assert b"secret" not in answer[1].replace(path.encode(), b"") and b"root:" not in answer[1]


def raw_get(server: Server, target: str) -> tuple[int, bytes]:
    """A request whose path no client has tidied up."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", int(server.runtime["url"].rpartition(":")[2]), timeout=10)
    connection.putrequest("GET", target, skip_accept_encoding=True)
    connection.putheader("Authorization", server.token["Authorization"])
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read()
