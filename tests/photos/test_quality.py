"""Sharpness and exposure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from grotto.photos import decode, exposure_fault, sharpness

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


def shaken(grey: Any, pixels: int, degrees: float) -> Any:
    line = np.zeros((pixels, pixels), np.float32)
    line[pixels // 2] = 1 / pixels
    turn = cv2.getRotationMatrix2D((pixels // 2, pixels // 2), degrees, 1)
    kernel = cv2.warpAffine(line, turn, (pixels, pixels))
    return cv2.filter2D(grey, -1, kernel / kernel.sum())


@pytest.fixture
def grey(paint: Any) -> Any:
    return cv2.cvtColor(paint(3, 1200, 900), cv2.COLOR_RGB2GRAY)


def test_sharpness_falls_with_blur_and_not_with_light(grey: Any) -> None:
    levels = [sharpness(cv2.GaussianBlur(grey, (0, 0), sigma)) for sigma in (0.5, 1, 2, 4, 8)]
    assert levels == sorted(levels, reverse=True)
    assert levels[2] < 0.3 * levels[0]
    assert sharpness(grey // 3) == pytest.approx(sharpness(grey), rel=0.15)
    assert sharpness(255 - grey) == pytest.approx(sharpness(grey), rel=0.05)


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 135])
def test_shake_in_any_direction_is_seen(grey: Any, degrees: float) -> None:
    assert sharpness(shaken(grey, 13, degrees)) < 0.3 * sharpness(grey)


def test_a_bare_photo_is_not_called_blurred(grey: Any) -> None:
    bare = np.full_like(grey, 150)
    bare[:, :200] = grey[:, :200]
    assert sharpness(bare) > 0.5 * sharpness(grey)


def test_exposure_faults() -> None:
    ramp = np.tile(np.linspace(20, 235, 256), (64, 1)).astype(np.uint8)
    assert exposure_fault(ramp) == ""
    assert exposure_fault(ramp // 16) == "almost black"
    assert exposure_fault(np.maximum(ramp, 245)) == "almost white"
    assert exposure_fault(np.full((9, 9), 99, np.uint8)).startswith("blank")
    assert "black" in exposure_fault(np.where(ramp < 140, 0, ramp).astype(np.uint8))
    assert "white" in exposure_fault(np.where(ramp > 110, 255, ramp).astype(np.uint8))
    assert "transparent" in exposure_fault(np.zeros(0, np.uint8))


@pytest.mark.parametrize("name", ["sceaux", "lund/images"])
def test_real_photos_are_alike_and_blurred_ones_stand_out(name: str) -> None:
    paths = sorted((DATA / name).glob("*.[jJ][pP][gG]"))[:6]
    if not paths:
        pytest.skip(f"{DATA / name} is not here")
    greys = [cv2.cvtColor(decode(path, 1600)[0], cv2.COLOR_RGB2GRAY) for path in paths]
    good = [sharpness(grey) for grey in greys]
    assert min(good) > 0.6 * np.median(good)
    blurred = [sharpness(cv2.GaussianBlur(grey, (0, 0), 2.5)) for grey in greys]
    assert max(blurred) < 0.25 * np.median(good)
