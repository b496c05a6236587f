"""Segmenters: other people's networks that outline things, loaded from a local folder. None brings its weights along."""

from .instance_model import load_instance_model
from .matting_model import load_matting_model, matte
from .outlining import outline_instances, outline_prompted
from .prompted_model import PromptedModel, load_prompted_model, prompted_mask
from .training import TrainedSegmenter, read_provenance, train_segmenter
from .training_set import read_training_set

__all__ = [
    "PromptedModel",
    "TrainedSegmenter",
    "load_instance_model",
    "load_matting_model",
    "load_prompted_model",
    "matte",
    "outline_instances",
    "outline_prompted",
    "prompted_mask",
    "read_provenance",
    "read_training_set",
    "train_segmenter",
]
