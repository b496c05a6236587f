"""The recipes offered in Blender: panels, settings, operators and commands are made from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..backend.grotto.contract.recipes import (
    ELEMENT_QUALITIES,
    SCAN_QUALITIES,
    WALL_QUALITIES,
    ElementOptions,
    ScanOptions,
    WallOptions,
)

VIDEO_SUFFIXES = (
    ".mp4",
    ".mov",
    ".m4v",
    ".avi",
    ".mkv",
    ".webm",
    ".mpg",
    ".mpeg",
    ".mts",
    ".m2ts",
    ".3gp",
    ".wmv",
)

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif")


@dataclass(frozen=True)
class RecipeEntry:
    """A recipe as the user sees it."""

    name: str  # in the backend: "wall"; also of the settings, and in the operator's name grotto.create_wall
    label: str
    makes: str  # one sentence without a full stop
    options: type[Any]
    qualities: Mapping[str, Any]  # options by name of the quality
    always_shown: tuple[str, ...]  # options shown above the details
    source_label: str
    source_text: str
    source_missing: str  # shown where no source is chosen
    source_suffixes: tuple[str, ...] = ()  # of files that are accepted instead of a folder
    takes_folders: bool = True
    budgets: tuple[int, ...] = ()  # numbers of faces to choose from

    @property
    def source_subtype(self) -> Literal["DIR_PATH", "FILE_PATH"]:
        """The kind of path that Blender's file browser offers."""
        return "DIR_PATH" if self.takes_folders else "FILE_PATH"

    @property
    def operator(self) -> str:
        return f"grotto.create_{self.name}"


WALL = RecipeEntry(
    name="wall",
    label="Wall",
    makes="Make cameras, an orthophoto and a textured mesh from a folder of photos of a wall",
    options=WallOptions,
    qualities=WALL_QUALITIES,
    always_shown=("camera_distance_m",),
    source_label="Photos",
    source_text="Folder of photos of one wall, relief or facade",
    source_missing="Choose a folder of photos first",
)
SCAN = RecipeEntry(
    name="scan",
    label="Scan",
    makes="Make cameras, a textured mesh and splats from photos or a video of an object or a room",
    options=ScanOptions,
    qualities=SCAN_QUALITIES,
    always_shown=("via",),
    source_label="Photos",
    source_text="Folder of photos all around an object or a room, or a video, or a transforms.json with known cameras",
    source_missing="Choose photos or a video first",
    source_suffixes=(".json", *VIDEO_SUFFIXES),
)
ELEMENT = RecipeEntry(
    name="element",
    label="Element",
    makes="Make a light, textured model from one picture of one painted figure",
    options=ElementOptions,
    qualities=ELEMENT_QUALITIES,
    always_shown=("route", "shape", "height_m"),
    source_label="Picture",
    source_text="Picture of one painted figure, plain background or alpha. For several figures, find the elements first",
    source_missing="Choose a picture first",
    source_suffixes=PICTURE_SUFFIXES,
    takes_folders=False,
    budgets=(700, 5_000, 20_000, 100_000),
)
RECIPES: dict[str, RecipeEntry] = {recipe.name: recipe for recipe in (WALL, SCAN, ELEMENT)}
FINDS = "cut"  # the recipe that finds elements: its result is a list, not a model
