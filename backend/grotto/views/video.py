"""Sharp frames of a video, evenly spread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Action, Progress, bad_input
from ..formats import Artefact

JPEG_QUALITY = 95
_WHOLE = 0.9  # of the frames that a video announces by its length and rate, which is not exact
_MEASURED_PX = 480  # longer side of the frames whose sharpness is measured

ListedFrame = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class VideoFrames(Artefact):
    """Chosen frames as JPEG files, named by their number in the video."""

    photos: str  # folder, relative
    chosen: tuple[int, ...]  # numbers in the video, from 0
    total: int  # frames in the video


def forecast_video(video: Path, count: int) -> int:
    """Bytes: a few frames and the decoder's references."""
    opened = cv2.VideoCapture(str(video))
    pixels = opened.get(cv2.CAP_PROP_FRAME_WIDTH) * opened.get(cv2.CAP_PROP_FRAME_HEIGHT)
    opened.release()
    return 300_000_000 + int(pixels) * 3 * 24


def choose_frames(video: Path, count: int, folder: Path, report: Progress) -> VideoFrames:
    """Write the sharpest frame of each of `count` equal stretches of the video, or every frame of a shorter one.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al. 2000). The video is read twice: once to measure, once to
    take. Raises bad input where it cannot be read or holds fewer than two frames.
    """
    promised = _promised(video)
    measured = []
    for number, frame in enumerate(_frames(video)):
        if number % 4 == 0:
            report(0.6 * min(1.0, number / max(promised, 1)), f"looking at frame {number + 1}")
        measured.append(_sharpness(frame))
    if len(measured) < 2:
        raise bad_input(
            f"the video {video.name} holds no frames that can be read"
            if not measured
            else f"the video {video.name} holds a single frame",
            "choose another video, or save its frames as pictures",
            Action.CHOOSE_FOLDER,
        )
    if len(measured) < _WHOLE * promised:
        report.note(
            f"{video.name} can be read up to frame {len(measured)} of the {promised} that it announces: it is cut off or"
            " damaged, and the rest is not used"
        )
    chosen = sharpest(np.array(measured), count)
    wanted = set(chosen)
    (folder / "photos").mkdir()
    for number, frame in enumerate(_frames(video)):
        if number % 4 == 0:
            report(0.6 + 0.4 * number / len(measured), f"taking frame {number + 1} of {len(measured)}")
        if number in wanted:
            encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
            (folder / "photos" / f"frame_{number:06d}.jpg").write_bytes(encoded.tobytes())
    report.note(f"{len(chosen)} of the video's {len(measured)} frames are used: the sharpest of each stretch")
    return VideoFrames(folder=folder, photos="photos", chosen=tuple(chosen), total=len(measured))


def sharpest(sharpness: NDArray[np.floating], count: int) -> list[int]:
    """The number of the sharpest frame in each of `count` equal stretches; all frames where there are no more than that."""
    if len(sharpness) <= count:
        return list(range(len(sharpness)))
    ends = np.linspace(0, len(sharpness), count + 1).round().astype(int)
    return [int(start + np.argmax(sharpness[start:end])) for start, end in pairwise(ends)]


def _sharpness(frame: ListedFrame) -> float:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    factor = _MEASURED_PX / max(grey.shape)
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def _promised(video: Path) -> int:
    opened = cv2.VideoCapture(str(video))
    count = opened.get(cv2.CAP_PROP_FRAME_COUNT)
    opened.release()
    return int(count) if np.isfinite(count) and count > 0 else 0


def _frames(video: Path) -> Iterator[ListedFrame]:
    """Every frame that can be decoded, upright, as BGR."""
    opened = cv2.VideoCapture(str(video))
    try:
        while True:
            read, frame = opened.read()
            if not read:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        opened.release()
