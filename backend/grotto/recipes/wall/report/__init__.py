"""The wall's report: one page that says what was found and how far it can be trusted."""

from .gathering import WallArtefacts, WallJob, coloured_points, placed_cameras, residuals
from .map_plates import hill_shade
from .measures import miss_field, profiles, round_length, weakest_bond
from .page import write_report
from .stage import ReportPage, forecast_wall_report, write_wall_report
from .units import Units, count, digits, duration
from .verdict import headline, statements
from .wall_report import Links, PlacedCameras, Residuals, WallMap, WallReport

__all__ = [
    "Links",
    "PlacedCameras",
    "ReportPage",
    "Residuals",
    "Units",
    "WallArtefacts",
    "WallJob",
    "WallMap",
    "WallReport",
    "coloured_points",
    "count",
    "digits",
    "duration",
    "forecast_wall_report",
    "headline",
    "hill_shade",
    "miss_field",
    "placed_cameras",
    "profiles",
    "residuals",
    "round_length",
    "statements",
    "weakest_bond",
    "write_report",
    "write_wall_report",
]
