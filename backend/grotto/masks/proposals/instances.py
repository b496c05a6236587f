"""Instances on a picture, each with its class, merged across overlapping tiles.

Equation 1 of paper 000 is resize, divide, segment: instances that the division cuts in two are joined here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..bounds import Box, box_slices, intersection, mask_bounds, moved_box
from ..hints import Hints

Colour = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_SAME_IN_ZONE = 0.5  # intersection over union, in what two tiles share, of two parts of one thing
_CUT_IN_ZONE = 0.7  # intersection over the smaller, where both are cut off by their tiles' borders
_IN_BOX = 0.5  # of an instance that must lie in a box of hints
_DUPLICATE = 0.6  # intersection over union from which two instances are one


@dataclass(frozen=True)
class Instance:
    """`box` on the picture; `mask` is True on the instance, in its box; `score` is 0 to 1."""

    box: Box
    mask: Mask
    label: str
    score: float

    @property
    def area_px(self) -> int:
        return int(self.mask.sum())


def instance_from_mask(mask: Mask, label: str, score: float) -> Instance | None:
    """The instance of a mask (h, w) of the whole picture; None where it is empty."""
    box = mask_bounds(mask)
    return None if box is None else Instance(box, mask[box_slices(box)].copy(), label, score)


def tiles_of(width: int, height: int, tile_px: int, overlap: float) -> list[Box]:
    """Boxes of at most `tile_px` a side that cover the picture and share at least `overlap` of it with their neighbours."""
    boxes = []
    for top, bottom in _spans(height, tile_px, overlap):
        boxes += [(left, top, right, bottom) for left, right in _spans(width, tile_px, overlap)]
    return boxes


def _spans(length: int, tile_px: int, overlap: float) -> list[tuple[int, int]]:
    if length <= tile_px:
        return [(0, length)]
    count = int(np.ceil((length - tile_px) / (tile_px * (1 - overlap)))) + 1
    starts = np.linspace(0, length - tile_px, count).round().astype(int)
    return [(int(start), int(start) + tile_px) for start in starts]


def find_in_tiles(
    width: int, height: int, find: Callable[[Box], Sequence[Instance]], tile_px: int, overlap: float
) -> list[Instance]:
    """The instances of a picture of `width` x `height`, found tile by tile and joined across the tiles' borders.

    find: gives the instances in a box of the picture, in pixels of the box.
    """
    tiles = tiles_of(width, height, tile_px, overlap)
    parts: list[tuple[Box, Instance]] = []
    for tile in tiles:
        for found in find(tile):
            parts.append((tile, replace(found, box=moved_box(found.box, tile[0], tile[1]))))
    return non_maximum_suppression(_joined(parts, width, height))


def _joined(parts: list[tuple[Box, Instance]], width: int, height: int) -> list[Instance]:
    group = list(range(len(parts)))

    def first(index: int) -> int:
        while group[index] != index:
            group[index] = group[group[index]]
            index = group[index]
        return index

    for one in range(len(parts)):
        for other in range(one):
            if parts[one][0] != parts[other][0] and _same(parts[one], parts[other], width, height):
                group[first(one)] = first(other)
    members: dict[int, list[Instance]] = {}
    for index, (_, instance) in enumerate(parts):
        members.setdefault(first(index), []).append(instance)
    return [union(instances) for instances in members.values()]


def union(instances: Sequence[Instance]) -> Instance:
    """The union of several instances; the class with the largest area times score, and its mean score by area."""
    if len(instances) == 1:
        return instances[0]
    boxes = np.array([instance.box for instance in instances])
    left, top = (int(side) for side in boxes[:, :2].min(axis=0))
    right, bottom = (int(side) for side in boxes[:, 2:].max(axis=0))
    mask = np.zeros((bottom - top, right - left), dtype=bool)
    votes: dict[str, float] = {}
    for instance in instances:
        x, y = instance.box[0] - left, instance.box[1] - top
        mask[y : y + instance.mask.shape[0], x : x + instance.mask.shape[1]] |= instance.mask
        votes[instance.label] = votes.get(instance.label, 0.0) + instance.score * instance.area_px
    total = sum(instance.area_px for instance in instances)
    label = max(sorted(votes), key=lambda name: votes[name])
    return Instance((left, top, right, bottom), mask, label, votes[label] / max(1, total))


def _same(one: tuple[Box, Instance], other: tuple[Box, Instance], width: int, height: int) -> bool:
    zone = intersection(one[0], other[0])
    if zone is None or intersection(one[1].box, other[1].box) is None:
        return False
    first, second = (mask_over_box(instance, zone) for instance in (one[1], other[1]))
    shared, either, smaller = _overlap(first, second)
    if not shared:
        return False
    cut = all(_is_cut(tile, instance.box, width, height) for tile, instance in (one, other))
    return shared >= _SAME_IN_ZONE * either or (cut and shared >= _CUT_IN_ZONE * smaller)


def _overlap(first: Mask, second: Mask) -> tuple[int, int, int]:
    shared, sizes = int((first & second).sum()), (int(first.sum()), int(second.sum()))
    return shared, sum(sizes) - shared, min(sizes)


def _is_cut(tile: Box, box: Box, width: int, height: int) -> bool:
    """Whether a box touches a border of its tile that is not the picture's."""
    ends = (0, 0, width, height)
    return any(box[side] == tile[side] and tile[side] != ends[side] for side in range(4))


def mask_over_box(instance: Instance, box: Box) -> Mask:
    """The instance's mask over another box of the same picture."""
    left, top, right, bottom = box
    mask = np.zeros((bottom - top, right - left), dtype=bool)
    shared = intersection(instance.box, box)
    if shared is not None:
        x, y = instance.box[:2]
        mask[shared[1] - top : shared[3] - top, shared[0] - left : shared[2] - left] = instance.mask[
            shared[1] - y : shared[3] - y, shared[0] - x : shared[2] - x
        ]
    return mask


def non_maximum_suppression(instances: Sequence[Instance]) -> list[Instance]:
    """The instances without duplicates, the largest first; of duplicates the one with the higher score stays."""
    kept: list[Instance] = []
    for instance in sorted(instances, key=lambda found: (-found.score, -found.area_px, found.box)):
        if not any(_is_duplicate(instance, other) for other in kept):
            kept.append(instance)
    return sorted(kept, key=lambda found: (-found.area_px, found.box))


def _is_duplicate(one: Instance, other: Instance) -> bool:
    zone = intersection(one.box, other.box)
    if zone is None:
        return False
    shared = int((mask_over_box(one, zone) & mask_over_box(other, zone)).sum())
    return shared >= _DUPLICATE * (one.area_px + other.area_px - shared)


def hinted(instances: Sequence[Instance], hints: Hints) -> list[Instance]:
    """The instances that a stroke on the subject touches or the box holds at least half of; all where there is no hint."""
    return [instance for instance in instances if _is_hinted(instance, hints)]


def _is_hinted(instance: Instance, hints: Hints) -> bool:
    if hints.subject is not None and (hints.subject[box_slices(instance.box)] & instance.mask).any():
        return True
    if hints.box is None:
        return hints.subject is None
    left, top, right, bottom = (round(side) for side in hints.box)
    return int(mask_over_box(instance, (left, top, right, bottom)).sum()) >= _IN_BOX * instance.area_px


def mask_of_all(instances: Sequence[Instance], width: int, height: int) -> Mask:
    """(height, width) the union of the instances' masks."""
    return np.logical_or.reduce([mask_over_box(instance, (0, 0, width, height)) for instance in instances])
