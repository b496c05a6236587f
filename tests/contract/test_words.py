"""Problems, events, requests, results, the runtime file: what is written is read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grotto.contract import (
    Action,
    Asset,
    Event,
    JobRequest,
    JobState,
    Kind,
    Note,
    Preview,
    Problem,
    Result,
    Runtime,
    StageDone,
    StageProgress,
    StageStarted,
    StateChanged,
    bad_input,
    bug,
    event_from_json,
    event_to_json,
    missing_resource,
    read_runtime,
    runtime_path,
    speaks_our_protocol,
    write_runtime,
)

PROBLEM = Problem(Kind.BAD_INPUT, "the folder holds no photo", "choose a folder of photos", Action.CHOOSE_FOLDER)

EVENTS: list[Event] = [
    StateChanged(time=1.5, state=JobState.RUNNING),
    StateChanged(time=1.5, state=JobState.FAILED, problem=PROBLEM),
    StageStarted(time=1.0, stage="s", title="S", number=1, count=3, reused=True),
    StageProgress(time=1.0, stage="s", fraction=0.5, overall=0.1, seconds_left=None, message="größer\nzweitens"),
    StageDone(time=1.0, stage="s", seconds=2.0, peak_memory_mb=3.0),
    Note(time=1.0, stage="s", message='"quoted"'),
    Preview(time=1.0, stage="s", path="previews/s.png"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_are_one_line_and_come_back(event: Event) -> None:
    line = event_to_json(event)
    assert "\n" not in line
    assert event_from_json(line) == event


@pytest.mark.parametrize("line", ["", "{", "3", '{"event": "other"}', '{"event": "state", "time": 1, "state": "asleep"}'])
def test_other_lines_are_no_events(line: str) -> None:
    with pytest.raises(ValueError, match="is no event"):
        event_from_json(line)


def test_problems_are_one_sentence_and_come_back() -> None:
    assert PROBLEM.sentence() == "The folder holds no photo: choose a folder of photos."
    assert Problem(Kind.BUG, "it broke", "").sentence() == "It broke."
    assert Problem.from_json(PROBLEM.as_json()) == PROBLEM
    named = bad_input("faces is 1", "give at least 100", option="faces").problem
    assert Problem.from_json(named.as_json()) == named and named.action is Action.CHANGE_OPTIONS
    of_an_earlier_release = {key: value for key, value in PROBLEM.as_json().items() if key != "option"}
    assert Problem.from_json(of_an_earlier_release) == PROBLEM
    assert {kind: kind.exit_code for kind in Kind} == {Kind.BUG: 1, Kind.BAD_INPUT: 2, Kind.MISSING_RESOURCE: 3}
    made = [make("cause", "remedy").problem.kind for make in (bad_input, missing_resource, bug)]
    assert made == [Kind.BAD_INPUT, Kind.MISSING_RESOURCE, Kind.BUG]


def test_requests_and_results_come_back(tmp_path: Path) -> None:
    request = JobRequest("wall", "/photos", str(tmp_path), {"photos": {"blur_limit": 0.5}})
    request.write(tmp_path)
    assert JobRequest.read(tmp_path) == request
    assets = (Asset(kind="mesh", path="a.glb"), Asset(kind="mesh", path="b.glb", role="lod1"))
    result = Result(recipe="wall", assets=assets, facts={"faces": 3}, notes=("é", os.fsdecode(b"\xe9")))
    result.write(tmp_path)
    assert Result.read(tmp_path) == result
    assert result.main("mesh") == assets[0] and result.main("video") is None
    with pytest.raises(ValueError, match="sculpture"):
        Asset(kind="sculpture", path="x")
    assert not list(tmp_path.glob(".*"))


def test_the_runtime_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_RUNTIME", str(tmp_path / "deep" / "own.json"))
    assert read_runtime() is None
    runtime = Runtime("grotto", "1", 1, "http://127.0.0.1:1", "t", 2)
    assert write_runtime(runtime) == runtime_path() == tmp_path / "deep" / "own.json"
    assert runtime_path().stat().st_mode & 0o777 == 0o600
    assert read_runtime() == runtime and speaks_our_protocol(runtime)
    write_runtime(Runtime("grotto", "1", 99, "http://127.0.0.1:1", "t", 2))
    assert not speaks_our_protocol(read_runtime())
    for broken in ("", "{", "[]", '{"product": "other"}'):
        runtime_path().write_text(broken)
        assert read_runtime() is None
    monkeypatch.delenv("GROTTO_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert runtime_path() == Path("/run/user/1/grotto/backend.json")
