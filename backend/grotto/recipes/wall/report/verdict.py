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
    if report.no_wall:
        return "These photos do not seem to show a wall: look twice before using this, and try the recipe scan."
    missing = report.used_photos - report.registered_photos
    if report.models_found > 1:
        start = f"The photos fall into {report.models_found} parts, and this is the largest of them"
    elif missing:
        start = f"The wall stands, without {count(missing, 'photo')} that found no place"
    else:
        start = "All photos form one wall"
    return f"{start}, {_measure(report)}."


def _measure(report: WallReport) -> str:
    """How far lengths can be trusted; true measure needs a scale and a focal length that both are known."""
    if not report.metric:
        return "in proportion, its true size unknown"
    if report.focal_uncertainty <= _NARROW:
        return "in true measure"
    if report.scale_uncertainty:
        return f"in metres to within {digits(100 * report.scale_uncertainty, 1)} %"
    return "in metres along the wall, its relief uncertain"


def statements(report: WallReport) -> list[Statement]:
    """The findings, most important first."""
    units = Units(report.metric)
    return [
        *([Statement("fault", "Wall", f"{report.no_wall[:1].upper()}{report.no_wall[1:]}.")] if report.no_wall else []),
        _photos(report),
        _scale(report),
        *_lenses(report),
        *(_focal(group) for group in report.groups),
        _placing(report),
        *_flatness(report, units),
        _reprojection(report),
        *_coverage(report),
        *_upright(report),
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
        text = f"Metric: every length is in metres, from {report.scale_from}."
        if report.focal_uncertainty <= _NARROW:
            return Statement("sound", "Scale", text)
        if report.scale_uncertainty:
            part = digits(100 * report.scale_uncertainty, 2)
            return Statement("doubt", "Scale", f"{text} The focal length is uncertain, and all lengths with it, by ±{part} %.")
        return Statement(
            "doubt", "Scale", f"{text} The focal length is uncertain, so depths and relief are less true than widths."
        )
    text = (
        "Arbitrary: no length on the wall was given, so sizes are told in camera distances (the usual way from camera to wall) "
        "and nothing here is in metres. A known length or camera distance makes it metric."
    )
    return Statement("doubt", "Scale", text)


def _lenses(report: WallReport) -> list[Statement]:
    several = [group for group in report.groups if ", lens " in group.name]
    if not several:
        return []
    each = "; ".join(f"{digits(group.focal_px, 4)} px: {_listed(group.members)}" for group in several)
    text = f"Photos of one size were taken with {len(several)} lenses or zooms, told apart by the photos themselves. {each}."
    return [Statement("remark", "Lenses", text)]


def _upright(report: WallReport) -> list[Statement]:
    if report.up_known:
        return []
    text = (
        "No photo says what is up, so the wall stands as the photos do. Where it lies on its side or upside down, turn it with "
        "the option turn_wall."
    )
    return [Statement("remark", "Upright", text)]


def _placing(report: WallReport) -> Statement:
    """How cameras were placed, so that two reports can be compared."""
    adjusted = {
        "global": "the whole model was adjusted each time it had grown",
        "edge": "the edge of the growing model was adjusted, the photos inside held; the whole from time to time and at the end",
    }
    sought = {
        "block": "Focal lengths were first tried out on a block of photos, and held until all were placed.",
        "all": "Focal lengths were tried out on all photos once they were placed.",
        "free": "Focal lengths were adjusted with the cameras from the first guess.",
        "held": "Focal lengths were not sought.",
    }
    text = f"While photo after photo was placed, {adjusted[report.adjustment]}. {sought[report.focal_search]}"
    return Statement("remark", "Cameras", text)


def _focal(group: CameraGroup) -> Statement:
    subject = "Focal length"
    if group.doubt:
        return Statement("fault", subject, f"{group.doubt[:1].upper()}{group.doubt[1:]}.")
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
