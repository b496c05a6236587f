"""`grotto run` in a real shell: exit codes, lines, Ctrl-C, and what becomes of the worker when the shell dies."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from real_processes import GROTTO, STAGES, alive, calls, environment, run_grotto, start_grotto, wait_until, workers_of

from grotto.contract import Result


def test_a_job_from_the_shell(tmp_path: Path, source: Path) -> None:
    done = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--times", 2, "--word", "hi")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("[")] == [
        line for line in lines if re.fullmatch(r"\[[123]/3\] [A-Z][a-z ]+: [\d.]+ s, \d+ MB", line)
    ]
    assert sum(line.startswith("[") for line in lines) == 3
    assert "  note: the word is hi" in lines
    assert lines[-1] == f"report: {tmp_path / 'out' / 'third' / 'third.txt'}"
    assert Result.read(tmp_path / "out").job["request"]["options"]["third"]["times"] == 2


def test_stages_of_another_version_are_kept_until_redo(tmp_path: Path, source: Path) -> None:
    words = ("run", "slow", source, "--out", tmp_path / "out")
    run_grotto(tmp_path, *words)
    file = tmp_path / "out" / "third" / "stamp.json"
    file.write_text(
        re.sub(r'"code": ".*"', '"code": "other"', re.sub(r'"made_by": ".*"', '"made_by": "0.0.9"', file.read_text()))
    )
    kept = run_grotto(tmp_path, *words)
    assert kept.stdout.count("kept from before") == 3
    said = r"  note: .*: Joining words \(made by Grotto 0\.0\.9, now [^)]*\)\. --redo makes them anew"
    assert len([line for line in kept.stdout.splitlines() if re.fullmatch(said, line)]) == 1
    redone = run_grotto(tmp_path, *words, "--redo")
    assert redone.stdout.count("kept from before") == 2 and "--redo" not in redone.stdout


def test_quality_sets_defaults_and_flags_win(tmp_path: Path, source: Path) -> None:
    def times(*flags: object) -> int:
        done = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", *flags)
        assert done.returncode == 0, done.stderr
        return json.loads((tmp_path / "out" / "request.json").read_text())["options"]["third"]["times"]

    assert times("--quality", "standard") == 2
    assert times("--quality=standard", "--times", "3") == 3


def test_without_a_quality_it_says_which_and_why(tmp_path: Path, source: Path) -> None:
    done = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out")
    assert re.match(r"quality: (draft \(no CUDA|standard \(CUDA) was found; --quality chooses another\)\n", done.stdout)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--act", "raise"), 1, "Raising voices met an error of ours (RuntimeError): send {out}/worker.log with a report."),
        (("--act", "problem"), 2, "The word is unkind: choose another word."),
        (("--act", "memory"), 3, "Memory ran out during raising voices: "),
        (("--times", "99"), 2, "Times is 99: give at most 10."),
        (("--first-seconds", "nan"), 2, "First_seconds is nan, which is not a number: "),
        (("--quality", "superb"), 2, "There is no quality superb: choose one of draft, standard, high."),
    ],
)
def test_problems_are_one_sentence(tmp_path: Path, source: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    out = tmp_path / "out"
    done = run_grotto(tmp_path, "run", "slow", source, "--out", out, *words)
    assert done.returncode == code
    assert done.stderr.startswith(sentence.format(out=out))
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout + done.stderr


def test_places_that_cannot_be_used(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_text("")
    for words, code in [
        ((tmp_path / "missing", "--out", tmp_path / "out"), 2),
        ((source, "--out", source / "below"), 2),
        ((source, "--out", tmp_path / "file" / "below"), 3),
    ]:
        done = run_grotto(tmp_path, "run", "slow", *words)
        assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [("run",), ("run", "nothing"), ("walk",), (), ("run", "slow"), ("run", "slow", "x", "--tims", "3")]
)
def test_words_that_mean_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run_grotto(tmp_path, *words)
    assert done.returncode == 2
    assert done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("stage", "number"),
    [
        ("second", signal.SIGINT),
        ("third", signal.SIGTERM),
        pytest.param("first", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("first", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_in_every_stage(tmp_path: Path, source: Path, stage: str, number: signal.Signals) -> None:
    out = tmp_path / "out"
    process = start_grotto(tmp_path, "run", "slow", source, "--out", out, f"--{stage}-seconds", 60)
    wait_until(lambda: (out / f".{stage}.part").exists(), 15, stage)
    start = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert time.monotonic() - start < 2.0
    assert process.returncode == 130
    assert errors == "Cancelled: the same command goes on from the finished stages.\n"
    finished = list(STAGES[: STAGES.index(stage)])
    assert calls(out) == finished
    again = run_grotto(tmp_path, "run", "slow", source, "--out", out)
    assert again.returncode == 0
    assert again.stdout.count("kept from before") == len([s for s in finished if s != stage])


@pytest.mark.parametrize("act", [pytest.param("sleep", marks=pytest.mark.slow), "sleep_with_lock"])
def test_ctrl_c_within_seconds_though_the_stage_does_not_listen(tmp_path: Path, source: Path, act: str) -> None:
    process = start_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--act", act)
    wait_until(lambda: (tmp_path / "out" / ".second.part").exists(), 15, "second")
    time.sleep(0.2)
    worker = workers_of(process.pid)[0]
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert time.monotonic() - start < 4.0  # 2 on idle cores
    assert process.returncode == 130
    assert not alive(worker.pid)


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path, source: Path) -> None:
    process = start_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--act", "sleep")
    wait_until(lambda: (tmp_path / "out" / ".second.part").exists(), 15, "second")
    start = time.monotonic()
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    process.communicate(timeout=10)
    assert time.monotonic() - start < 1.2
    assert process.returncode == 130


def test_kill_of_the_command_ends_its_worker(tmp_path: Path, source: Path) -> None:
    process = start_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--act", "sleep")
    wait_until(lambda: (tmp_path / "out" / ".second.part").exists(), 15, "second")
    worker = workers_of(process.pid)[0]
    process.kill()
    process.communicate(timeout=10)
    wait_until(lambda: not alive(worker.pid), 2, "the worker's end")
    done = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert done.stdout.count("kept from before") == 1


def test_a_folder_at_work_is_refused(tmp_path: Path, source: Path) -> None:
    first = start_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--second-seconds", 60)
    wait_until(lambda: (tmp_path / "out" / ".second.part").exists(), 15, "second")
    second = run_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--word", "other")
    assert second.returncode == 2
    assert "another job is at work" in second.stderr.lower()
    assert json.loads((tmp_path / "out" / "request.json").read_text())["options"]["first"]["word"] == "hello"
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=10)


def test_a_terminal_gets_a_live_line(tmp_path: Path, source: Path) -> None:
    controller, terminal = pty.openpty()
    words = ("run", "slow", source, "--out", tmp_path / "out", "--second-seconds", 1.5)
    process = start_grotto(tmp_path, *words, stdout=terminal)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(controller)
    assert process.wait(10) == 0
    text = shown.decode()
    assert re.search(r"\r\[2/3\] Raising voices \d+% \(job \d+%\)  waited [\d.]+ s", text)
    assert text.count("\r[2/3] Raising voices") > 2
    assert re.search(r"\r\[3/3\] Joining words: [\d.]+ s, \d+ MB *\r?\n", text)


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    command = " ".join(shlex.quote(word) for word in GROTTO)
    piped = f"{command} options wall | head -1"
    done = subprocess.run(["bash", "-c", piped], env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.stdout.startswith("flag")
    assert done.stderr == ""


def test_a_job_goes_on_when_its_reader_leaves(tmp_path: Path, source: Path) -> None:
    process = start_grotto(tmp_path, "run", "slow", source, "--out", tmp_path / "out", "--second-seconds", 0.5)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) == 0
    assert process.stderr.read() == ""
    process.stderr.close()
    assert Result.read(tmp_path / "out").assets


def test_modules_in_the_folder_where_one_stands_are_not_run(tmp_path: Path, source: Path) -> None:
    for name in ("numpy", "json", "grotto", "slow_recipe"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')")
    command = [*GROTTO, "run", "slow", str(source), "--out", "out"]
    done = subprocess.run(command, env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "result.json").is_file()
