"""Reduced and edited copies of photos: of each photo the largest is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import PurePosixPath

import cv2
import numpy as np
import numpy.typing as npt

from .files import PictureError
from .inspection import Inspected
from .photo import Skipped

COMPARED_PX = 256  # longer side at which two pictures are compared
ALIKE_SMALL = 0.9  # correlation of 32 x 32 grey levels: enough to look closer
SAME_DETAIL = 0.75  # correlation of fine detail; a shift by one pixel halves it
EXACT_SMALL, EXACT_DETAIL = 0.995, 0.97  # the same of pictures of one size, which may be two photos from one place
SAME_SHAPE = 0.02  # by which the ratio of sides of a copy may differ
_DETAIL_PX = 2.0  # standard deviation of the blur that is taken away
_BLOCK = 512  # photos compared with all others at once

_EDITED = re.compile(r"[ _.-]*\(?(edited|edit|bearbeitet|editado|modifi[eé]|bewerkt)\)?$")
_COPY = re.compile(
    r"([ _.-]*\(\d{1,2}\)|[ _.-]+(copy|copie|kopie|copia)( ?\(?\d*\)?)|~\d{1,2}"
    r"|[ _.-]+(thumb|thumbnail|small|medium|large|scaled|resized|preview|web|low|lowres|reduced)|[ _.-]\d{2,5}x\d{2,5}|@\dx)$"
)
_BEFORE = re.compile(r"^(thumb|tn|small|copy of|kopie von|resized|preview|web)[ _.-]+(?=.)")

_LUMA = (0.299, 0.587, 0.114)  # with which programs save in black and white (ITU-R BT.601)
_COLOURED = 4.0  # mean difference of a pixel's channels: less is a grey picture

Grey = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Look:
    """A photo reduced: grey levels (h, w), and whether it is in colour."""

    grey: Grey
    coloured: bool


def without_copies(photos: list[Inspected]) -> tuple[list[Inspected], list[Skipped]]:
    """The photos without reduced and edited copies of others, in the same order.

    A copy has the photo's name, in another folder or with a word such as (1), -small or -1024x768, or another size or the very
    same time of capture, and shows the same picture to the pixel, upright or turned. So does, whatever its name, what was saved
    anew at the same size in the same colours. IMG_E1234 beside IMG_1234 and NAME-edited beside NAME are edited copies whatever
    they show: a crop has a lens of its own. Of photos alike the one with most pixels stays, of equal ones one in colour, then the
    one with the shortest name; a mask that only the copy has goes to it where both show the same the same way up.
    """
    kept = {photo.found.name: photo for photo in photos}
    small: dict[str, _Look | None] = {}
    skipped = []
    for first, second, declared in _candidates(photos):
        one, other = kept.get(first.found.name), kept.get(second.found.name)
        if one is None or other is None:
            continue
        turn = _turn_to_the_same(one, other, small)
        if turn is None and not declared:
            continue
        better, worse = sorted((one, other), key=lambda photo: _preference(photo, small))
        if declared and second.found.name == better.found.name and turn is None:
            better, worse = worse, better  # a crop that was enlarged is no larger photo
        what = "a turned copy" if turn else "a smaller copy" if _pixels(worse) < _pixels(better) else "a copy"
        what = "an edited copy" if declared else what
        skipped.append(Skipped(name=worse.found.name, reason=f"it is {what} of {better.found.name}"))
        del kept[worse.found.name]
        if worse.mask and not better.mask and not worse.mask_fault and turn == 0:
            kept[better.found.name] = _with_mask_of(better, worse)
    return [kept[photo.found.name] for photo in photos if photo.found.name in kept], skipped


def _candidates(photos: list[Inspected]) -> Iterator[tuple[Inspected, Inspected, bool]]:
    """Pairs that may be copies; the third says that the second one's name declares it an edited copy of the first."""
    edited = {photo.found.name: _original(photo.found.name) for photo in photos}
    plain = {_place(photo.found.name): photo for photo in photos if not edited[photo.found.name]}
    declared = set()
    for photo in photos:
        original = plain.get(edited[photo.found.name])
        if original is not None:
            declared.add(photo.found.name)
            yield original, photo, True
    rest = [photo for photo in photos if photo.found.name not in declared]
    by_name: dict[str, list[Inspected]] = {}
    for photo in rest:
        by_name.setdefault(_bare(photo.found.name), []).append(photo)
    for alike in by_name.values():
        for first, second in combinations(alike, 2):
            yield first, second, False
    yield from ((first, second, False) for first, second in _alike_by_content(rest))


def _alike_by_content(photos: list[Inspected]) -> Iterator[tuple[Inspected, Inspected]]:
    """Pairs of any name that look alike at 32 x 32, turned or not; of one size and unlike times only where they are equal."""
    if len(photos) < 2:
        return
    small = np.stack([photo.thumbnail for photo in photos])
    rows = _normalised(small)
    for turn in range(4):
        others = _normalised(np.rot90(small, turn, axes=(1, 2)))
        for start in range(0, len(photos), _BLOCK):
            likeness = rows[start : start + _BLOCK] @ others.T
            for i, j in np.argwhere(likeness > ALIKE_SMALL):
                first, second = photos[start + i], photos[j]
                if start + i < j and (likeness[i, j] > EXACT_SMALL or not _maybe_two_photos(first, second)):
                    yield first, second


def _normalised(small: Grey) -> Grey:
    """Rows (n, 1024) of which products are correlations, of pictures (n, 32, 32)."""
    rows = small.reshape(len(small), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _maybe_two_photos(first: Inspected, second: Inspected) -> bool:
    """Whether neither size nor time nor name shows that one is a copy of the other."""
    taken = first.header.exif.taken
    named = _bare(first.found.name) == _bare(second.found.name)
    return _pixels(first) == _pixels(second) and not named and not (taken and taken == second.header.exif.taken)


def _original(name: str) -> str:
    """Folder and stem of the photo of which this name declares an edited copy; "" where it declares none. In lower case."""
    path = PurePosixPath(name.casefold())
    apple = re.fullmatch(r"img_e(\d+)", path.stem)
    if apple:
        return str(path.with_name(f"img_{apple[1]}"))
    bare = _EDITED.sub("", path.stem)
    return str(path.with_name(bare)) if bare and bare != path.stem else ""


def _place(name: str) -> str:
    return str(PurePosixPath(name.casefold()).with_suffix(""))


def _bare(name: str) -> str:
    """The stem without the words that programs add to copies, in lower case."""
    stem = PurePosixPath(name.casefold()).stem
    return _COPY.sub("", _BEFORE.sub("", stem)) or stem


def _pixels(photo: Inspected) -> int:
    return photo.header.width * photo.header.height


def _preference(photo: Inspected, small: dict[str, _Look | None]) -> tuple[int, bool, int, int]:
    look = _look(photo, small)
    return -_pixels(photo), look is None or not look.coloured, len(PurePosixPath(photo.found.name).stem), len(photo.found.name)


def _turn_to_the_same(first: Inspected, second: Inspected, small: dict[str, _Look | None]) -> int | None:
    """The anticlockwise quarter turns after which the second photo shows what the first shows, to the pixel, light and contrast
    aside; None where it does not."""
    turn = _turn(first, second)
    if turn is None:
        return None
    mine, theirs = _look(first, small), _look(second, small)
    if mine is None or theirs is None or (mine.coloured != theirs.coloured and _maybe_two_photos(first, second)):
        return None
    a, b = mine.grey, np.rot90(theirs.grey, turn)
    size = (min(a.shape[1], b.shape[1]), min(a.shape[0], b.shape[0]))
    fine = [_detail(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)) for grey in (a, b)]
    least = EXACT_DETAIL if _maybe_two_photos(first, second) else SAME_DETAIL
    return turn if _correlation(*fine) >= least else None


def _turn(first: Inspected, second: Inspected) -> int | None:
    """The anticlockwise quarter turns after which the second photo looks like the first; None where it never does."""
    mine, theirs = (photo.header.width / photo.header.height for photo in (first, second))
    turns = [turn for turn in range(4) if abs(mine / (theirs if turn % 2 == 0 else 1 / theirs) - 1) <= SAME_SHAPE]
    likeness = [_correlation(first.thumbnail, np.rot90(second.thumbnail, turn)) for turn in turns]
    best = max(likeness, default=0.0)
    return turns[likeness.index(best)] if best >= ALIKE_SMALL else None


def _look(photo: Inspected, small: dict[str, _Look | None]) -> _Look | None:
    name = photo.found.name
    if name not in small:
        try:
            colour = photo.decode(COMPARED_PX)[0].astype(np.float32)
            small[name] = _Look(colour @ np.array(_LUMA, np.float32), float(np.ptp(colour, axis=2).mean()) > _COLOURED)
        except PictureError:
            small[name] = None
    return small[name]


def _detail(grey: Grey) -> Grey:
    return grey - np.asarray(cv2.GaussianBlur(grey, (0, 0), _DETAIL_PX), np.float32)


def _correlation(first: Grey, second: Grey) -> float:
    a, b = first - first.mean(), second - second.mean()
    return float((a * b).sum() / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-6))


def _with_mask_of(photo: Inspected, copy: Inspected) -> Inspected:
    return replace(
        photo,
        mask=copy.mask,
        mask_sha256=copy.mask_sha256,
        mask_inverted=copy.mask_inverted,
        mask_fault=copy.mask_fault,
        left_out=copy.left_out,
    )
