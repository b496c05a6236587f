"""The route from the outline: inflate it, paint it."""

from .make import make_body
from .route import from_outline, plan_from_outline

__all__ = ["from_outline", "make_body", "plan_from_outline"]
