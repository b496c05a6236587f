"""The focal length of each lens from a block of its photos, before all photos are mapped.

Mapping with free intrinsics moves along the valley of a flat wall at every adjustment, and each has to bring all photos along.
With the focal length and distortion of a block held, mapping takes a fraction of the time; the last adjustment frees them.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Part, Progress
from ...contract.options import CameraOptions
from ..features import database_name
from ..lenses import Bundle, FocalCurve, Whole, enumerate_focal, free_each, is_strained, read_bundle, stretched
from .block import LEAST, choose_block
from .incremental import map_photos
from .lens import Lens

OBSERVATIONS = 4000  # of a block: the place of the valley needs no more
LARGE = 40  # photos from which a block costs less than it saves
CERTAIN = 0.02  # standard error of log focal length up to which it is held while mapping


def find_focals(
    database: Path, lenses: Sequence[Lens], labels: Whole, options: CameraOptions, report: Progress
) -> tuple[tuple[Lens, ...], bool]:
    """The lenses with focal length and distortion of a block each, and whether all are known well enough to be held.

    Not known are lenses of few photos, of photos that do not hang together, and those whose photos do not agree on one focal
    length; in a small set none is known, as mapping it is quick. labels (n,): each photo's lens.
    """
    if len(labels) < LARGE:
        return tuple(lenses), False
    found = []
    for label, lens in enumerate(lenses):
        part = Part(report, label / len(lenses), (label + 1) / len(lenses))
        members = np.flatnonzero(labels == label).tolist()
        block = choose_block(database, members)
        curve = _curve_of_block(database, block, lens, options, part) if block else None
        if curve is None or curve.standard_error > CERTAIN:
            return tuple(lenses), False
        radial = float(curve.solved.bundle.radial[0])
        found.append(dataclasses.replace(lens, focal_px=curve.best_px, radial=radial, found=True))
    return tuple(found), True


def _curve_of_block(
    database: Path, block: Sequence[int], lens: Lens, options: CameraOptions, report: Progress
) -> FocalCurve | None:
    """The costs of focal lengths for a block of photos; None where it does not hang together or has no one focal length."""
    folder = database.with_name("block")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = [database_name(position + 1) for position in block]
    models = map_photos(database, len(block), False, True, options, folder, Part(report, 0.0, 0.7), names)
    shutil.rmtree(folder)
    if not models or models[0].num_reg_images() < LEAST:
        return None
    report(0.7, "trying focal lengths")
    curve = enumerate_focal(read_bundle(models[0], most_observations=OBSERVATIONS), known=lens.source != "guessed")
    if curve is None:
        return None
    freed = free_each(curve.solved)
    return None if freed is None or is_strained(curve.solved, freed) else curve


def from_enumerated(model: pycolmap.Reconstruction, lenses: Sequence[Lens]) -> Bundle:
    """A model with one lens as a bundle at the focal length of least cost; as it is where the enumeration fails."""
    whole = read_bundle(model)
    lens = lenses[int(whole.lens_ids[0]) - 1]
    curve = enumerate_focal(read_bundle(model, most_observations=OBSERVATIONS), known=lens.source != "guessed")
    if curve is None:
        return whole
    return dataclasses.replace(
        stretched(whole, float(curve.solved.bundle.log_focal[0])), radial=curve.solved.bundle.radial.copy()
    )
