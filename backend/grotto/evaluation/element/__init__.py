"""The element recipe measured: tables of 3DSynBrush and beyond."""

from .adverse import BENCH as ADVERSE
from .adverse_table import AdverseScore, adverse_table, interval
from .bodies import Body, painted
from .curve import BENCH as CURVE
from .curve import CurvePoint, share_of_vertices
from .figures import BENCH as FIGURES
from .figures import METHODS, FigureScore, figure_view, figures_table
from .front import FrontError, front_error
from .input import BENCH as INPUT
from .input_table import InputScore, input_table
from .masks import BENCH as MASKS
from .masks import run as run_masks
from .masks_table import Curve, masks_table
from .objects import BENCH as OBJECTS
from .objects_table import BodyScore, objects_table
from .ornaments import BENCH as ORNAMENTS
from .ornaments import draw_ornament
from .parts import BENCH as PARTS
from .parts import Agreement
from .relief import BENCH as RELIEF
from .report import PARTS_OF_REPORT, evaluate_element
from .sheets import BENCH as SHEETS
from .sheets import GroundCondition, made_sheet, on_generated_ground, sheet_iou

BENCHES = (MASKS, OBJECTS, FIGURES, CURVE, ADVERSE, INPUT, RELIEF, PARTS, SHEETS, ORNAMENTS)

__all__ = [
    "BENCHES",
    "METHODS",
    "PARTS_OF_REPORT",
    "AdverseScore",
    "Agreement",
    "Body",
    "BodyScore",
    "Curve",
    "CurvePoint",
    "FigureScore",
    "FrontError",
    "GroundCondition",
    "InputScore",
    "adverse_table",
    "draw_ornament",
    "evaluate_element",
    "figure_view",
    "figures_table",
    "front_error",
    "input_table",
    "interval",
    "made_sheet",
    "masks_table",
    "objects_table",
    "on_generated_ground",
    "painted",
    "run_masks",
    "share_of_vertices",
    "sheet_iou",
]
