"""What the report says first: what can be relied on, what cannot, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ....sfm.cameras import CameraGroup
from .measures import profiles
from .units import Units, count, digits
from .wall_report import WallReport

Weight = Literal["sound", "doubt", "fault", "remark"]
_NAMED_AT_MOST = 6
_NARROW = 0.02  # a focal interval wider than this part of the focal length is worth a doubt


@dataclass(frozen=True)
class Statement:
    weight: Weight
    subject: str
    text: str


def headline(report: WallReport) -> str:
    """One sentence."""
    missing = report.used_photos - report.registered_photos
    if report.models_found > 1:
        start = f"The photos fall into {report.models_found} parts, and this is the largest of them"
    elif missing:
        start = f"The wall stands, without {count(missing, 'photo')} that found no place"
    else:
        start = "All photos form one wall"
    scale = "in true measure" if report.metric else "in proportion, its true size unknown"
    return f"{start}, {scale}."


def statements(report: WallReport) -> list[Statement]:
    """The findings, most important first."""
    units = Units(report.metric)
    return [
        _photos(report),
        _scale(report),
        *(_focal(group, units) for group in report.groups),
        *_flatness(report, units),
        _reprojection(report),
        *_coverage(report),
        *_left_out(report),
    ]


def _photos(report: WallReport) -> Statement:
    if report.registered_photos == report.used_photos and report.models_found <= 1:
        text = f"All {count(report.used_photos, 'photo')} found their place in one model."
        return Statement("sound", "Photos", text)
    text = f"{report.registered_photos} of {count(report.used_photos, 'photo')} found their place in this model"
    text += f"; not {_listed(report.unregistered)}." if report.unregistered else "."
    if report.models_found > 1:
        text += f" The photos fell apart into {report.models_found} models, and only the largest is shown."
    if report.weakest_link:
        text += f" {report.weakest_link[:1].upper()}{report.weakest_link[1:].rstrip('.')}."
    half = report.registered_photos < 0.5 * report.used_photos or report.models_found > 1
    return Statement("fault" if half else "doubt", "Photos", text)


def _scale(report: WallReport) -> Statement:
    if report.metric:
        return Statement("sound", "Scale", f"Metric: every length is in metres, from {report.scale_from}.")
    text = (
        "Arbitrary: no length on the wall was given, so sizes are told in camera distances (the usual way from camera to wall) "
        "and nothing here is in metres. A known length or camera distance makes it metric."
    )
    return Statement("doubt", "Scale", text)


def _focal(group: CameraGroup, units: Units) -> Statement:
    subject = "Focal length"
    low, high = group.focal_interval_px
    if high > low > 0:
        share = (high - low) / 2 / group.focal_px
        text = (
            f"{digits(group.focal_px, 4)} px, found from the photos; 95 % between {digits(low, 4)} and {digits(high, 4)} px. "
            f"Relief and camera distance are uncertain by the same part, ±{digits(100 * share, 2)} %."
        )
        return Statement("sound" if share < _NARROW else "doubt", subject, text)
    if group.focal_from == "given":
        return Statement("remark", subject, f"{digits(group.focal_px, 4)} px, as given; it was not measured again.")
    source = "a guess" if group.focal_from == "guessed" else f"taken from {group.focal_from}"
    text = (
        f"{digits(group.focal_px, 4)} px is {source}: these photos do not show it, as happens when a flat wall is taken head-on. "
        "The picture plane is right all the same; depths, and so the relief, may be stretched as a whole."
    )
    return Statement("doubt", subject, text)


def _flatness(report: WallReport, units: Units) -> list[Statement]:
    text = f"The points lie {units.relief(1000 * report.plane_rms)} (RMS) about the wall's plane."
    if report.heights is not None:
        bows = [("along", profiles(report.heights.values, report.heights.extent)[0])]
        bows.append(("up", profiles(report.heights.values, report.heights.extent)[1]))
        told = [f"{units.bow(line.bow)} {way} it over {units.length(line.length)}" for way, line in bows if np.isfinite(line.bow)]
        if told:
            text += f" The wall shows a {' and a '.join(told)}."
    text += (
        " A lens not wholly corrected bends a flat wall in just this way, and photos alone cannot tell it from a wall that is "
        "bent: hold a straightedge or a known point against it where it matters."
    )
    return [Statement("remark", "Flatness", text)]


def _reprojection(report: WallReport) -> Statement:
    text = (
        f"The points are met in the photos to {digits(report.reprojection_px, 2)} px on average. "
        "A small reprojection error is no proof of flatness: a wall bent by centimetres can have the same."
    )
    return Statement("remark", "Residuals", text)


def _coverage(report: WallReport) -> list[Statement]:
    if report.photos_per_place is None:
        return []
    seen = report.photos_per_place.values[report.photos_per_place.values > 0]
    if not seen.size:
        return []
    single = float((seen == 1).mean())
    text = f"{digits(100 * single, 2)} % of what is seen lies in one photo only: there the relief is carried over from beside it."
    return [Statement("doubt" if single > 0.25 else "sound", "Coverage", text)]


def _left_out(report: WallReport) -> list[Statement]:
    found = []
    if report.skipped:
        names = _listed(tuple(file.name for file in report.skipped))
        found.append(
            Statement("doubt", "Left out", f"{count(len(report.skipped), 'file')} could not be used: {names}. Reasons are below.")
        )
    if report.warnings:
        names = _listed(tuple(file.name for file in report.warnings))
        found.append(Statement("doubt", "Doubtful", f"{count(len(report.warnings), 'photo')} used with doubts: {names}."))
    return found


def _listed(names: tuple[str, ...]) -> str:
    shown = list(names[:_NAMED_AT_MOST])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
