"""A small recipe for the tests: stages that wait, allocate, crash, ignore the token, fill the disk."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from slow_options import FirstOptions, SecondOptions, SlowOptions, ThirdOptions

from grotto.contract import Asset, Progress, Result, bad_input
from grotto.formats import Artefact
from grotto.runner import Recipe, Run, Stage


@dataclass(frozen=True, kw_only=True)
class Text(Artefact):
    file: str
    length: int

    def read(self) -> str:
        return (self.folder / self.file).read_text()


def _made(folder: Path, text: str, name: str) -> Text:
    (folder / name).write_text(text)
    # One line a call, outside of every stage folder: what the tests count to see which stages really worked.
    with (folder.parent / "calls.txt").open("a") as file:
        file.write(name.removesuffix(".txt") + "\n")
    return Text(folder=folder, file=name, length=len(text))


def _wait(seconds: float, report: Progress) -> None:
    start = time.monotonic()
    report(0.0, "starting")
    while (spent := time.monotonic() - start) < seconds:
        time.sleep(0.02)
        report(spent / seconds, f"waited {spent:.1f} s")


def first(source: Path, options: FirstOptions, folder: Path, report: Progress) -> Text:
    _wait(options.first_seconds, report)
    report.note(f"the word is {options.word}{options.note}")
    names = sorted(ascii(path.name)[1:-1] for path in source.iterdir()) if source.is_dir() else [source.name]
    return _made(folder, f"{options.word} {' '.join(names)}", "first.txt")


def second(text: Text, options: SecondOptions, folder: Path, report: Progress) -> Text:
    _act(options.act, folder, report)
    _wait(options.second_seconds, report)
    picture = folder / "picture.png"
    picture.write_bytes(b"not really a picture")
    report.preview(picture)
    return _made(folder, text.read().upper(), "second.txt")


def third(text: Text, other: Text, options: ThirdOptions, folder: Path, report: Progress) -> Text:
    _wait(options.third_seconds, report)
    return _made(folder, (text.read() + other.read()) * options.times, "third.txt")


def _act(act: str, folder: Path, report: Progress) -> None:
    if act == "raise":
        raise RuntimeError("something odd")
    if act == "problem":
        raise bad_input("the word is unkind", "choose another word")
    if act == "memory":
        raise MemoryError
    if act == "memory_in_c":
        raise RuntimeError("std::bad_alloc")
    if act == "segfault":
        ctypes.string_at(0)
    if act == "abort":
        os.abort()
    if act == "exit":
        os._exit(7)
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "sleep":  # never looks at the token
        time.sleep(100)
    if act == "sleep_with_lock":  # holds Python's lock, so that no other thread runs
        ctypes.PyDLL(None).sleep(100)
    if act == "ignore_signals":  # as glog does: a handler of its own, which the runner must not rely on
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(100)
    if act == "child":  # leaves a process behind in its group
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
        (folder.parent / "child.txt").write_text(str(child.pid))
        _wait(100, report)
    if act == "chatter":
        os.write(1, b"noise from a library in C++\n")
        sys.stdout.write("noise from Python\n")
    if act == "fill":
        with (folder / "big.bin").open("wb") as file:
            for _ in range(1 << 14):
                file.write(b"\0" * (1 << 20))
    if act == "fill_in_c":  # as a library does that tells nothing of the reason
        try:
            _act("fill", folder, report)
        except OSError:
            raise RuntimeError("check failed: file.is_open()") from None


def slow(source: Path, options: SlowOptions, run: Run) -> Result:
    run.plan(FIRST, SECOND, THIRD)
    one = run(FIRST, source, options.first)
    two = run(SECOND, one, options.second)
    three = run(THIRD, one, two, options.third)
    return Result(
        recipe="slow",
        assets=(Asset(kind="report", path=run.relative(three.folder / three.file)),),
        facts={"length": three.length},
    )


def _forecast(_text: Text, options: SecondOptions) -> int:
    return options.needs_mb << 20


FIRST = Stage("first", "Finding words", first, version=1, share=1)
SECOND = Stage("second", "Raising voices", second, version=1, share=2, forecast=_forecast)
THIRD = Stage("third", "Joining words", third, version=1, share=1)
RECIPE = Recipe("slow", SlowOptions, slow)
