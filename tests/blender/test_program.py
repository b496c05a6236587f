"""Finding and starting the backend's program: every way in which it is not the right one has its own words."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import pytest

Part = Callable[[str], ModuleType]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def check(named: Path | str) -> tuple[str, int]:
    """What Check says, and the exit code."""
    bpy.context.preferences.addons["bl_ext.user_default.grotto"].preferences.backend = str(named)
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.grotto.backend_check()
    return str(caught.value), bpy.context.window_manager.grotto_exit_code


@pytest.fixture(autouse=True)
def own_place(installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_RUNTIME", str(tmp_path / "nowhere.json"))


def test_not_set() -> None:
    said, code = check("")
    assert "no backend is set" in said.lower()
    assert code == 3


def test_not_found(tmp_path: Path) -> None:
    said, code = check(tmp_path)
    assert "holds no program named grotto" in said
    assert code == 3


def test_not_a_program(tmp_path: Path) -> None:
    (tmp_path / "grotto").write_text("only text")
    assert "is not executable" in check(tmp_path)[0]


def test_wrong_program_that_says_something(tmp_path: Path) -> None:
    said, code = check(program(tmp_path / "grotto", "echo hello"))
    assert "is not Grotto's backend" in said
    assert code == 3


def test_wrong_program_that_ends(tmp_path: Path) -> None:
    said, _ = check(program(tmp_path / "grotto", "echo 'no module named grotto' >&2; exit 7"))
    assert "ended with code 7" in said
    assert "no module named grotto" in said


GREETING = {"product": "grotto", "version": "9.0", "protocol": 9, "url": "http://127.0.0.1:1", "token": "t", "pid": 1}


def test_another_product(tmp_path: Path) -> None:
    said, _ = check(program(tmp_path / "grotto", f"echo '{json.dumps(GREETING | {'product': 'cave'})}'; sleep 60"))
    assert "is not Grotto's backend but cave" in said


@pytest.mark.parametrize(("protocol", "older"), [(9, "update the extension"), (0, "update the backend")])
def test_another_version(tmp_path: Path, protocol: int, older: str) -> None:
    line = json.dumps(GREETING | {"protocol": protocol})
    said, code = check(program(tmp_path / "grotto", f"echo '{line}'; sleep 60"))
    assert f"uses protocol {protocol}" in said
    assert older in said
    assert code == 3


def test_another_version_that_runs_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend of another version, started by somebody else: a small program that answers as it would."""
    import http.server
    import threading

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"product": "grotto", "version": "9.0", "protocol": 9}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runtime = tmp_path / "other.json"
    runtime.write_text(json.dumps(GREETING | {"url": f"http://127.0.0.1:{server.server_port}"}))
    monkeypatch.setenv("GROTTO_RUNTIME", str(runtime))
    said, _ = check("")
    assert "uses protocol 9" in said
    server.shutdown()
    server.server_close()


def test_a_start_that_takes_too_long_is_ended(tmp_path: Path, part: Part) -> None:
    silent = program(tmp_path / "grotto", f"echo $$ > {tmp_path}/pid; echo loading >&2; exec sleep 60")
    contract, process = part("backend.grotto.contract"), part("addon.backend.process")
    begun = time.monotonic()
    with pytest.raises(contract.ProblemError, match=r"did not print its address \(its log ends with loading\)"):
        process.start(silent, tmp_path / "log", seconds=1.0)
    assert time.monotonic() - begun < 5.0
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("inside", ["grotto", "bin/grotto", ".venv/bin/grotto"])
def test_a_folder_will_do(tmp_path: Path, part: Part, inside: str) -> None:
    made = program(tmp_path / "back end" / inside, "exit 0")
    assert part("addon.backend.program").locate(str(tmp_path / "back end")) == made


def test_find_looks_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = program(tmp_path / "there" / "bin" / "grotto", "exit 0")
    monkeypatch.setenv("GROTTO_BACKEND", str(tmp_path / "there"))
    assert bpy.ops.grotto.backend_find() == {"FINISHED"}
    preferences = bpy.context.preferences.addons["bl_ext.user_default.grotto"].preferences
    assert preferences.backend == str(made)
    preferences.backend = ""


def test_the_backend_starts_without_blenders_variables(tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in part("addon.backend.program").BLENDER_VARIABLES:
        monkeypatch.setenv(name, "/blender")
    line = json.dumps(GREETING | {"protocol": part("backend.grotto.contract").PROTOCOL})
    told = program(tmp_path / "grotto", f"/usr/bin/env > {tmp_path}/env; echo '{line}'; exec sleep 60")
    started, _ = part("addon.backend.process").start(told, tmp_path / "log", seconds=10)
    started.kill()
    started.wait()
    seen = dict(item.split("=", 1) for item in (tmp_path / "env").read_text().splitlines() if "=" in item)
    assert not set(part("addon.backend.program").BLENDER_VARIABLES) & set(seen)
    assert seen["GROTTO_RUNTIME"] == os.environ["GROTTO_RUNTIME"]


def test_a_missing_package_is_named(installed: str, part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some distributions' Blender comes without requests."""
    import sys

    contract, client = part("backend.grotto.contract"), part("addon.backend.client")
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(contract.ProblemError, match="without the Python package requests"):
        client.BackendClient(contract.Runtime(**GREETING))
