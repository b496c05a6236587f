"""The loop of all fits, on a fit of one number: resuming, divergence, memory, previews."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.fitting import CHECKPOINT_FILE, Divergence, FitPlan, FitPreview, Intervals, LossTracker, State, run_fit

OUT_OF_MEMORY = (
    "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 23.55 GiB of which 1.25 GiB is free. Process"
)


class Descent:
    """Gradient descent on half the square of one number, with noise that depends on the step; goes wrong where it is told to."""

    def __init__(self, wild_from: int = 10**9, fails_at: tuple[int, ...] = (), nan_at: tuple[int, ...] = ()) -> None:
        self.value = torch.tensor(1.0)
        self.amount = 8
        self._wild_from, self._fails, self._nan_at = wild_from, [*fails_at], nan_at

    def step(self, number: int) -> float:
        if number in self._fails:
            self._fails.remove(number)
            raise torch.OutOfMemoryError(OUT_OF_MEMORY)
        loss = float(self.value**2 / 2) + 0.01
        noise = 0.01 * torch.randn((), generator=torch.Generator().manual_seed(number))
        self.value = self.value * (3.0 if number >= self._wild_from else 0.95) + noise
        return math.nan if number in self._nan_at else loss

    def state(self) -> State:
        return {"value": self.value, "amount": self.amount}

    def restore(self, state: State) -> None:
        self.value, self.amount = state["value"], state["amount"]

    def halve(self) -> str:
        if self.amount < 2:
            return ""
        self.amount //= 2
        return f"{self.amount} rays per step"

    def size(self) -> str:
        return ""


class Stopped(Silent):
    """Cancels at a step, as a user does, and keeps what it is told."""

    def __init__(self, folder: Path | None = None, at: float = 2.0) -> None:
        self.resume_folder, self._at = folder, at
        self.notes: list[str] = []
        self.pictures: list[Path] = []

    def __call__(self, fraction: float, message: str = "") -> None:
        if fraction >= self._at:
            raise Cancelled

    def note(self, message: str) -> None:
        self.notes.append(message)

    def preview(self, picture: Path) -> None:
        self.pictures.append(picture)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report, copy and write whenever it is allowed, as fits of hours do."""
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(report=0, preview=0, copy=0, copy_share=1e9, checkpoint=0))


def plan(folder: Path | None = None, steps: int = 100, identity: str = "", divergence: Divergence | None = None) -> FitPlan:
    rule = divergence or Divergence()
    return FitPlan(steps=steps, remedy="use less", divergence=rule, checkpoint_folder=folder, identity=identity)


def test_a_stopped_fit_continues_exactly(tmp_path: Path, always: None) -> None:
    whole = Descent()
    assert run_fit(whole, plan(), Silent()).steps == 100
    with pytest.raises(Cancelled):
        run_fit(Descent(), plan(tmp_path), Stopped(at=0.7))
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_FILE]
    resumed, report = Descent(), Stopped()
    assert run_fit(resumed, plan(tmp_path), report).steps == 100
    assert any("continuing from step" in note for note in report.notes)
    assert float(resumed.value) == float(whole.value)


@pytest.mark.parametrize("kind", ["other options", "earlier release", "not a checkpoint", "other contents"])
def test_a_checkpoint_that_does_not_fit_is_ignored_with_a_note(tmp_path: Path, always: None, kind: str) -> None:
    if kind == "earlier release":
        torch.save({"step": 3}, tmp_path / "splats.pt")
    elif kind == "not a checkpoint":
        (tmp_path / CHECKPOINT_FILE).write_bytes(b"not a file of torch")
    elif kind == "other contents":
        torch.save({"stamp": "", "step": 3, "losses": []}, tmp_path / CHECKPOINT_FILE)
    else:
        with pytest.raises(Cancelled):
            run_fit(Descent(), plan(tmp_path, identity="other"), Stopped(at=0.7))
    whole, anew, report = Descent(), Descent(), Stopped()
    run_fit(whole, plan(), Silent())
    run_fit(anew, plan(tmp_path), report)
    assert len([note for note in report.notes if "starts anew" in note or "ignored" in note]) == 1
    assert float(anew.value) == float(whole.value)


def test_divergence_returns_to_the_last_good_state(always: None) -> None:
    fit, report = Descent(wild_from=70), Stopped()
    outcome = run_fit(fit, plan(), report)
    assert 50 <= outcome.steps <= 70
    assert abs(float(fit.value)) < 0.1
    assert outcome.notes == tuple(report.notes)
    assert f"diverged; its state after {outcome.steps} of 100 steps" in outcome.notes[0]


def test_losses_that_are_not_finite_end_the_fit_after_the_allowed_number(always: None) -> None:
    assert run_fit(Descent(nan_at=(60,)), plan(), Silent()).steps < 60
    some = run_fit(Descent(nan_at=(60, 61)), plan(divergence=Divergence(faults=2)), Silent())
    assert (some.steps, some.notes) == (100, ())
    assert run_fit(Descent(nan_at=(60, 61, 62)), plan(divergence=Divergence(faults=2)), Silent()).steps < 60


def test_patience_forgives_a_passing_rise() -> None:
    losses = [1.0] * 60 + [20.0] * 10 + [1.0] * 200

    def ends(rule: Divergence) -> int | None:
        tracker = LossTracker(rule)
        return next((number for number, loss in enumerate(losses) if tracker.diverged(number, loss)), None)

    assert ends(Divergence()) in range(60, 70)
    assert ends(Divergence(patience=60)) is None
    assert ends(Divergence(factor=25.0)) is None
    assert ends(Divergence(warm_up=300)) is None


def test_memory_is_halved_once_and_then_refused(always: None) -> None:
    fit = Descent(fails_at=(5,))
    outcome = run_fit(fit, plan(), Silent())
    assert (outcome.steps, fit.amount) == (100, 4)
    assert outcome.notes == ("GPU memory was exhausted: the fit continued with 4 rays per step",)
    with pytest.raises(ProblemError, match=r"1\.25 GiB free, and 2\.50 GiB more were needed, even with half"):
        run_fit(Descent(fails_at=(5, 9)), plan(), Silent())
    smallest = Descent(fails_at=(5,))
    smallest.amount = 1
    with pytest.raises(ProblemError, match=r"23\.55 GiB"):
        run_fit(smallest, plan(), Silent())


def test_previews_alternate(tmp_path: Path, always: None) -> None:
    report = Stopped()
    run_fit(Descent(), plan(steps=3), report, FitPreview(lambda: np.zeros((2, 3, 3), np.float32), tmp_path, report))
    assert [path.name for path in report.pictures] == ["preview_0.png", "preview_1.png", "preview_0.png"]
    assert all(path.is_file() for path in report.pictures)
