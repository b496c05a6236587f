"""The benchmarks of the neural core on tiny sizes: rows, what is kept and what is made anew, and the picture."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from grotto.evaluation import tables_in
from grotto.evaluation.core import Task, measure, mesh_task, speed_table
from grotto.evaluation.core import fields as core_fields


@pytest.mark.slow
def test_a_field_is_fitted_once_and_its_row_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(core_fields.STEPS, "voxel", 60)
    monkeypatch.setitem(core_fields.RESOLUTIONS, "voxel", 24)
    asked = {"fields": ("voxel",), "views": 6, "held": 2, "px": 32, "cells": 24}
    text = core_fields.run(tmp_path, "bowl", **asked)
    row = dict(zip(tables_in(text)[0].heads, tables_in(text)[0].rows[0], strict=True))
    assert (row["field"], row["steps"], row["closed"]) == ("voxel", "60", "yes")
    assert float(row["PSNR, dB"]) > 10 and 0.3 < float(row["IoU"]) <= 1
    kept = tmp_path / "voxel" / "score.json"
    when = kept.stat().st_mtime_ns
    assert core_fields.run(tmp_path, "bowl", **asked) == text == (tmp_path / "fields.md").read_text(encoding="utf-8")
    assert kept.stat().st_mtime_ns == when
    with Image.open(tmp_path / "fields.jpg") as sheet:
        assert sheet.size == (400, 416)
    monkeypatch.setitem(core_fields.STEPS, "voxel", 61)
    assert core_fields.run(tmp_path, "bowl", **asked) != text
    assert kept.stat().st_mtime_ns != when


def spinning(fast_s: float, plain_s: float, least_gain: float) -> Task:
    """A task whose engines use known CPU times."""

    def work(engine: str) -> tuple[float, float]:
        begin = time.process_time()
        until = begin + (plain_s if engine == "torch" else fast_s)
        while time.process_time() < until:
            pass
        return 0.25 * (time.process_time() - begin), 0.75 * (time.process_time() - begin)

    return Task(name="spinning", facts="-", least_gain=least_gain, work=work)


def test_a_bar_is_the_gain_over_the_baseline_of_the_same_run() -> None:
    quick, slow = measure([spinning(0.02, 0.1, 3.0), spinning(0.05, 0.1, 3.0)], 2)
    assert quick.gain == pytest.approx(5, rel=0.2) and quick.held
    assert slow.gain == pytest.approx(2, rel=0.2) and not slow.held
    assert quick.baseline_s == pytest.approx(0.1, rel=0.2)
    assert quick.backward_s == pytest.approx(3 * quick.forward_s, rel=0.1)
    (table,) = tables_in(speed_table([quick, slow]))
    assert [row[table.heads.index("held")] for row in table.rows] == ["yes", "no"]


@pytest.mark.slow
def test_the_rasteriser_is_faster_than_plain_torch() -> None:
    assert measure([mesh_task()], 1)[0].held
