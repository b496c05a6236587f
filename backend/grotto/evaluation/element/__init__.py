"""The element recipe measured: tables of paper 000 and beyond."""

from .adverse_table import AdverseScore, adverse_table, interval
from .bodies import Body, painted
from .curve import CurvePoint, share_of_vertices
from .figures import METHODS, FigureScore, figure_view, figures_table
from .input_table import InputScore, input_table
from .masks import bench
from .masks_table import Curve, table
from .objects_table import BodyScore, objects_table
from .parts import Agreement
from .report import PARTS, evaluate_element

__all__ = [
    "METHODS",
    "PARTS",
    "AdverseScore",
    "Agreement",
    "Body",
    "BodyScore",
    "Curve",
    "CurvePoint",
    "FigureScore",
    "InputScore",
    "adverse_table",
    "bench",
    "evaluate_element",
    "figure_view",
    "figures_table",
    "input_table",
    "interval",
    "objects_table",
    "painted",
    "share_of_vertices",
    "table",
]
