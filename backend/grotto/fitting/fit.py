"""What the loop knows of a fit: any object with these methods."""

from __future__ import annotations

from typing import Any, Protocol

State = dict[str, Any]  # nested dicts and lists of tensors, numbers and strings


class Fit(Protocol):
    """A fit in progress. A step depends on its number and the state alone, so that a restored fit continues exactly."""

    def step(self, number: int) -> float:
        """Take step `number`, from 0. Returns the loss that shows divergence: not finite where the step failed."""

    def state(self) -> State:
        """Everything that steps change. May share memory with the fit."""

    def restore(self, state: State) -> None:
        """Return to a state, whose tensors may lie on another device. The fit may share memory with it from then on."""

    def halve(self) -> str:
        """Halve the memory of each further step; returns the new amount in words, "" where it cannot be halved."""

    def size(self) -> str:
        """The size of the model in words, for the progress message; "" where it does not change."""
