"""The fit that refines a mesh: render two views, compare, move vertices and colours; at fixed steps change the triangles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...fitting import Divergence, State
from ...render.mesh.differentiable import Edges, antialias, interpolate, mesh_edges, rasterise
from ...scene import View
from ..remesh import remesh
from .large_steps import LargeSteps
from .state import RefinementState

# A refinement begins with fitted colours, near its lowest loss, and the first steps of the shape may raise it.
DIVERGENCE = Divergence(factor=10.0, warm_up=20)


@dataclass(frozen=True, kw_only=True)
class RefinementSetting:
    """How a mesh is refined. Rates are for a mesh whose larger half extent is 1, and fall to a tenth at the end."""

    shape_rate: float = 3e-2  # of the large steps' variable
    colour_rate: float = 1e-2
    mask_weight: float = 0.1  # NeRF2Mesh; relative to colour
    views_per_step: int = 2
    rounds: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7)  # when triangles change; nerf2mesh main.py
    shortest_px: float = 2.0  # edges shorter than this in a typical view are not split
    farthest_px: float = 0.1  # most that each merging may move the surface
    smoothing: float = 2.0  # lambda of the large steps; the paper's 10 to 50 move too little in some hundred steps


class RefinementFit:
    """The fit in progress: a `Fit`."""

    def __init__(
        self,
        vertices: Tensor,
        faces: Tensor,
        colours: Tensor,
        views: Sequence[View],
        background: NDArray[np.float32],
        steps: int,
        most_faces: int,
        setting: RefinementSetting,
    ) -> None:
        """vertices (v, 3) world, faces (m, 3), colours (v, 3): the mesh to begin with.

        `background` (3,) stands behind views without alpha; behind those with alpha it is random.
        """
        self._views, self._background, self._steps, self._most_faces = views, background, steps, most_faces
        self._setting, self._device = setting, vertices.device
        extent = vertices.amax(0) - vertices.amin(0)
        self._scale = 0.5 * float(extent.max())
        centre = vertices.mean(0).cpu().numpy()
        distances = [float(np.linalg.norm(view.camera.position - centre)) / view.camera.focal_x for view in views]
        self._pixel = float(np.median(distances))  # of a typical view, in world units at the mesh
        self._changes = {round(part * steps) for part in setting.rounds} - {0}
        amount = min(setting.views_per_step, len(views))
        self._use(RefinementState.of_mesh(vertices, faces, colours, setting.smoothing, amount))

    def _use(self, state: RefinementState) -> None:
        """Continue with a state; edges and factors follow from its triangles."""
        self._state = state
        self._edges: Edges = mesh_edges(state.faces)
        self._large = LargeSteps(state.places.cpu().numpy(), state.faces.cpu().numpy(), self._setting.smoothing)

    @property
    def vertices(self) -> Tensor:
        """(v, 3) world, as they are now."""
        return self._large.solve(self._state.variable)

    @property
    def faces(self) -> Tensor:
        """(m, 3), as they are now."""
        return self._state.faces

    @property
    def colours(self) -> Tensor:
        """(v, 3), as they are now."""
        return self._state.colours

    @property
    def split(self) -> int:
        """Faces that were split so far."""
        return self._state.split

    @property
    def merged(self) -> int:
        """Faces that were merged away so far."""
        return self._state.merged

    def state(self) -> State:
        return self._state.as_dict()

    def restore(self, state: State) -> None:
        self._use(RefinementState.from_dict(state, self._device))

    def halve(self) -> str:
        if self._state.views_per_step < 2:
            return ""
        self._state.views_per_step //= 2
        return f"{self._state.views_per_step} view per step"

    def size(self) -> str:
        return f"{len(self._state.faces)} faces"

    def step(self, number: int) -> float:
        if number in self._changes and float(self._state.hits.sum()) > 0:
            self._change_triangles()
        state, setting = self._state, self._setting
        decay = 0.1 ** (number / self._steps)
        variable = state.variable.detach().requires_grad_()
        colours = state.colours.detach().requires_grad_()
        vertices = self._large.vertices(variable)
        corners = vertices.detach().requires_grad_()  # views share one solve of the system, forward and backward
        total = 0.0
        for index in self._next_views(state.views_per_step):
            loss = self._loss(corners, colours, self._views[index]) / state.views_per_step
            torch.autograd.backward(loss)
            total += float(loss.detach())
        if corners.grad is None or colours.grad is None:
            return total
        torch.autograd.backward(vertices, corners.grad)
        gradient = variable.grad if variable.grad is not None else torch.zeros_like(variable)
        state.variable = state.shape_adam.step(state.variable, gradient, setting.shape_rate * self._scale * decay)
        state.colour_count += 1
        state.colours = self._colour_step(colours.grad, setting.colour_rate * decay)
        return total if state.finite() else math.nan

    def _colour_step(self, gradient: Tensor, rate: float) -> Tensor:
        """Adam for each colour; those without a gradient stay."""
        state = self._state
        state.colour_mean = 0.9 * state.colour_mean + 0.1 * gradient
        state.colour_square = 0.99 * state.colour_square + 0.01 * gradient**2
        mean = state.colour_mean / (1 - 0.9**state.colour_count)
        square = state.colour_square / (1 - 0.99**state.colour_count)
        return (state.colours - rate * mean / (square.sqrt() + 1e-12)).clamp(0, 1)

    def _loss(self, vertices: Tensor, colours: Tensor, view: View) -> Tensor:
        """Mean squared difference of colours, and of masks where there are any; adds to the error of each face."""
        state = self._state
        raster = rasterise(vertices, state.faces, view.camera)
        whole = torch.cat([colours, torch.ones_like(colours[:, :1])], 1)
        picture = antialias(interpolate(raster, state.faces, whole), raster, vertices, state.faces, self._edges, view.camera)
        background = self._background if view.alpha is None else torch.rand(3, generator=state.generator).numpy()
        wanted = torch.from_numpy(view.over(background)).to(self._device)
        behind = torch.from_numpy(np.asarray(background, np.float32)).to(self._device)
        squared = ((picture[..., :3] + behind * (1 - picture[..., 3:]) - wanted) ** 2).mean(2)
        with torch.no_grad():
            seen = raster.faces_seen
            state.error.index_add_(0, seen, squared.reshape(-1)[raster.pixels])
            state.hits.index_add_(0, seen, torch.ones_like(squared.reshape(-1)[raster.pixels]))
        loss = squared.mean()
        if view.alpha is not None:
            alpha = torch.from_numpy(view.alpha).to(self._device)
            loss = loss + self._setting.mask_weight * ((picture[..., 3] - alpha) ** 2).mean()
        return loss

    def _next_views(self, amount: int) -> list[int]:
        order = self._state.order
        while len(order) < amount:
            order += torch.randperm(len(self._views), generator=self._state.generator).tolist()
        taken, self._state.order = order[:amount], order[amount:]
        return taken

    def _change_triangles(self) -> None:
        state = self._state
        vertices = self._large.solve(state.variable).cpu().numpy()
        hits = state.hits.cpu().numpy()
        error = np.where(hits > 0, state.error.cpu().numpy() / np.maximum(hits, 1), np.nan)
        made = remesh(
            vertices,
            state.faces.cpu().numpy(),
            state.colours.cpu().numpy(),
            error,
            most_faces=self._most_faces,
            shortest=self._setting.shortest_px * self._pixel,
            farthest=self._setting.farthest_px * self._pixel,
        )
        changed = RefinementState.of_mesh(
            torch.from_numpy(made.vertices.astype(np.float32)).to(self._device),
            torch.from_numpy(made.faces).to(self._device),
            torch.from_numpy(made.colours.astype(np.float32)).to(self._device),
            self._setting.smoothing,
            state.views_per_step,
        )
        changed = replace(changed, generator=state.generator, order=state.order)
        self._use(replace(changed, split=state.split + made.split, merged=state.merged + made.merged))
