"""The benchmarks of the neural core on tiny sizes: rows, what is kept and what is made anew, and the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from grotto.evaluation.core import Speed, measure, mesh_task
from grotto.evaluation.core import fields as core_fields
from grotto.evaluation.core import speed as core_speed


@pytest.mark.slow
def test_a_field_is_fitted_once_and_its_row_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(core_fields.STEPS, "voxel", 60)
    monkeypatch.setitem(core_fields.RESOLUTIONS, "voxel", 24)
    asked = {"fields": ("voxel",), "views": 6, "held": 2, "px": 32, "cells": 24}
    text = core_fields.bench(tmp_path, "bowl", **asked)
    row = text.splitlines()[2].split("|")
    assert row[1].strip() == "voxel" and row[2].strip() == "60"
    assert float(row[4]) > 10 and 0.3 < float(row[6]) <= 1 and row[10].strip() == "yes"
    kept = tmp_path / "voxel" / "score.json"
    when = kept.stat().st_mtime_ns
    assert core_fields.bench(tmp_path, "bowl", **asked) == text == (tmp_path / "fields.md").read_text(encoding="utf-8")
    assert kept.stat().st_mtime_ns == when
    with Image.open(tmp_path / "fields.jpg") as sheet:
        assert sheet.size == (400, 416)
    monkeypatch.setitem(core_fields.STEPS, "voxel", 61)
    assert core_fields.bench(tmp_path, "bowl", **asked) != text
    assert kept.stat().st_mtime_ns != when


@pytest.mark.slow
def test_speeds_are_ratios_to_a_matrix_product() -> None:
    rows, product_s = measure([mesh_task()], 1)
    assert rows[0].facts == "20,480 faces, 15 % cover"
    assert rows[0].most == pytest.approx(24 / 21 * 1.3)
    spent = rows[0].forward_s + rows[0].backward_s
    assert rows[0].ratio * product_s == pytest.approx(spent, rel=1e-6)  # of one round, the medians are its values
    slow = Speed(name="a", facts="b", forward_s=1.0, backward_s=2.0, ratio=3.0, most=2.5, wall_s=4.0)
    assert not slow.held and "| 3.00 | 2.50 | no | 4000 |" in core_speed._table([slow], product_s)
