"""The route of an outside model."""

from .finish import ModelFinish, finish_model
from .mesh import TEXTURED, ModelMesh
from .route import MODEL, MODEL_FINISH, chosen_model, from_model

__all__ = [
    "MODEL",
    "MODEL_FINISH",
    "TEXTURED",
    "ModelFinish",
    "ModelMesh",
    "chosen_model",
    "finish_model",
    "from_model",
]
