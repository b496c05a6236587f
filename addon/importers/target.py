"""The place in the scene that an import fills: the job folder it reads, the collection and the root it adds objects to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Object
from numpy.typing import NDArray

from ...backend.grotto.contract import Result
from .builders.materials import GREY, Colour
from .job_files import file_of_job
from .parts import PART, ResultPart

OUTLIERS_PERCENT = 1.0  # at each end: stray points lie far from the subject
SAMPLE = 50_000  # positions that are measured


@dataclass
class ImportTarget:
    """A job folder with its result, and the collection and root empty that its objects go under."""

    folder: Path
    result: Result
    name: str
    collection: Collection
    root: Object
    middle: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))  # (3,) of the first import: where cameras look
    longest_side: float = 0.0  # of the box around the first import
    colour: Colour = GREY  # mean of the latest texture

    def path(self, relative: str) -> Path:
        """Return the path of a file in the job folder. Raises ProblemError where it is missing or elsewhere."""
        return file_of_job(self.folder, relative)

    def add(self, item: Object, collection: Collection) -> Object:
        """Link an object into a collection, below the root."""
        if item.name not in collection.objects:
            collection.objects.link(item)
        item.parent = self.root
        return item

    def new_collection(self, suffix: str) -> Collection:
        """Make a collection inside the result's collection."""
        collection = bpy.data.collections.new(f"{self.name} {suffix}")
        self.collection.children.link(collection)
        return collection

    def new_part_collection(self, part: ResultPart) -> Collection:
        """Make a collection that is shown and hidden with its part."""
        collection: Any = self.new_collection(part.label)
        collection[PART] = part.path
        return collection

    def measure(self, positions: NDArray[np.float32]) -> None:
        """Take middle and longest side from the first (n, 3) positions, without the hundredth that lies farthest out."""
        if len(positions) and not self.longest_side:
            sample = positions[:: 1 + len(positions) // SAMPLE]
            low, middle, high = np.percentile(sample, [OUTLIERS_PERCENT, 50.0, 100.0 - OUTLIERS_PERCENT], axis=0)
            self.middle, self.longest_side = middle, float((high - low).max())
