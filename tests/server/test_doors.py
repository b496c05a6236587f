"""Who may come in, and what is refused: in words, with a status, and without a crash."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from real_processes import Server

from grotto.contract import Kind, Problem


def raw(server: Server, text: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
    """The answer to a request written by hand."""
    port = int(server.runtime["url"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as door:
        door.sendall(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        answer = b""
        while piece := door.recv(65536):
            answer += piece
            if b"\r\n\r\n" in answer and answer.endswith(b"}"):
                break
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


def refused(answer: httpx.Response, status: int) -> Problem:
    assert answer.status_code == status, answer.text
    problem = Problem.from_json(answer.json())
    assert problem.cause and "Traceback" not in answer.text
    return problem


def test_health_needs_no_token_and_tells_nothing_private(shared: Server) -> None:
    answer = httpx.get(shared.runtime["url"] + "/v1/health", trust_env=False, verify=False)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["product"], said["protocol"], said["pid"]) == ("grotto", 1, shared.process.pid)
    assert said["engines"]["cpu"] and said["memory_free_mb"] > 0
    assert shared.runtime["token"] not in answer.text and str(shared.folder) not in answer.text


@pytest.mark.parametrize("path", ["jobs", "jobs/x", "jobs/x/result", "jobs/x/files/y", "openapi.json", "nothing"])
@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "bearer-{token}", "Bearer {token}x"])
def test_everything_else_needs_the_token(shared: Server, path: str, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": token.format(token=shared.runtime["token"])}
    answer = httpx.get(f"{shared.runtime['url']}/v1/{path}", headers=headers, trust_env=False, verify=False)
    refused(answer, 401)


def test_web_pages_are_kept_out(shared: Server) -> None:
    for path in ("/health", "/jobs"):
        refused(shared.http.get(path, headers={"Origin": shared.runtime["url"]}), 403)
        refused(shared.http.get(path, headers={"Origin": "null"}), 403)
    refused(shared.http.options("/jobs", headers={"Origin": "http://x", "Access-Control-Request-Method": "POST"}), 403)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "0.0.0.0:{port}", "", "127.0.0.1.:{port}"]
)
def test_other_hosts_are_refused(shared: Server, host: str) -> None:
    port = shared.runtime["url"].rpartition(":")[2]
    token = shared.token["Authorization"]
    status, problem = raw(shared, f"GET /v1/health HTTP/1.1\nHost: {host.format(port=port)}\nAuthorization: {token}")
    assert status == 421
    assert problem["kind"] == "bad_input"
    assert raw(shared, f"GET /v1/health HTTP/1.1\nHost: LocalHost:{port}")[0] == 200


def test_two_hosts_are_refused(shared: Server) -> None:
    port = shared.runtime["url"].rpartition(":")[2]
    good = f"Host: 127.0.0.1:{port}"
    try:
        status, _ = raw(shared, f"GET /v1/health HTTP/1.1\n{good}\nHost: evil.example")
    except (ValueError, IndexError):
        return  # the parser of HTTP refused it before us
    assert status in (400, 421)


def test_only_this_machine_is_listened_to(shared: Server) -> None:
    assert shared.runtime["url"].startswith("http://127.0.0.1:")
    known = [item for items in psutil.net_if_addrs().values() for item in items if item.family == socket.AF_INET]
    for address in {item.address for item in known if not item.address.startswith("127.")}:
        with pytest.raises(OSError):
            socket.create_connection((address, int(shared.runtime["url"].rpartition(":")[2])), timeout=2).close()


def test_large_bodies_are_refused(shared: Server) -> None:
    big = {"input": "x" * (2 << 20), "options": {}}
    refused(shared.http.post("/jobs/slow", json=big), 413)

    def pieces() -> Any:
        for _ in range(40):
            yield b"x" * (1 << 16)

    with contextlib.suppress(httpx.TransportError):  # where the door was shut while pieces were still being sent
        refused(shared.http.post("/jobs/slow", content=pieces()), 413)
    assert shared.http.get("/health").status_code == 200


GOOD: dict[str, Any] = {"input": "/", "options": {}}

BAD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"text"',
    b"\xff\xfe",
    b'{"options": {}}',
    b'{"input": 3}',
    b'{"input": null}',
    b'{"input": "/", "out": 3}',
    b'{"input": "/", "speed": 1}',
    b'{"input": "/", "options": []}',
    b'{"input": "/", "options": null}',
    b'{"input": "/", "options": {"third": {"tims": 2}}}',
    b'{"input": "/", "options": {"fourth": {}}}',
    b'{"input": "/", "options": {"times": 2}}',
    b'{"input": "/", "options": {"third": {"times": 99}}}',
    b'{"input": "/", "options": {"third": {"times": 0}}}',
    b'{"input": "/", "options": {"third": {"times": true}}}',
    b'{"input": "/", "options": {"third": {"times": "2"}}}',
    b'{"input": "/", "options": {"third": {"times": 2.5}}}',
    b'{"input": "/", "options": {"third": {"times": 1e999}}}',
    b'{"input": "/", "options": {"third": {"times": ' + b"9" * 5000 + b"}}}",
    b'{"input": "/", "options": {"third": {"times": null}}}',
    b'{"input": "/", "options": {"third": {"third_seconds": NaN}}}',
    b'{"input": "/", "options": {"third": {"third_seconds": Infinity}}}',
    b'{"input": "/", "options": {"third": {"third_seconds": 1e999}}}',
    b'{"input": "/", "options": {"third": {"third_seconds": -1}}}',
    b'{"input": "/", "options": {"first": {"word": 3}}}',
    b'{"input": "/", "options": ' + b'{"a":' * 20000 + b"1" + b"}" * 20000 + b"}",
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=[body[:60].decode("latin-1") + str(n) for n, body in enumerate(BAD_BODIES)])
def test_strange_bodies_are_bad_input(shared: Server, body: bytes) -> None:
    answer = shared.http.post("/jobs/slow", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert Problem.from_json(answer.json()).kind is Kind.BAD_INPUT
    assert len(answer.content) < 1000  # what was sent is not echoed
    assert shared.http.get("/health").status_code == 200


def test_refusals_name_the_option(shared: Server) -> None:
    body = {"input": "/", "options": {"third": {"times": 99}}}
    problem = refused(shared.http.post("/jobs/slow", json=body), 422)
    assert "options.third.times" in problem.cause and "10" in problem.cause


def test_places_are_checked_before_a_job_is_queued(shared: Server) -> None:
    source = shared.folder / "source"
    before = len(shared.http.get("/jobs").json()["jobs"])
    (shared.folder / "file").write_text("")
    for body, status in [
        ({"input": str(shared.folder / "missing")}, 422),
        ({"input": "source"}, 422),
        ({"input": str(source), "out": str(source / "out")}, 422),
        ({"input": str(source), "out": str(shared.folder)}, 422),
        ({"input": str(source), "out": "relative"}, 422),
        ({"input": str(source), "out": str(shared.folder / "file" / "out")}, 503),
        ({"input": "/nul\0"}, 422),
        ({"input": "/half\ud800"}, 422),
    ]:
        content = json.dumps(body).encode()
        refused(shared.http.post("/jobs/slow", content=content, headers={"Content-Type": "application/json"}), status)
    assert len(shared.http.get("/jobs").json()["jobs"]) == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/jobs/none", 404),
        ("POST", "/jobs/none/cancel", 404),
        ("POST", "/jobs/none/retry", 404),
        ("GET", "/jobs/none/events", 404),
        ("GET", "/jobs/none/events.json", 404),
        ("GET", "/jobs/none/result", 404),
        ("GET", "/jobs/none/files/x", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/jobs", 405),
        ("POST", "/jobs/unknown_recipe", 405),
        ("POST", "/clients/has%20space", 422),
        ("POST", "/clients/" + "x" * 65, 422),
        ("GET", "/jobs/none/events.json?after=-1", 422),
        ("GET", "/jobs/none/events.json?after=x", 422),
    ],
)
def test_addresses_that_are_not_there(shared: Server, method: str, path: str, status: int) -> None:
    refused(shared.http.request(method, path), status)


def test_odd_strings_do_not_spoil_the_list(shared: Server) -> None:
    content = json.dumps({"input": str(shared.folder / "source"), "options": {"first": {"word": "half\ud800"}}})
    answer = shared.http.post("/jobs/slow", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    listed = shared.http.get("/jobs")
    assert listed.status_code == 200
    assert listed.json()["jobs"][0]["options"]["first"]["word"] == "half\ud800"


def test_many_at_once(shared: Server) -> None:
    answers: list[int] = []

    def ask() -> None:
        for _ in range(5):
            url = shared.runtime["url"] + "/v1/jobs"
            answers.append(httpx.get(url, headers=shared.token, trust_env=False, verify=False).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 40


def test_the_schema_has_the_options_with_units_and_ranges(shared: Server) -> None:
    schemas = shared.http.get("/openapi.json").json()["components"]["schemas"]
    times = schemas["ThirdOptions"]["properties"]["times"]
    assert (times["minimum"], times["maximum"], times["default"], times["title"]) == (1, 10, 1, "Times")
    assert schemas["ThirdOptions"]["properties"]["third_seconds"]["unit"] == "s"
    assert schemas["ThirdOptions"]["additionalProperties"] is False
    assert "WallOptions" in schemas


def test_runtime_file_is_for_its_user_only(shared: Server) -> None:
    file = shared.folder / "runtime" / "backend.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == shared.runtime
    assert len(shared.runtime["token"]) >= 32
    assert Path(file).parent.stat().st_mode & 0o077 == 0


def test_an_answer_over_a_kept_connection_waits_for_nobody(shared: Server) -> None:
    """Without TCP_NODELAY each answer waits 40 ms for the client's acknowledgement."""
    times = []
    for _ in range(30):
        began = time.perf_counter()
        assert shared.http.get("/health").status_code == 200
        times.append(time.perf_counter() - began)
    assert min(times) < 0.03


def test_connections_without_a_whole_request_are_closed_and_keep_nobody_out(shared: Server) -> None:
    port = int(shared.runtime["url"].rpartition(":")[2])
    body = f"POST /v1/jobs/slow HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 100\r\n\r\n{{".encode()
    with contextlib.ExitStack() as stack:
        doors = []
        for said in [b"GET /v1/health HTTP/1.1\r\nHo", b"", body, *[b"GET /"] * 150]:
            doors.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)))
            with contextlib.suppress(OSError):  # it was let go already
                doors[-1].sendall(said)
        assert httpx.get(shared.runtime["url"] + "/v1/jobs", headers=shared.token, trust_env=False).status_code == 200
        for door in doors:
            with contextlib.suppress(ConnectionError):
                while door.recv(1000):  # 401 for the body; it would time out if the connection were kept
                    pass


def test_browsers_keep_frame_and_guess_nothing(shared: Server) -> None:
    for answer in (shared.http.get("/jobs"), shared.http.get("/health"), shared.http.get("/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store" and "server" not in answer.headers
    refused(shared.http.get("/health", headers={"Sec-Fetch-Site": "cross-site"}), 403)
    assert shared.http.get("/health", headers={"Sec-Fetch-Site": "none"}).status_code == 200
