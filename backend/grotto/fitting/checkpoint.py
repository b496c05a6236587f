"""Good states of a fit: one in memory to fall back to, one on disk to resume from."""

from __future__ import annotations

import copy
import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path

from .fit import Fit, State

CHECKPOINT_FILE = "checkpoint.pt"
_EARLIER = ("fit.pt", "splats.pt", "refinement.pt")  # names of former releases
_FORMAT = 1
_PROVEN = 10  # further healthy steps before a state counts as good: a loss is measured before the update that may spoil all


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A fit between two steps."""

    step: int = 0
    losses: dict[str, float] = field(default_factory=dict)  # of the `LossTracker`; empty at the start
    notes: list[str] = field(default_factory=list)
    halved: bool = False  # whether memory was exhausted before
    state: State


class Checkpoints:
    """Keeps copies of a fit's states. A copy becomes the good state after ten further healthy steps."""

    def __init__(self, fit: Fit, folder: Path | None, identity: str) -> None:
        """folder: where the file lies, if any. identity: of inputs and options; a file with another one is ignored."""
        self._fit, self._folder, self._identity = fit, folder, identity
        self._good = Checkpoint(state=copy.deepcopy(fit.state()))
        self._candidate: Checkpoint | None = None
        self._copied = self._written = time.monotonic()
        self._copy_seconds = 0.0

    def resume(self) -> tuple[Checkpoint, str]:
        """Restore the file's state, if there is one. Returns the state to start from, and a note where a file was ignored."""
        if self._folder is None:
            return self._good, ""
        path = self._folder / CHECKPOINT_FILE
        if not path.is_file():
            earlier = any((self._folder / name).is_file() for name in _EARLIER)
            return self._good, "a checkpoint of an earlier release cannot be resumed: the fit starts anew" if earlier else ""
        import torch

        try:
            saved = torch.load(path, map_location="cpu", weights_only=True)
            if saved["format"] != _FORMAT or saved["identity"] != self._identity:
                return self._good, "a checkpoint of other inputs or options is ignored: the fit starts anew"
            resumed = Checkpoint(**saved["checkpoint"])
            self._fit.restore(resumed.state)
        except (pickle.UnpicklingError, EOFError, RuntimeError, KeyError, TypeError, ValueError):
            self.fall_back()
            return self._good, "a checkpoint that cannot be read is ignored: the fit starts anew"
        self._good = Checkpoint(**{**saved["checkpoint"], "state": copy.deepcopy(self._fit.state())})
        return self._good, ""

    def copy_is_due(self, seconds: float, share: float) -> bool:
        """Whether `copy` should be called: the last one is older than this, and copies take at most `share` of the time."""
        elapsed = time.monotonic() - self._copied
        return self._candidate is None and elapsed >= seconds and elapsed * share >= self._copy_seconds

    def copy(self, step: int, losses: dict[str, float], notes: list[str], halved: bool) -> None:
        """Copy the state after `step` steps, to be the good one once some further steps have succeeded."""
        begun = time.monotonic()
        state = copy.deepcopy(self._fit.state())
        self._candidate = Checkpoint(step=step, losses=losses, notes=[*notes], halved=halved, state=state)
        self._copied = time.monotonic()
        self._copy_seconds = self._copied - begun

    def prove(self, step: int, seconds: float) -> None:
        """Accept the copy if `step` is ten steps later; write it if the file is older than `seconds`. For healthy fits only."""
        if self._candidate is None or step - self._candidate.step < _PROVEN:
            return
        self._good, self._candidate = self._candidate, None
        if self._folder is not None and time.monotonic() - self._written >= seconds:
            import torch

            temporary = self._folder / f".{CHECKPOINT_FILE}.part"
            torch.save({"format": _FORMAT, "identity": self._identity, "checkpoint": vars(self._good)}, temporary)
            temporary.replace(self._folder / CHECKPOINT_FILE)
            self._written = time.monotonic()

    def fall_back(self) -> int:
        """Restore the last good state; returns its number of steps."""
        self._fit.restore(copy.deepcopy(self._good.state))
        return self._good.step
