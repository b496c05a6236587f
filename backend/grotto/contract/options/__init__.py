"""Groups of options, one file a subject. A group holds what one stage depends on."""

from .bake import BakeOptions
from .budget import BudgetOptions, face_budget, level_count
from .cameras import CameraOptions, FeatureOptions, FrameOptions, MatchOptions, PairOptions
from .cut import CutOptions, FindOptions, SetOptions
from .fields import FieldOptions
from .generator import GeneratedOptions, GeneratorOptions
from .matcher import MatcherOptions
from .mosaic import MosaicOptions
from .ortho import HeightOptions, MeshOptions, OrthoOptions
from .photos import PhotoOptions, SourceOptions, UndistortOptions
from .relief import LayerOptions, OnWallOptions, PaintOptions, PartOptions, ReliefOptions
from .sheet import FromViewsOptions, OrbitOptions, SheetOptions
from .splats import SplatOptions
from .surface import LEVEL_EXTRACTORS, BackdropOptions, RefineOptions, ScanSurfaceOptions, SurfaceOptions
from .synthetic import MakeObjectOptions, MakeWallOptions
from .training import MatcherTrainOptions, TrainOptions
from .views import ViewOptions

__all__ = [
    "LEVEL_EXTRACTORS",
    "BackdropOptions",
    "BakeOptions",
    "BudgetOptions",
    "CameraOptions",
    "CutOptions",
    "FeatureOptions",
    "FieldOptions",
    "FindOptions",
    "FrameOptions",
    "FromViewsOptions",
    "GeneratedOptions",
    "GeneratorOptions",
    "HeightOptions",
    "LayerOptions",
    "MakeObjectOptions",
    "MakeWallOptions",
    "MatchOptions",
    "MatcherOptions",
    "MatcherTrainOptions",
    "MeshOptions",
    "MosaicOptions",
    "OnWallOptions",
    "OrbitOptions",
    "OrthoOptions",
    "PaintOptions",
    "PairOptions",
    "PartOptions",
    "PhotoOptions",
    "RefineOptions",
    "ReliefOptions",
    "ScanSurfaceOptions",
    "SetOptions",
    "SheetOptions",
    "SourceOptions",
    "SplatOptions",
    "SurfaceOptions",
    "TrainOptions",
    "UndistortOptions",
    "ViewOptions",
    "face_budget",
    "level_count",
]
