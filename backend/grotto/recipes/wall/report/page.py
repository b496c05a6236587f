"""The page itself: one file without anything from outside, for screens light and dark, phones and paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ....contract import leaves
from ....sfm.cameras import CameraGroup
from .camera_plates import cameras_plate, links_plate
from .lens_plates import flatness_plate, focal_plate, residuals_plate
from .map_plates import coverage_plate, orthophoto_plate, relief_plate, relief_range
from .measures import profiles
from .units import Units, count, digits, duration
from .verdict import headline, statements
from .wall_report import WallReport

REPORT_FILE = "report.html"
_KINDS = {
    "mesh": "Textured mesh, GLB",
    "orthophoto": "Orthophoto, GeoTIFF",
    "orthophoto_preview": "Orthophoto, PNG",
    "height_map": "Height map, TIFF",
    "point_cloud": "Point cloud, PLY",
    "cameras": "Cameras, transforms.json",
    "photos": "Photos without distortion",
    "colmap_model": "COLMAP model",
}


@dataclass(frozen=True)
class Plate:
    title: str
    caption: str
    picture: str  # data address
    fine: bool  # has small letters: kept legible on a phone


@dataclass(frozen=True)
class Row:
    name: str
    value: str
    note: str = ""
    share: float = 0.0  # of the longest, for bars
    marked: bool = False


def write_report(data: WallReport, folder: Path) -> Path:
    """Write `report.html` into the folder and give its path. Raises OSError where it cannot be written."""
    units = Units(data.metric)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(
        report=data,
        headline=headline(data),
        statements=statements(data),
        figures=key_figures(data, units),
        plates=[(_roman(number), plate) for number, plate in enumerate(_plates(data, units), 1)],
        tables=[(title, rows) for title, rows in _tables(data) if rows],
        files=[(quote(path), path, _KINDS.get(what, what)) for path, what in data.files],
    )
    path = folder / REPORT_FILE
    path.write_text(page, encoding="utf-8")
    return path


def key_figures(data: WallReport, units: Units) -> list[tuple[str, str]]:
    """The few numbers that everybody asks for: (number, what it is)."""
    figures = [(f"{data.registered_photos} of {data.used_photos}", "photos placed")]
    if data.orthophoto is not None:
        size = f"{digits(data.orthophoto.width)} × {digits(data.orthophoto.height)} m"
        figures.append((size, "wide and high") if data.metric else ("arbitrary", "scale"))
    if data.pixel:
        per_pixel = f"{digits(1000 * data.pixel)} {units.height}"
        figures.append((per_pixel, "a pixel of the orthophoto" if data.metric else "of the camera distance a pixel"))
    if data.heights is not None:
        figures.append((f"±{units.relief(relief_range(data.heights.values))}", "relief, but for 2 %"))
    if data.groups:
        main = max(data.groups, key=lambda group: group.photos)
        figures.append((f"{digits(main.focal_px, 4)} px", "focal length"))
    if data.faces:
        figures.append((digits(data.faces), "faces of the mesh"))
    return figures


def _plates(data: WallReport, units: Units) -> Iterator[Plate]:
    if data.orthophoto is not None:
        across, down = data.orthophoto_size
        size = f"{across:,} × {down:,} pixels".replace(",", "\u202f")
        caption = (
            f"The wall as seen from infinitely far in front, all photos evened out and joined: {size}, "
            f"{digits(100 * data.seen_fraction)} % of the frame is filled. Hatched parts were not seen well enough to be shown."
        )
        yield Plate("Orthophoto", caption, orthophoto_plate(data.orthophoto, units), False)
    if data.heights is not None:
        caption = (
            f"Height over the wall's plane in {units.height_in_words}: red stands out towards the viewer, blue lies back. "
            "Light falls from the upper left, and slopes are exaggerated to make faint relief visible."
        )
        yield Plate("Relief", caption, relief_plate(data.heights, units), False)
    if data.heights is not None and min(data.heights.values.shape) > 1:
        caption = (
            "Median height (line) and the middle 80 % (band), each with the other direction's curve taken out. "
            "The dashed curve is the wall's bow. One that spans just the length of the capture may come from the lens."
        )
        yield Plate("Flatness", caption, flatness_plate(*profiles(data.heights.values, data.heights.extent), units), True)
    if data.cameras is not None and data.points is not None and len(data.cameras.names) and len(data.points):
        caption = (
            f"{count(len(data.cameras.names), 'camera')} and {count(len(data.points), 'point')} of the wall, "
            f"{units.length(data.camera_distance)} apart in the median."
            if data.metric
            else f"{count(len(data.cameras.names), 'camera')} and {count(len(data.points), 'point')} of the wall."
        )
        yield Plate("Cameras", caption, cameras_plate(data.cameras, data.points, data.point_colours, units), True)
    if data.photos_per_place is not None:
        caption = (
            "How many photos see each place. Relief needs two and is firm from three; below, the part of the wall in each shade."
        )
        yield Plate("Coverage", caption, coverage_plate(data.photos_per_place, units), True)
    if data.cameras is not None and data.links is not None and len(data.links.pairs):
        caption = (
            "Photos joined by verified matches, at their cameras' places. Where only pale lines join two parts, "
            "the parts may lie askew to each other: take more photos there."
        )
        yield Plate("Links", caption, links_plate(data.cameras, data.links), True)
    if data.residuals is not None and len(data.residuals.places_px):
        caption = (
            "Left: distances between points as seen and as computed. Right: their mean in each part of the photo. "
            "Red arrows that run in rings or stars show distortion that the lens model leaves over."
        )
        yield Plate("Residuals", caption, residuals_plate(data.residuals), True)
    if data.groups:
        caption = (
            "Each camera's focal length, and the interval in which it lies with 95 % confidence. Hatched: the photos do not tell."
        )
        yield Plate("Focal length", caption, focal_plate(data.groups), True)


def _tables(data: WallReport) -> Iterator[tuple[str, list[Row]]]:
    yield "Files left out", [Row(file.name, file.reason) for file in data.skipped]
    yield "Photos with doubts", [Row(file.name, file.reason) for file in data.warnings]
    yield "Remarks on the way", [Row("", note) for note in data.notes]
    yield "Cameras", [Row(group.name, _camera(group)) for group in data.groups]
    yield "Options", list(_options(data.options)) if data.options is not None else []
    longest = max(data.timings.values(), default=1.0) or 1.0
    times = [Row(stage, duration(seconds), share=seconds / longest) for stage, seconds in data.timings.items()]
    if times:
        total = Row("all together", duration(sum(data.timings.values())))
        peak = [Row("most memory", f"{data.peak_memory_mb:,.0f} MB".replace(",", "\u202f"))] if data.peak_memory_mb else []
        times += [total, *peak]
    yield "Time", times
    yield "Engines", [Row(part, name) for part, name in data.engines.items()]
    yield "Versions", [Row(part, version) for part, version in data.versions.items()]


def _camera(group: CameraGroup) -> str:
    radial = f"{group.radial:+.4f}".replace("-", "−")
    return f"{count(group.photos, 'photo')}, f {digits(group.focal_px, 4)} px ({group.focal_from}), radial distortion {radial}"


def _options(options: Any) -> Iterator[Row]:
    """Every option with its unit, those changed from their defaults marked."""
    for leaf in leaves(type(options)):
        value = getattr(getattr(options, leaf.group) if leaf.group else options, leaf.name)
        unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, float | int):
            text = f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else f"{value:g}"
        else:
            text = str(value) or "–"
        label = str(leaf.metadata.get("title", leaf.name))
        yield Row(label, f"{text} {unit}".strip(), note=leaf.name, marked=value != leaf.default)


def _roman(number: int) -> str:
    signs = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, sign in signs:
        text += sign * (number // value)
        number %= value
    return text
