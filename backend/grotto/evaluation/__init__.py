"""Results measured against truth: what a wall's cameras, height map and orthophoto are worth."""

from .adverse import CLEAN, CONDITIONS, Adverse, spoiled
from .baseline import default_database
from .camera_score import score_model
from .core_six_views import heldout_scores, wanted_fits
from .core_speed import Speed, measure, mesh_task
from .cut_bench import overlap
from .cut_bench_table import MuralScore
from .element_adverse_table import AdverseScore, adverse_table, interval
from .element_bodies import Body, painted
from .element_curve import CurvePoint, share_of_vertices
from .element_figures import METHODS, FigureScore, figure_view, figures_table
from .element_input_table import InputScore, input_table
from .element_masks import bench
from .element_masks_table import Curve, table
from .element_objects_table import BodyScore, objects_table
from .element_parts import Agreement
from .made_elements import made_element
from .measuring import bench_wall
from .pasted_element import Element, element_of, paste
from .pasted_mural import Laid, mural_of
from .scripted_user import next_stroke
from .shell import evaluate_command
from .six_view_table import SixViewScore, margin_db, six_view_table
from .wall_report import bars, markdown
from .wall_score import WallScore, score_wall

__all__ = [
    "CLEAN",
    "CONDITIONS",
    "METHODS",
    "Adverse",
    "AdverseScore",
    "Agreement",
    "Body",
    "BodyScore",
    "Curve",
    "CurvePoint",
    "Element",
    "FigureScore",
    "InputScore",
    "Laid",
    "MuralScore",
    "SixViewScore",
    "Speed",
    "WallScore",
    "adverse_table",
    "bars",
    "bench",
    "bench_wall",
    "default_database",
    "element_of",
    "evaluate_command",
    "figure_view",
    "figures_table",
    "heldout_scores",
    "input_table",
    "interval",
    "made_element",
    "margin_db",
    "markdown",
    "measure",
    "mesh_task",
    "mural_of",
    "next_stroke",
    "objects_table",
    "overlap",
    "painted",
    "paste",
    "score_model",
    "score_wall",
    "share_of_vertices",
    "six_view_table",
    "spoiled",
    "table",
    "wanted_fits",
]
