"""The stages `surface` and `refine` of a scan: from field and splats to the one mesh that looks most like the photos."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...contract import Kind, Part, ProblemError, Progress, bad_input
from ...contract.options import RefineOptions, SurfaceOptions
from ...fields import RadianceField, density_grid, fitting_device, load_field, render_field, sample_values
from ...formats import Artefact, Mesh, PointCloud, read_mesh_ply, write_mesh_ply
from ...meshes.refine import refine_mesh
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...meshes.surface import GRID_BYTES, Extractor, fuse_depths, level_surface, matched_surface, points_to_surface, seen_surface
from ...runner import Stage
from ...scene import Camera, Rendered
from ...splats import Splats, load_splats, render_splats, splat_device
from ...splats.surface import surface_points
from ...views import FEW_VIEWS, ViewSet, evenly_chosen, split_validation_views
from .fits import FRAMEWORK, gpu_of_views, views_bytes
from .subject import SubjectViews

MESH_FILE = "mesh.ply"
_FUSED_VIEWS = 120  # depths of so many views at most, evenly chosen
_FUSED_PX = 800
_OF_FEW = 0.1  # of the surface: few views show one object, and small islands beside it are artefacts
_CRUMB = 1e-4  # of the surface: scraps of thin parts after refinement and decimation


@dataclass(frozen=True, kw_only=True)
class ScanMesh(Artefact):
    """A mesh of the subject in the views' frame."""

    origin: str  # "field" or "splats"
    judged_db: dict[str, float]  # mean PSNR on the validation views, by mesh
    extractor: str = ""  # that made it; empty in jobs of releases with one for each origin
    file: str = MESH_FILE

    def read(self) -> Mesh:
        """The mesh."""
        return read_mesh_ply(self.folder / self.file)


def forecast_surface(
    views: ViewSet, field: RadianceField | None, splats: Splats | None, faces: int, options: SurfaceOptions
) -> int:
    """Bytes: the grid with its marching cubes, depths of all views, and the views."""
    size, resolution = views.region.size / views.region.size.max(), options.mesh_resolution
    cells = float(size[0] * size[1] * size[2]) * resolution**3
    depths = _FUSED_VIEWS * min(views.view_px, _FUSED_PX) ** 2 * 4 * 8 if splats is not None or not views.region.bounded else 0
    of_a_cell = GRID_BYTES.get(level_extractor(options, views, field) or "marching_cubes", 0)
    return FRAMEWORK + views_bytes(views) + int(cells * of_a_cell) + resolution**2 * 6 * 200 + depths


def make_surface(
    views: ViewSet,
    field: RadianceField | None,
    splats: Splats | None,
    faces: int,
    options: SurfaceOptions,
    folder: Path,
    report: Progress,
) -> ScanMesh:
    """Extract the surface of field or splats, repair and reduce it; of two, keep the one of higher PSNR on validation views.

    Judged with vertex colours fitted to the other views. Raises bad input where there is no surface.
    """
    ways: dict[str, Callable[[Progress], tuple[Mesh, str]]] = {}
    if field is not None:
        ways["field"] = lambda part: field_surface(field, views, options, part)
    if splats is not None:
        ways["splats"] = lambda part: splat_surface(splats, views, options, part)
    meshes: dict[str, Mesh] = {}
    extractors: dict[str, str] = {}
    why = ""
    for number, (origin, make) in enumerate(ways.items()):
        try:
            whole, extractors[origin] = make(Part(report, 0.6 * number / len(ways), 0.6 * (number + 1) / len(ways)))
            mended = repair(whole, largest_hole=math.inf if views.region.bounded else 0.02)
            report.check()
            meshes[origin] = decimate(mended.mesh, faces)
        except ProblemError as error:
            if error.problem.kind is not Kind.BAD_INPUT or len(ways) == 1:
                raise
            why = error.problem.cause
            report.note(f"the {origin} gave no surface: {why}")
    if not meshes:
        raise bad_input(f"no surface was found: {why}", "enlarge the region, or fit for more steps")
    scores = _judge(meshes, views, faces, Part(report, 0.6, 0.98)) if len(meshes) > 1 else {}
    best = max(meshes, key=lambda origin: scores.get(origin, 0.0))
    if scores:
        scored = " and ".join(f"{score:.1f} dB for the {origin}" for origin, score in scores.items())
        report.note(f"the mesh of the {best} is used: {scored} on the validation views")
    write_mesh_ply(folder / MESH_FILE, meshes[best])
    report(1.0, f"{len(meshes[best].faces)} faces")
    return ScanMesh(folder=folder, origin=best, judged_db=scores, extractor=extractors[best])


def level_extractor(options: SurfaceOptions, views: ViewSet, field: RadianceField | None = None) -> Extractor | None:
    """The extractor of a field's level surface, or None where depths are fused in its place.

    A field that was fitted to more than the views' region has surfaces all over its own: there depths are fused.
    """
    if field is not None and views.region.bounded and not field.region.bounded:
        return None
    if options.extractor == "auto":
        return "marching_cubes" if views.region.bounded else None
    return next((name for name in GRID_BYTES if name == options.extractor), None)


def field_surface(field: RadianceField, views: ViewSet, options: SurfaceOptions, report: Progress) -> tuple[Mesh, str]:
    """The field's level surface, or the fused depths that it renders to its views; and the extractor's name."""
    opened = load_field(field, fitting_device(field, report))
    extractor = level_extractor(options, views, field)
    if extractor is None:
        return fused(views, lambda camera: render_field(opened, camera), options.mesh_resolution, report), "fused_depths"
    report(0.0, "sampling the field")
    grid = density_grid(opened, options.mesh_resolution)
    report(0.7, "its surface")
    mesh = level_surface(
        extractor,
        grid.values,
        grid.lowest,
        grid.step,
        grid.level,
        sample=lambda points: sample_values(opened, points, report),
    )
    return mesh, extractor


def splat_surface(splats: Splats, views: ViewSet, options: SurfaceOptions, report: Progress) -> tuple[Mesh, str]:
    """The fused depths that the splats render to their views, or Poisson's surface through their level points (SuGaR).

    Depths of a subject in its scene are first moved to where the photos agree: its scene's splats are coarse there.
    """
    opened = load_splats(splats, splat_device(splats, report))
    if options.extractor == "auto" and isinstance(views, SubjectViews):
        photos = evenly_chosen(views.load(), _FUSED_VIEWS)
        part = Part(report, 0.0, 0.8)
        matched = matched_surface(
            photos, views.region, lambda camera: render_splats(opened, camera), options.mesh_resolution, part
        )
        if matched is not None:
            return matched, "matched_depths"
    if options.extractor != "poisson":
        return fused(views, lambda camera: render_splats(opened, camera), options.mesh_resolution, report), "fused_depths"
    found = surface_points(opened, _fused_cameras(views), region=views.region, report=Part(report, 0.0, 0.5))
    cloud = PointCloud(found.points, np.round(255 * found.colours).astype(np.uint8))
    report(0.5, f"Poisson's surface through {len(found.points)} points")
    mesh = points_to_surface(cloud, found.normals, resolution=options.mesh_resolution)
    return (mesh if views.region.bounded else seen_surface(mesh)), "poisson"


def _fused_cameras(views: ViewSet) -> list[Camera]:
    cameras = [camera.fitted(min(views.view_px, _FUSED_PX)) for camera in views.read_cameras()]
    return cameras[:: math.ceil(len(cameras) / _FUSED_VIEWS)]


def fused(views: ViewSet, render: Callable[[Camera], Rendered], resolution: int, report: Progress) -> Mesh:
    """The surface of the depths that a renderer shows to the views, in their region."""
    cameras = _fused_cameras(views)
    renders = []
    for number, camera in enumerate(cameras):
        report(0.6 * number / len(cameras), f"depth of view {number + 1} of {len(cameras)}")
        renders.append(render(camera))
    return fuse_depths(cameras, renders, views.region, resolution, report=Part(report, 0.6, 1.0))


def _judge(meshes: dict[str, Mesh], views: ViewSet, faces: int, report: Progress) -> dict[str, float]:
    """Mean PSNR in dB by origin: each mesh with vertex colours fitted to it, on the validation views."""
    fitted, validation = split_validation_views(views.load())
    plain = RefineOptions(refine_steps=0)
    scores = {}
    for number, (origin, mesh) in enumerate(meshes.items()):
        part = Part(report, number / len(meshes), (number + 1) / len(meshes))
        scores[origin] = refine_mesh(mesh, fitted, validation, faces, plain, part).psnr_before_db
    return scores


def forecast_refine(views: ViewSet, surface: ScanMesh, faces: int, options: RefineOptions) -> int:
    """Bytes: the views; about 2 kB a face for edges, gradients and the factor of the preconditioner."""
    return FRAMEWORK + views_bytes(views) + 2000 * faces


def refine_surface(
    views: ViewSet, surface: ScanMesh, faces: int, options: RefineOptions, folder: Path, report: Progress
) -> ScanMesh:
    """Refine the mesh to look like the views; keep the one with the higher PSNR on the validation views, before or after."""
    fitted, validation = split_validation_views(views.load())
    refined = refine_mesh(surface.read(), fitted, validation, faces, options, report)
    few = views.region.bounded and views.count <= FEW_VIEWS
    mesh = repair(refined.mesh, smallest_island=_OF_FEW if few else _CRUMB, largest_hole=math.inf if few else 0.0).mesh
    if len(mesh.faces) > faces:  # closed holes have new faces
        mesh = decimate(mesh, faces)
    if refined.kept == "given" and options.refine_steps:
        report.note(
            f"refinement did not help ({refined.psnr_before_db:.2f} dB before, {refined.psnr_after_db:.2f} dB after):"
            " the mesh stays as it was"
        )
    write_mesh_ply(folder / MESH_FILE, mesh)
    judged = {**surface.judged_db, "before": refined.psnr_before_db, "after": refined.psnr_after_db}
    return replace(surface, folder=folder, judged_db=judged)


SURFACE = Stage("surface", "Finding the surface", make_surface, version=2, share=10, forecast=forecast_surface, gpu=gpu_of_views)
REFINE = Stage("refine", "Refining the mesh", refine_surface, version=1, share=20, forecast=forecast_refine, gpu=gpu_of_views)
