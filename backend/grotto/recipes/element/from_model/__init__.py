"""The route of an outside model."""

from .finish import ModelFinish, finish_model
from .mesh import TEXTURED, ModelMesh
from .route import from_model, plan_from_model

__all__ = ["TEXTURED", "ModelFinish", "ModelMesh", "finish_model", "from_model", "plan_from_model"]
