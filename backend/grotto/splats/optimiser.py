"""Adam over splats whose number changes: rows are added and removed together with their moments."""

from __future__ import annotations

from typing import Any

import torch

from .gaussians import NAMES, Gaussians

# gsplat examples/simple_trainer.py: means_lr (times the scene's extent), scales_lr, opacities_lr, quats_lr, sh0_lr, shN_lr
RATES = {
    "means": 1.6e-4,
    "log_scales": 5e-3,
    "opacity_logits": 5e-2,
    "quaternions": 1e-3,
    "base": 2.5e-3,
    "rest": 2.5e-3 / 20,
}
_MOMENTS = ("exp_avg", "exp_avg_sq")


class SplatOptimiser:
    """Splats in a fit, and Adam's moments."""

    def __init__(self, gaussians: Gaussians) -> None:
        self._kind = gaussians.kind
        self._held: dict[str, torch.Tensor] = {}
        self._adams: dict[str, torch.optim.Adam] = {}
        for name, tensor in gaussians.tensors.items():
            self._held[name] = tensor.detach().clone().requires_grad_()
            self._adams[name] = torch.optim.Adam([self._held[name]], lr=0.0, eps=1e-15, fused=True)

    @property
    def gaussians(self) -> Gaussians:
        """The splats, as leaves of the graph."""
        return Gaussians(kind=self._kind, **self._held)

    @property
    def count(self) -> int:
        return len(self._held["means"])

    def step(self, rates: dict[str, float]) -> None:
        """One step of Adam with these learning rates; clears the gradients."""
        for name, adam in self._adams.items():
            adam.param_groups[0]["lr"] = rates[name]
            if self._held[name].numel():
                adam.step()
            adam.zero_grad(set_to_none=True)

    def keep(self, which: torch.Tensor) -> None:
        """Keep the splats of a mask (n,) or of indices."""
        self._replace({name: tensor.detach()[which] for name, tensor in self._held.items()}, lambda moment: moment[which])

    def append(self, others: Gaussians) -> None:
        """Add splats, with moments of zero."""
        added = others.tensors
        joined = {name: torch.cat([tensor.detach(), added[name].detach()]) for name, tensor in self._held.items()}
        count = len(others)
        self._replace(joined, lambda moment: torch.cat([moment, moment.new_zeros((count, *moment.shape[1:]))]))

    def overwrite(self, rows: torch.Tensor, values: dict[str, torch.Tensor]) -> None:
        """Set rows (m,) of some tensors, and clear all moments of these rows."""
        with torch.no_grad():
            for name, value in values.items():
                self._held[name][rows] = value
            for name, adam in self._adams.items():
                state = adam.state.get(self._held[name], {})
                for moment in _MOMENTS:
                    if moment in state:
                        state[moment][rows] = 0

    def move(self, rows: torch.Tensor, change: torch.Tensor) -> None:
        """Add vectors (m, 3) to the means of rows (m,), without a step of Adam."""
        with torch.no_grad():
            self._held["means"].index_add_(0, rows, change)

    def state(self) -> dict[str, Any]:
        """Everything, for a checkpoint."""
        tensors = {name: tensor.detach().clone() for name, tensor in self._held.items()}
        return {"kind": self._kind, "tensors": tensors, "adams": {name: adam.state_dict() for name, adam in self._adams.items()}}

    @classmethod
    def restored(cls, state: dict[str, Any], device: torch.device) -> SplatOptimiser:
        """The optimiser of a `state`, which continues exactly."""
        made = cls(Gaussians(kind=state["kind"], **{name: state["tensors"][name].to(device) for name in NAMES}))
        for name, adam in made._adams.items():
            adam.load_state_dict(state["adams"][name])
        return made

    def _replace(self, tensors: dict[str, torch.Tensor], change: Any) -> None:
        for name, adam in self._adams.items():
            old = self._held[name]
            new = tensors[name].clone().requires_grad_()
            state = adam.state.pop(old, None)
            if state:
                adam.state[new] = {key: change(value) if key in _MOMENTS else value for key, value in state.items()}
            adam.param_groups[0]["params"] = [new]
            self._held[name] = new
