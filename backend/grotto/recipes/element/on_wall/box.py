"""Where a picture lies on a finished wall's orthophoto: by a box, by the set that it was cut into, or by its size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ....contract import MALFORMED, ProblemError, Result, bad_input, parse_json, reason_of
from ....formats import is_regular, path_below
from ....photos import picture_size
from ...assets import LIST_FILE
from ..cut import four_numbers

Box = tuple[float, float, float, float]  # left, top, right, bottom

_SHAPE = 0.02  # by which the sides of box and picture may differ in proportion


@dataclass(frozen=True)
class WallFiles:
    """Files of a finished wall job; `preview_px` is the size of the orthophoto's preview."""

    height: Path
    height_told: Path
    orthophoto: Path
    orthophoto_told: Path
    preview_px: tuple[int, int]
    name: str


def wall_files(folder: Path) -> WallFiles:
    """The files of a finished wall job. Raises bad input for a folder that is none."""
    try:
        result = Result.read(folder)
        wanted = {kind: result.main(kind) for kind in ("height_map", "orthophoto", "orthophoto_preview")}
        paths = {kind: path_below(folder, asset.path) for kind, asset in wanted.items() if asset is not None}
        if result.recipe != "wall" or len(paths) < len(wanted) or not all(is_regular(path) for path in paths.values()):
            raise ValueError("no wall")
        height, orthophoto = paths["height_map"], paths["orthophoto"]
        return WallFiles(
            height,
            height.parent / "artefact.json",
            orthophoto,
            orthophoto.parent / "artefact.json",
            picture_size(paths["orthophoto_preview"]),
            folder.name,
        )
    except (OSError, ValueError, ProblemError) as error:
        raise bad_input(
            f"{folder} holds no finished wall",
            "name the folder that grotto run wall wrote",
            option="wall",
        ) from error


def list_beside(source: Path) -> Path | None:
    """The list of the set that a picture belongs to, as grotto cut writes it; None where it belongs to none."""
    listed = source.absolute().parent.parent / LIST_FILE
    return listed if listed.is_file() else None


def box_on_wall(
    size: tuple[int, int], name: str, wall: WallFiles, whole: tuple[int, int], listed: Path | None, words: str
) -> tuple[Box, str]:
    """The box of a picture of `size` px on an orthophoto of `whole` px, and how it was found.

    Raises bad input where its place is not known, not on the orthophoto, or of other proportions.
    """
    if words:
        return _checked(four_numbers(words, "place"), size, whole), "the option wall_box"
    box = None if listed is None else _listed_box(listed, name, wall, whole)
    if box is not None:
        return _checked(box, size, whole), "the set of elements that it was cut into"
    if size in (whole, wall.preview_px):
        return (0.0, 0.0, float(whole[0]), float(whole[1])), "its size, which is the orthophoto's"
    raise bad_input(
        f"the picture has {size[0]} x {size[1]} px and the wall's orthophoto {whole[0]} x {whole[1]}: its place on the wall is "
        "not known",
        "choose the orthophoto, an element that grotto cut made of it, or give its place with wall_box",
        option="wall_box",
    )


def _listed_box(listed: Path, name: str, wall: WallFiles, whole: tuple[int, int]) -> Box | None:
    """The box that a set's list has for a picture, on the orthophoto; None where the picture is not in the list."""
    try:
        data = parse_json(listed.read_bytes())
        size = int(data["width"]), int(data["height"])
        rows = {Path(str(row["picture"])).name: row for row in data["elements"]}
        row = rows.get(name)
        box = None if row is None else tuple(float(side) for side in row["box_px"])
    except (OSError, *MALFORMED) as error:
        raise bad_input(
            f"the list {listed} cannot be read ({reason_of(error)})", "cut the wall again, or give wall_box", option="wall_box"
        ) from error
    if box is None:
        return None
    if size not in (whole, wall.preview_px):
        raise bad_input(
            f"the element was cut out of a picture of {size[0]} x {size[1]} px, and the wall's orthophoto has "
            f"{whole[0]} x {whole[1]}",
            "cut this wall's orthophoto, or name the wall that it was cut from",
            option="wall",
        )
    across, down = whole[0] / size[0], whole[1] / size[1]
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def _checked(box: Box, size: tuple[int, int], whole: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    if not (0 <= left < right <= whole[0] and 0 <= top < bottom <= whole[1]):
        raise bad_input(
            f"the place {left:g},{top:g},{right:g},{bottom:g} is not on the orthophoto of {whole[0]} x {whole[1]} px",
            "give left,top,right,bottom in its pixels",
            option="wall_box",
        )
    shape = (right - left) / (bottom - top) * size[1] / size[0]
    if abs(shape - 1) > _SHAPE + 1 / min(size):
        raise bad_input(
            f"the picture has {size[0]} x {size[1]} px, and its place on the wall {right - left:g} x {bottom - top:g}: other "
            "proportions",
            "take the elements at full size (elements/, not elements_512/), or give its true place",
            option="wall_box",
        )
    return box
