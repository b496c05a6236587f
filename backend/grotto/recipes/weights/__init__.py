"""Weights of other people's networks, for every recipe: which ones a job uses, and what they take. No network is loaded."""

from .installed import GPU_CONTEXT, gpu_of_weights, models_used
from .segmenter import Segmenter, resolve_segmenter

__all__ = ["GPU_CONTEXT", "Segmenter", "gpu_of_weights", "models_used", "resolve_segmenter"]
