"""What a stage's progress becomes: throttled events, overall fraction, time left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from grotto.contract import Cancelled, Event, StageProgress
from grotto.runner import Clock, Reporter


def reporter(tmp_path: Path, events: list[Event], token: threading.Event | None = None) -> Reporter:
    clock = Clock(total=10.0, kept=2.0, worked=1.0, started=time.monotonic())
    return Reporter("s", 4.0, clock, events.append, token or threading.Event(), tmp_path)


def test_many_calls_become_few_events(tmp_path: Path) -> None:
    events: list[Event] = []
    report = reporter(tmp_path, events)
    start = time.monotonic()
    while time.monotonic() - start < 0.6:
        report(0.5)
    assert 2 <= len(events) <= 4
    report(1.0)
    assert events[-1].fraction == 1.0  # the end is never swallowed


@pytest.mark.parametrize(("fraction", "said"), [(0.5, 0.5), (-1.0, 0.0), (7.0, 1.0), (float("nan"), 0.0), (float("inf"), 0.0)])
def test_fractions_stay_fractions(tmp_path: Path, fraction: float, said: float) -> None:
    events: list[Event] = []
    reporter(tmp_path, events)(fraction)
    assert [(e.fraction, e.overall) for e in events if isinstance(e, StageProgress)] == [(said, round(0.3 + 0.4 * said, 4))]


def test_every_call_notices_a_cancel(tmp_path: Path) -> None:
    token = threading.Event()
    report = reporter(tmp_path, [], token)
    assert not report.cancelled
    token.set()
    assert report.cancelled
    for call in (lambda: report(0.1), lambda: report.note("x"), lambda: report.preview(tmp_path / "x"), report.check):
        with pytest.raises(Cancelled):
            call()


def test_time_left_from_the_speed_so_far() -> None:
    clock = Clock(total=100.0, kept=50.0, worked=10.0, started=1000.0)
    # 20 shares took 40 s, 30 are left.
    assert clock.seconds_left(20.0, 0.5, 1040.0) == pytest.approx(60.0)
    assert clock.seconds_left(20.0, 0.5, 1001.0) is None  # too early to say
    assert Clock(total=100.0, started=1000.0).seconds_left(20.0, 0.01, 1040.0) is None  # too little to say
    assert Clock(total=0.0).overall(0.0, 0.5) == 0.0


def test_previews_are_copied_out_and_replaced(tmp_path: Path) -> None:
    events: list[Event] = []
    picture = tmp_path / "x.PNG"
    report = reporter(tmp_path, events)
    for text in ("one", "two"):
        picture.write_text(text)
        report.preview(picture)
    assert {e.path for e in events} == {"previews/s.png"}
    assert (tmp_path / "previews" / "s.png").read_text() == "two"
    assert [p.name for p in (tmp_path / "previews").iterdir()] == ["s.png"]
