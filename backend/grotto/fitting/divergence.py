"""When a fit has diverged: one rule for all fits."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """A fit diverges when its smoothed loss exceeds `factor` times its lowest value, or when its losses are not finite.

    The smoothed loss is an exponential moving average. The defaults suit objectives that stay the same from beginning to end.
    A fit whose objective changes on the way (larger pictures, further terms, reset opacities) needs a larger factor and some
    patience.
    """

    factor: float = 4.0
    patience: int = 0  # steps in a row that may exceed the factor
    warm_up: int = 50  # steps before losses are compared
    faults: int = 0  # steps in a row whose loss may be not finite
    smoothing: float = 0.95  # share of the moving average that each step keeps


class LossTracker:
    """The smoothed loss of a fit, its lowest value, and the verdict of a rule."""

    def __init__(self, rule: Divergence) -> None:
        self._rule = rule
        self.smoothed, self._lowest = math.nan, math.inf
        self._above, self._faults = 0, 0

    def diverged(self, number: int, loss: float) -> bool:
        """Record the loss of step `number`; whether the fit has diverged."""
        if not math.isfinite(loss):
            self._faults += 1
            return self._faults > self._rule.faults
        self._faults = 0
        kept = self._rule.smoothing
        self.smoothed = kept * self.smoothed + (1 - kept) * loss if math.isfinite(self.smoothed) else loss
        if number < self._rule.warm_up:
            return False
        self._above = self._above + 1 if self.smoothed > self._rule.factor * self._lowest else 0
        self._lowest = min(self._lowest, self.smoothed)
        return self._above > self._rule.patience

    @property
    def healthy(self) -> bool:
        """Whether the fit is far from divergence, so that its state may be trusted."""
        return not self._faults and not self.smoothed > 0.5 * self._rule.factor * self._lowest

    def state(self) -> dict[str, float]:
        """The numbers to continue from."""
        return {"smoothed": self.smoothed, "lowest": self._lowest, "above": self._above, "faults": self._faults}

    def restore(self, state: dict[str, float]) -> None:
        """Continue from `state`."""
        self.smoothed, self._lowest = state["smoothed"], state["lowest"]
        self._above, self._faults = int(state["above"]), int(state["faults"])
