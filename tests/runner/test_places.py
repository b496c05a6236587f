"""What may be a job's input and output."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from grotto.contract import JobRequest, Kind, ProblemError
from grotto.runner import lock_job, prepare


def refused(source: Path | str, out: Path | str) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        prepare(JobRequest("slow", str(source), str(out), {}))
    assert caught.value.problem.cause and caught.value.problem.remedy
    return caught.value


def test_a_new_folder_gets_the_request(source: Path, tmp_path: Path) -> None:
    request = JobRequest("slow", str(source), str(tmp_path / "new" / "deep"), {"first": {"word": "hé"}})
    assert JobRequest.read(prepare(request)) == request
    prepare(request)  # again into the same folder


def test_output_may_not_touch_the_input(source: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(source, target_is_directory=True)
    for out in (source, source / "out", source / "deep" / "out", link / "out", tmp_path, tmp_path / "x" / ".." / "source"):
        assert refused(source, out).problem.kind is Kind.BAD_INPUT
    assert sorted(p.name for p in source.iterdir()) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("name", ["missing", "", "nul\0", "half\ud800"])
def test_inputs_that_are_not_there(tmp_path: Path, name: str) -> None:
    source = f"{tmp_path}/{name}" if name else ""
    assert refused(source, tmp_path / "out").problem.kind is Kind.BAD_INPUT
    assert not (tmp_path / "out").exists()


def test_relative_paths_are_refused(tmp_path: Path, source: Path) -> None:
    assert refused("source", tmp_path / "out").problem.kind is Kind.BAD_INPUT
    assert refused(source, "out").problem.kind is Kind.BAD_INPUT


def test_a_file_where_the_folder_should_be(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "out", Path("/proc/grotto")):
        assert refused(source, out).problem.kind is Kind.MISSING_RESOURCE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "locked"
    out.mkdir(mode=0o500)
    assert refused(source, out).problem.kind is Kind.MISSING_RESOURCE


def test_somebody_elses_request_file_is_kept(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "request.json").write_text('{"mine": 1}')
    assert refused(source, out).problem.kind is Kind.BAD_INPUT
    assert (out / "request.json").read_text() == '{"mine": 1}'


def _hold(folder: str, held: object, let_go: object) -> None:
    lock_job(Path(folder))
    held.set()
    let_go.wait(20)


def test_a_folder_in_use_is_refused_until_its_process_ends(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    context = multiprocessing.get_context("spawn")
    held, let_go = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(out), held, let_go))
    process.start()
    try:
        assert held.wait(20)
        assert "another job" in refused(source, out).problem.cause
        process.kill()
        process.join(10)
        prepare(JobRequest("slow", str(source), str(out), {}))
    finally:
        process.kill()
