"""The steps of a mesh's refinement: draw two views, compare, move vertices and colours, change triangles now and then."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import Action, Progress, missing_resource
from ...fitting import shortage_told
from ...render.mesh import Edges, antialias, interpolate, mesh_edges, rasterise
from ...scene import View
from ..remesh import remesh
from .large_steps import LargeSteps, UniformAdam, system
from .state import RefinementState, load_state, save_state

_SAVE_SECONDS = 20.0
_EXPLODED = 10.0  # times the usual loss: the fit has come apart
_SEED = 0


@dataclass(frozen=True, kw_only=True)
class RefinementSetting:
    """How a mesh is refined. Rates are for a mesh whose larger half extent is 1, and fall to a tenth at the end."""

    shape_rate: float = 3e-2  # of the large steps' variable
    colour_rate: float = 1e-2
    mask_weight: float = 0.1  # NeRF2Mesh; beside a weight of 1 for colour
    views_a_step: int = 2
    rounds: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7)  # when triangles change; nerf2mesh main.py
    shortest_px: float = 2.0  # edges shorter than so many pixels of the usual view are not split
    farthest_px: float = 0.1  # merging moves the surface by no more, each time
    smoothing: float = (
        2.0  # lambda; measured on thin and on round objects: 1 to 4 are alike, 15 moves too little in some hundred steps
    )


@dataclass(frozen=True)
class RefinedShape:
    """A refined surface and how it came about."""

    vertices: Tensor  # (v, 3)
    faces: Tensor  # (m, 3)
    colours: Tensor  # (v, 3)
    steps: int
    split: int
    merged: int


def refine_steps(
    start: tuple[Tensor, Tensor, Tensor], views: Sequence[View], background: NDArray[np.float32], steps: int, most_faces: int,
    setting: RefinementSetting, report: Progress, show: Callable[[Tensor, Tensor, Tensor], None],
) -> RefinedShape:  # fmt: skip
    """Refine vertices, faces and colours `start` to look like the views; goes on from a checkpoint where there is one.

    `background` (3,) stands behind views without alpha; behind those with alpha it is random. A fit that comes apart is
    broken off at its last good state, and a note says so.
    """
    return _Loop(start, views, background, steps, most_faces, setting, report).run(show)


class _Loop:
    def __init__(
        self, start: tuple[Tensor, Tensor, Tensor], views: Sequence[View], background: NDArray[np.float32], steps: int,
        most_faces: int, setting: RefinementSetting, report: Progress,
    ) -> None:  # fmt: skip
        vertices, faces, colours = start
        self.views, self.background, self.steps, self.most_faces = views, background, steps, most_faces
        self.setting, self.report, self.device = setting, report, vertices.device
        extent = vertices.amax(0) - vertices.amin(0)
        self.scale = 0.5 * float(extent.max())
        centre = vertices.mean(0).cpu().numpy()
        distances = [float(np.linalg.norm(view.camera.position - centre)) / view.camera.focal_x for view in views]
        self.pixel = float(np.median(distances))  # of the usual view, in world units at the mesh
        self.state = load_state(report.resume_folder, self.device) or fresh_state(vertices, faces, colours, setting.smoothing)
        self._prepare()

    def _prepare(self) -> None:
        """What follows from the triangles."""
        state = self.state
        self.edges: Edges = mesh_edges(state.faces)
        self.large = LargeSteps(state.places.cpu().numpy(), state.faces.cpu().numpy(), self.setting.smoothing)

    def run(self, show: Callable[[Tensor, Tensor, Tensor], None]) -> RefinedShape:
        if self.state.step:
            self.report.note(f"going on from step {self.state.step} of {self.steps}")
        changes = {round(part * self.steps) for part in self.setting.rounds} - {0}
        usual, good, saved = 0.0, copy.deepcopy(self.state), time.monotonic()
        while self.state.step < self.steps:
            state = self.state
            if state.step in changes and float(state.hits.sum()) > 0:
                self._change_triangles()
                state = self.state
                good = copy.deepcopy(state)
            loss = self._halving(self._step)
            state.step += 1
            if not np.isfinite(loss) or not state.finite() or (state.step > 20 and 0 < _EXPLODED * usual < loss):
                self.report.note(f"the refinement came apart at step {state.step}; its last good state was kept")
                self.state = good
                self._prepare()
                break
            usual = loss if usual == 0.0 else 0.95 * usual + 0.05 * loss
            if state.step % 25 == 0:
                good = copy.deepcopy(state)
            self.report(state.step / self.steps, f"step {state.step} of {self.steps}, {len(state.faces)} faces")
            if time.monotonic() - saved > _SAVE_SECONDS and self.report.resume_folder is not None:
                save_state(state, self.report.resume_folder)
                saved = time.monotonic()
            show(self.large.solve(state.variable), state.faces, state.colours)
        state = self.state
        return RefinedShape(
            self.large.solve(state.variable), state.faces, state.colours, state.step, state.split, state.merged
        )  # fmt: skip

    def _halving(self, step: Callable[[int], float]) -> float:
        """One step; on a GPU that is too small, with half as many views."""
        amount = min(self.setting.views_a_step, len(self.views))
        try:
            return step(amount)
        except torch.cuda.OutOfMemoryError as error:
            if amount < 2:
                raise missing_resource(shortage_told(error), "choose a smaller picture size", Action.CHANGE_OPTIONS) from error
        torch.cuda.empty_cache()
        try:
            return step(amount // 2)
        except torch.cuda.OutOfMemoryError as error:
            raise missing_resource(shortage_told(error), "choose a smaller picture size", Action.CHANGE_OPTIONS) from error

    def _step(self, amount: int) -> float:
        state, setting = self.state, self.setting
        decay = 0.1 ** (state.step / self.steps)
        variable = state.variable.detach().requires_grad_()
        colours = state.colours.detach().requires_grad_()
        vertices = self.large.vertices(variable)
        corners = vertices.detach().requires_grad_()  # views share one solve of the system, forth and back
        total = 0.0
        for index in self._next_views(amount):
            loss = self._loss(corners, colours, self.views[index]) / amount
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        if corners.grad is None or colours.grad is None:
            return total
        vertices.backward(corners.grad)  # type: ignore[no-untyped-call]
        gradient = variable.grad if variable.grad is not None else torch.zeros_like(variable)
        state.variable = state.shape_adam.step(state.variable, gradient, setting.shape_rate * self.scale * decay)
        state.colour_count += 1
        state.colours = self._colour_step(colours.grad, setting.colour_rate * decay)
        return total

    def _colour_step(self, gradient: Tensor, rate: float) -> Tensor:
        """Adam for each colour; those that were not seen stay."""
        state = self.state
        state.colour_mean = 0.9 * state.colour_mean + 0.1 * gradient
        state.colour_square = 0.99 * state.colour_square + 0.01 * gradient**2
        mean = state.colour_mean / (1 - 0.9**state.colour_count)
        square = state.colour_square / (1 - 0.99**state.colour_count)
        return (state.colours - rate * mean / (square.sqrt() + 1e-12)).clamp(0, 1)

    def _loss(self, vertices: Tensor, colours: Tensor, view: View) -> Tensor:
        """Mean squared difference of the colours, and of the masks where there are any; notes each face's error."""
        state = self.state
        raster = rasterise(vertices, state.faces, view.camera)
        whole = torch.cat([colours, torch.ones_like(colours[:, :1])], 1)
        picture = antialias(interpolate(raster, state.faces, whole), raster, vertices, state.faces, self.edges, view.camera)
        background = self.background if view.alpha is None else torch.rand(3, generator=state.generator).numpy()
        wanted = torch.from_numpy(view.over(background)).to(self.device)
        behind = torch.from_numpy(np.asarray(background, np.float32)).to(self.device)
        squared = ((picture[..., :3] + behind * (1 - picture[..., 3:]) - wanted) ** 2).mean(2)
        with torch.no_grad():
            seen = raster.faces_seen
            state.error.index_add_(0, seen, squared.reshape(-1)[raster.pixels])
            state.hits.index_add_(0, seen, torch.ones_like(squared.reshape(-1)[raster.pixels]))
        loss = squared.mean()
        if view.alpha is not None:
            alpha = torch.from_numpy(view.alpha).to(self.device)
            loss = loss + self.setting.mask_weight * ((picture[..., 3] - alpha) ** 2).mean()
        return loss

    def _next_views(self, amount: int) -> list[int]:
        order = self.state.order
        while len(order) < amount:
            order += torch.randperm(len(self.views), generator=self.state.generator).tolist()
        taken, self.state.order = order[:amount], order[amount:]
        return taken

    def _change_triangles(self) -> None:
        state = self.state
        vertices = self.large.solve(state.variable).cpu().numpy()
        hits = state.hits.cpu().numpy()
        error = np.where(hits > 0, state.error.cpu().numpy() / np.maximum(hits, 1), np.nan)
        made = remesh(
            vertices,
            state.faces.cpu().numpy(),
            state.colours.cpu().numpy(),
            error,
            most_faces=self.most_faces,
            shortest=self.setting.shortest_px * self.pixel,
            farthest=self.setting.farthest_px * self.pixel,
        )
        changed = fresh_state(
            torch.from_numpy(made.vertices.astype(np.float32)).to(self.device),
            torch.from_numpy(made.faces).to(self.device),
            torch.from_numpy(made.colours.astype(np.float32)).to(self.device),
            self.setting.smoothing,
        )
        self.state = replace(
            changed, step=state.step, generator=state.generator, order=state.order, split=state.split + made.split,
            merged=state.merged + made.merged,
        )  # fmt: skip
        self._prepare()


def fresh_state(vertices: Tensor, faces: Tensor, colours: Tensor, smoothing: float) -> RefinementState:
    """The state before the first step of these triangles."""
    matrix = system(faces.cpu().numpy(), len(vertices), smoothing)
    variable = torch.from_numpy(matrix @ vertices.double().cpu().numpy()).to(vertices)
    nothing = torch.zeros(len(faces), device=vertices.device)
    return RefinementState(
        step=0,
        faces=faces,
        places=vertices,
        variable=variable,
        colours=colours.clone(),
        shape_adam=UniformAdam.like(variable),
        colour_mean=torch.zeros_like(colours),
        colour_square=torch.zeros_like(colours),
        colour_count=0,
        error=nothing,
        hits=nothing.clone(),
        generator=torch.Generator().manual_seed(_SEED),
        order=[],
        split=0,
        merged=0,
    )
