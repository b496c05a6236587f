"""Which photos share a lens: groups by size and EXIF, split where the photos themselves tell several lenses apart.

A forgotten zoom or a phone's second lens gives photos of one size without a word about the lens. One shared lens then ends in
a model that looks perfect and is false. So two questions are asked of every group. Before mapping: do the photos show the wall
at scales with a clear gap between them? After it: does a photo's own focal length differ from the others' for certain? A
split stands only where a model with several lenses tells their focal lengths apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Part, Progress
from ...contract.options import CameraOptions
from ...photos import PhotoSet
from ..features import GUESSED_FOCAL
from ..lenses import (
    LEAST_RATIO,
    Solved,
    Whole,
    free_each,
    is_strained,
    merge_alike,
    read_bundle,
    regroup,
    solve,
    split_by_gaps,
    split_lens,
    write_bundle,
)
from ..pairs import photo_scales
from .focal_search import find_focals, from_enumerated
from .incremental import ROUNDS, adjust, drop_outliers, map_photos
from .lens import Lens
from .observations import refine_observations
from .patch_aligner import PatchAligner

LEAST_RATIO_OF_KNOWN = 1.05  # between photos whose EXIF tells one focal length: cropped and enlarged, not focused


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """Models found with one sharing of lenses."""

    lenses: tuple[Lens, ...]
    lens: Whole  # (n,) of each photo
    models: tuple[pycolmap.Reconstruction, ...]  # most photos first; empty where none was found
    solved: Solved | None  # the first model at its least cost; None where it is not determined, or the focal length is held
    focal_search: str = "held"  # "block", "all", "free" or "held": see `Reconstruction`
    unfit: tuple[str, ...] = ()  # groups whose photos' own focal lengths differ for certain though they share a lens

    def row(self, lens: int) -> int | None:
        """The row of a lens in the solved bundle; None where it has none there."""
        if self.solved is None:
            return None
        rows = np.flatnonzero(self.solved.bundle.lens_ids == lens + 1)
        return int(rows[0]) if len(rows) else None


class LensSearch:
    """Maps a set of photos with one sharing of lenses after another."""

    def __init__(
        self, photos: PhotoSet, matches: Path, observable: bool, options: CameraOptions, folder: Path, aligner: PatchAligner
    ) -> None:
        self.aligner = aligner
        self.photos, self.matches, self.options, self.folder = photos, matches, options, folder
        self.observable = observable
        self.hold = options.hold_focal or not observable
        names = [photo.group for photo in photos.photos]
        self.groups = sorted(set(names), key=names.index)
        self.group = np.array([self.groups.index(name) for name in names], np.int64)

    def run(self, report: Progress) -> Mapped:
        """The model whose sharing of lenses the photos bear out."""
        searched = self.options.tell_lenses_apart and not self.hold
        scales = photo_scales(self.matches, self.photos) if searched else np.zeros(len(self.group))
        labels = self._by_scale(scales) if searched else self.group
        mapped = self.map(labels, scales, Part(report, 0.0, 0.5 if searched else 1.0))
        if not searched or mapped.solved is None:
            return mapped
        mapped = self._merged(mapped, scales, Part(report, 0.5, 0.7))
        splits, strained = self._splits(mapped)
        if splits:
            labels, first_guess = self._split_labels(mapped, splits)
            again = self._merged(self.map(labels, first_guess, Part(report, 0.7, 0.9)), first_guess, Part(report, 0.9, 1.0))
            if len(again.lenses) > len(mapped.lenses) and _placed(again) >= _placed(mapped):
                mapped = again
                splits, strained = self._splits(again)
        unfit = {mapped.lenses[index].group for index in splits} | (set(self.groups) if strained else set())
        return dataclasses.replace(mapped, unfit=tuple(sorted(unfit)))

    def map(self, labels: Whole, scales: np.ndarray, report: Progress) -> Mapped:
        """Map with these lenses, sharpen the observations, adjust. scales (n,): log scales of the photos, for first guesses."""
        lenses = self._lenses(labels, scales)
        database = self.folder / "mapping.db"
        regroup(self.matches, database, [lens.camera() for lens in lenses], labels.tolist())
        count = len(self.photos.photos)
        known, way = False, "held" if self.hold else "free"
        if not self.hold and self.options.focal_search == "enumerated":
            lenses, known = find_focals(database, lenses, labels, self.options, Part(report, 0.0, 0.1))
            way = "block" if known else "all"
            if known:
                regroup(self.matches, database, [lens.camera() for lens in lenses], labels.tolist())
        hold, bends = self.hold or known, self.observable and not known
        models = map_photos(database, count, hold, bends, self.options, self.folder, Part(report, 0.1, 0.5))
        database.unlink()
        if not models:
            return Mapped(lenses=lenses, lens=labels, models=(), solved=None, focal_search=way)
        if self.options.sharpen_points:
            aligned = refine_observations(models[0], self.photos, self.aligner, Part(report, 0.5, 0.7))
            report(0.7, f"{aligned:.0%} of the observations sharpened")
        if self.hold:
            adjust(models[0], self.hold, self.observable, Part(report, 0.7, 1.0))
            return Mapped(lenses=lenses, lens=labels, models=tuple(models), solved=None)
        adjust(models[0], self.hold, self.observable, Part(report, 0.7, 0.8), ROUNDS[:1])
        if way == "all" and len(models[0].cameras) > 1:
            way = "free"
        solved = self._settled(models[0], lenses, way == "all", Part(report, 0.8, 1.0))
        return Mapped(lenses=lenses, lens=labels, models=tuple(models), solved=solved, focal_search=way)

    def _settled(
        self, model: pycolmap.Reconstruction, lenses: Sequence[Lens], enumerated: bool, report: Progress
    ) -> Solved | None:
        """Take the model to the bottom of the valley: pycolmap's rounds creep along it, and end up to 1 % off in focal length.

        enumerated: look for the valley first. Once the lenses are known, the cameras and points are adjusted to them, which takes
        few iterations.
        """
        start = from_enumerated(model, lenses) if enumerated else read_bundle(model)
        solved = solve(start)
        if solved is None:
            adjust(model, self.hold, self.observable, report, ROUNDS[1:])
            return None
        if not write_bundle(solved.bundle, model):
            adjust(model, hold=True, observable=False, report=report, rounds=ROUNDS[1:])
            return solved
        drop_outliers(model)
        settled = solve(read_bundle(model))
        if settled is not None:
            write_bundle(settled.bundle, model)
        return settled

    def _by_scale(self, scales: np.ndarray) -> Whole:
        labels = np.zeros(len(self.group), np.int64)
        count = 0
        for index in range(len(self.groups)):
            members = np.flatnonzero(self.group == index)
            parts = split_by_gaps(scales[members]) if self._unknown(members) else np.zeros(len(members), np.int64)
            labels[members] = count + parts
            count += int(parts.max()) + 1
        return labels

    def _unknown(self, members: Whole) -> bool:
        return self.photos.photos[int(members[0])].focal_px <= 0

    def _merged(self, mapped: Mapped, scales: np.ndarray, report: Progress) -> Mapped:
        """The same where every lens differs from every other of its group, else mapped anew with those joined that do not."""
        if mapped.solved is None or len(mapped.lenses) == len(self.groups):
            return mapped
        labels = mapped.lens.copy()
        for name in self.groups:
            rows = {index: mapped.row(index) for index, lens in enumerate(mapped.lenses) if lens.group == name}
            known = {index: row for index, row in rows.items() if row is not None}
            joined = merge_alike(mapped.solved, np.array(list(known.values()), np.int64))
            for index, part in zip(known, joined, strict=True):
                labels[mapped.lens == index] = list(known)[int(np.flatnonzero(joined == part)[0])]
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        if labels.max() + 1 == len(mapped.lenses):
            return mapped
        return self.map(labels, scales, report)

    def _split_labels(self, mapped: Mapped, splits: dict[int, tuple[Whole, Whole, float]]) -> tuple[Whole, np.ndarray]:
        """Labels with these lenses split, and log focal lengths (n,) to begin with."""
        labels, scales = mapped.lens.copy(), np.zeros(len(mapped.lens))
        for number, (low, high, ratio) in enumerate(splits.values()):
            labels[high] = len(mapped.lenses) + number
            scales[high], scales[low] = ratio / 2, -ratio / 2
        return np.unique(labels, return_inverse=True)[1].astype(np.int64), scales

    def _splits(self, mapped: Mapped) -> tuple[dict[int, tuple[Whole, Whole, float]], bool]:
        """By lens, two groups of its photos and the log ratio of their focal lengths; whether all lenses together fit badly."""
        freed = free_each(mapped.solved) if mapped.solved is not None else None
        if mapped.solved is None or freed is None:
            return {}, False
        found: dict[int, tuple[Whole, Whole, float]] = {}
        photo = freed.bundle.image_ids - 1
        for index, lens in enumerate(mapped.lenses):
            members = np.flatnonzero(mapped.lens[photo] == index)
            least = LEAST_RATIO_OF_KNOWN if lens.source == "EXIF" else LEAST_RATIO
            split = split_lens(freed, members, least)
            if split is not None:
                low, high = split
                ratio = float(freed.bundle.log_focal[high].mean() - freed.bundle.log_focal[low].mean())
                found[index] = photo[low], photo[high], ratio
        return found, is_strained(mapped.solved, freed)

    def _lenses(self, labels: Whole, scales: np.ndarray) -> tuple[Lens, ...]:
        """Each label's lens; the focal lengths of one group begin apart as their photos' scales are, about what is known."""
        lenses = []
        for label in range(int(labels.max()) + 1):
            members = np.flatnonzero(labels == label)
            photo = self.photos.photos[int(members[0])]
            alike = np.flatnonzero(self.group == self.group[members[0]])
            focal, source = _known_focal(photo.focal_px, max(photo.width, photo.height), self.options)
            ratio = _mean(scales[members]) - _mean(scales[alike]) if len(members) < len(alike) else 0.0
            lenses.append(
                Lens(group=photo.group, width=photo.width, height=photo.height, focal_px=focal * np.exp(ratio), source=source)
            )
        return tuple(lenses)


def _known_focal(exif_px: float, longer_px: int, options: CameraOptions) -> tuple[float, str]:
    if options.focal_px > 0:
        return options.focal_px, "given"
    return (exif_px, "EXIF") if exif_px > 0 else (GUESSED_FOCAL * longer_px, "guessed")


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


def _placed(mapped: Mapped) -> int:
    return mapped.models[0].num_reg_images() if mapped.models else 0
