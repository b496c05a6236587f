"""What a mosaic says in words: pictures that it is without and why, and places that are to be looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import PhotoSet
from .graph import Link
from .pairs import MosaicPairs
from .placed import LeftOut, MosaicPicture

TWIN_SHARE = 0.1  # by which another place may be less alike, to be named


def left_out_pictures(
    photos: PhotoSet, pairs: MosaicPairs, links: list[Link], component: NDArray[np.int64], removed: dict[int, float]
) -> tuple[LeftOut, ...]:
    """The pictures outside the largest component, and why; `removed` are those unlike what they cover."""
    found = []
    for index, photo in enumerate(photos.photos):
        if component[index] == 0:
            continue
        others = [i for i in np.flatnonzero(component == component[index]) if i != index]
        matched = any(index in (link.first, link.second) for link in links)
        if photo.name in pairs.mirrored:
            reason = "it is mirrored"
        elif index in removed:
            reason = f"where its points match it is unlike what it covers (only {removed[index]:.0%} of it is alike)"
        elif others:
            names = ", ".join(photos.photos[i].name for i in others[:3])
            reason = f"it overlaps {names}{' and others' if len(others) > 3 else ''}, but no picture of the mosaic"
        elif matched:
            reason = "its likeness to other pictures contradicts how all others fit together"
        else:
            reason = "no other picture shows the same place"
            best = max((pair for pair in pairs.unlike if index in pair[:2]), key=lambda pair: pair[2], default=None)
            if best is not None:
                other = photos.photos[best[0] if best[1] == index else best[1]].name
                reason += f" (it shares a motif with {other}, but only {best[2]:.0%} of what they would share is alike)"
        found.append(LeftOut(name=photo.name, reason=reason))
    return tuple(found)


def doubt_lone(report: Progress, pictures: tuple[MosaicPicture, ...], links: list[Link]) -> None:
    """Name the pictures that hang on one pair alone: no other picture contradicts a look-alike there."""
    if len(pictures) < 3:
        return
    for picture in pictures:
        if picture.links == 1:
            held = next(len(link.first_place) for link in links if picture.index in (link.first, link.second))
            report.note(
                f"{picture.name} is held by one pair of {held} matches alone, alike in {picture.alike:.0%} of its pixels: "
                "where the wall repeats itself exactly it could be a look-alike's place. Compare its place with the picture, and "
                "leave it out if it is wrong"
            )


def doubt_twins(report: Progress, pictures: tuple[MosaicPicture, ...], dropped: list[Link]) -> None:
    """Name the pictures that are about as like another place as the one where they stand."""
    for picture in pictures:
        rivals = [link.alike for link in dropped if picture.index in (link.first, link.second)]
        if rivals and max(rivals) > picture.alike - TWIN_SHARE:
            report.note(
                f"{picture.name} is alike in {picture.alike:.0%} of what it covers, and nearly as like another place "
                f"({max(rivals):.0%}), which other pairs contradict: look whether it stands where it belongs"
            )


def say(report: Progress, parts: tuple[tuple[str, ...], ...], left_out: tuple[LeftOut, ...], dropped: int) -> None:
    """Say which pictures are left out, and how many pairs were not believed."""
    if len(parts) > 1:
        sizes = ", ".join(str(len(part)) for part in parts)
        report.note(
            f"the pictures fall into {len(parts)} parts of {sizes} pictures that nothing joins: the mosaic is the largest; "
            "a picture that shows some of both would join them"
        )
    for picture in left_out[:20]:
        report.note(f"{picture.name} is not in the mosaic: {picture.reason}")
    if dropped:
        report.note(f"{dropped} pairs share a motif but are unlike otherwise or contradict the others, and were not used")
