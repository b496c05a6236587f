"""The wall's report: one page that says what was found and how far it can be trusted."""

from .gathering import WallArtefacts, WallJob, gather
from .page import REPORT_FILE, write_report
from .stage import ReportPage, forecast_wall_report, write_wall_report
from .wall_report import Extent, Links, PlacedCameras, Residuals, WallMap, WallReport

__all__ = [
    "REPORT_FILE", "Extent", "Links", "PlacedCameras", "ReportPage", "Residuals", "WallArtefacts", "WallJob", "WallMap",
    "WallReport", "forecast_wall_report", "gather", "write_report", "write_wall_report",
]  # fmt: skip
