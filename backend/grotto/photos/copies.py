"""Reduced and edited copies of photos: of each photo the largest is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
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
SAME_SHAPE = 0.02  # by which the ratio of sides of a copy may differ
_DETAIL_PX = 2.0  # standard deviation of the blur that is taken away
_BLOCK = 512  # photos compared with all others at once

_EDITED = re.compile(r"[ _.-]*\(?(edited|edit|bearbeitet|editado|modifi[eé]|bewerkt)\)?$")
_COPY = re.compile(
    r"([ _.-]*\(\d{1,2}\)|[ _.-]+(copy|copie|kopie|copia)( ?\(?\d*\)?)|~\d{1,2}"
    r"|[ _.-]+(thumb|thumbnail|small|medium|large|scaled|resized|preview|web|low|lowres|reduced)|[ _.-]\d{2,5}x\d{2,5}|@\dx)$"
)
_BEFORE = re.compile(r"^(thumb|tn|small|copy of|kopie von|resized|preview|web)[ _.-]+(?=.)")

Grey = npt.NDArray[np.float32]


def without_copies(photos: list[Inspected]) -> tuple[list[Inspected], list[Skipped]]:
    """The photos without reduced and edited copies of others, in the same order.

    A copy has the photo's name, in another folder or with a word such as (1), -small or -1024x768, or another size or the very
    same time of capture, and shows the same picture to the pixel. IMG_E1234 beside IMG_1234 and NAME-edited beside NAME are
    edited copies whatever they show: a crop has a lens of its own. Of photos alike the one with most pixels stays, of equal ones
    the one with the shortest name; a mask that only the copy has goes to it.
    """
    kept = {photo.found.name: photo for photo in photos}
    small: dict[str, Grey | None] = {}
    skipped = []
    for first, second, declared in _candidates(photos):
        one, other = kept.get(first.found.name), kept.get(second.found.name)
        if one is None or other is None or not (declared or _same_picture(one, other, small)):
            continue
        better, worse = sorted((one, other), key=_preference)
        if declared and second.found.name == better.found.name and not _same_picture(one, other, small):
            better, worse = worse, better  # a crop that was enlarged is no larger photo
        what = "an edited copy" if declared else "a smaller copy" if _pixels(worse) < _pixels(better) else "a copy"
        skipped.append(Skipped(name=worse.found.name, reason=f"it is {what} of {better.found.name}"))
        del kept[worse.found.name]
        if worse.mask and not better.mask and not worse.mask_fault:
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
    """Pairs of any name that look alike at 32 x 32 and have other sizes or the same time of capture."""
    if len(photos) < 2:
        return
    rows = np.stack([photo.thumbnail.ravel() for photo in photos])
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    for start in range(0, len(photos), _BLOCK):
        alike = rows[start : start + _BLOCK] @ rows.T > ALIKE_SMALL
        for i, j in np.argwhere(alike):
            first, second = photos[start + i], photos[j]
            taken = first.header.exif.taken
            if start + i < j and (_pixels(first) != _pixels(second) or (taken and taken == second.header.exif.taken)):
                yield first, second


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


def _preference(photo: Inspected) -> tuple[int, int, int]:
    return -_pixels(photo), len(PurePosixPath(photo.found.name).stem), len(photo.found.name)


def _same_picture(first: Inspected, second: Inspected, small: dict[str, Grey | None]) -> bool:
    """Whether two photos show the same to the pixel, light and contrast aside."""
    mine, theirs = (photo.header.width / photo.header.height for photo in (first, second))
    if abs(mine / theirs - 1) > SAME_SHAPE or _correlation(first.thumbnail, second.thumbnail) < ALIKE_SMALL:
        return False
    a, b = _grey(first, small), _grey(second, small)
    if a is None or b is None:
        return False
    size = (min(a.shape[1], b.shape[1]), min(a.shape[0], b.shape[0]))
    fine = [_detail(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)) for grey in (a, b)]
    return _correlation(*fine) >= SAME_DETAIL


def _grey(photo: Inspected, small: dict[str, Grey | None]) -> Grey | None:
    name = photo.found.name
    if name not in small:
        try:
            small[name] = photo.decode(COMPARED_PX)[0].astype(np.float32).mean(axis=2)
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
