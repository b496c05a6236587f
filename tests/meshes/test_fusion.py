from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from closed_fields import volume
from exact_depths import RADIUS, around, camera_at, room_view, sphere_view

from grotto.contract import ProblemError
from grotto.meshes.repair import mesh_facts
from grotto.meshes.surface import fuse_depths, fusion
from grotto.scene import Region

BOX = Region(lowest=(-0.8, -0.8, -0.8), highest=(0.8, 0.8, 0.8), bounded=True)
STEP = 1.6 / 40


@pytest.mark.parametrize("normals", [True, False])
def test_a_sphere_from_exact_depths_is_well_under_a_voxel_off(normals: bool) -> None:
    cameras = around(20)
    mesh = fuse_depths(cameras, [sphere_view(camera, normals=normals) for camera in cameras], BOX, 40)
    off = np.linalg.norm(mesh.vertices, axis=1) - RADIUS
    assert np.abs(off).mean() < 0.05 * STEP and np.abs(off).max() < 0.15 * STEP
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.euler == 2
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.01)
    assert mesh.colours is not None and mesh.seen is not None and mesh.seen.all()
    assert np.abs(mesh.colours - (0.5 + 0.5 * mesh.vertices / RADIUS)).max() < 0.05


def test_a_room_has_surface_only_where_it_was_seen() -> None:
    cameras = [camera_at((x, -1.5, 0.4), (0, 0.7, -0.3), 120) for x in (-0.5, 0.0, 0.4)]
    scene = Region(lowest=(-1.0, -1.0, -0.8), highest=(1.0, 1.0, 0.6), bounded=False)
    mesh = fuse_depths(cameras, [room_view(camera) for camera in cameras], scene, 50)
    step = 2 / 50
    to_floor, to_wall = np.abs(mesh.vertices[:, 2] + 0.5), np.abs(mesh.vertices[:, 1] - 0.7)
    off = np.minimum(to_floor, to_wall)
    corner = np.maximum(to_floor, to_wall) < 3 * step
    assert off[~corner].mean() < 0.01 * step and off[~corner].max() < 0.1 * step and off.max() < 0.8 * step
    assert mesh.seen is not None and mesh.colours is not None
    floor = (to_floor < to_wall) & ~corner
    assert floor.any() and mesh.colours[floor] == pytest.approx(np.array([[0.1, 0.8, 0.1]] * floor.sum()), abs=1e-3)
    normal = np.cross(*(mesh.vertices[mesh.faces[:, i]] - mesh.vertices[mesh.faces[:, 0]] for i in (1, 2)))
    on_floor = floor[mesh.faces].all(axis=1)
    assert (normal[on_floor, 2] > 0).all() and (normal[(~floor & ~corner)[mesh.faces].all(axis=1), 1] < 0).all()
    assert not mesh_facts(mesh).watertight
    shown = np.zeros(len(mesh.vertices), bool)
    for camera in cameras:
        pixels, depth = camera.project(mesh.vertices)
        shown |= (depth > 0) & (pixels > -2).all(axis=1) & (pixels < 122).all(axis=1)
    assert shown.all()


def test_what_nobody_saw_of_an_object_is_filled_and_told() -> None:
    cameras = [camera for camera in around(30) if camera.position[2] > -0.3]
    mesh = fuse_depths(cameras, [sphere_view(camera) for camera in cameras], BOX, 40)
    assert mesh_facts(mesh).watertight and mesh.seen is not None
    below = mesh.vertices[:, 2] < -0.58
    assert mesh.seen[below].mean() < 0.2 and mesh.seen[mesh.vertices[:, 2] > 0].all()
    opened = fuse_depths(cameras, [sphere_view(camera) for camera in cameras], BOX, 40, solid=False)
    assert not mesh_facts(opened).watertight and opened.vertices[:, 2].min() > -RADIUS - STEP


def test_one_wrong_view_is_outvoted() -> None:
    cameras = around(20)
    views = [sphere_view(camera) for camera in cameras]
    floater = views[3].depth.copy()
    floater[40:50, 40:50] -= 0.5  # a thing in front of the sphere that 19 views look through
    views[3] = replace(views[3], depth=floater)
    mesh = fuse_depths(cameras, views, BOX, 40)
    assert np.abs(np.linalg.norm(mesh.vertices, axis=1) - RADIUS).max() < STEP


def test_unsure_depths_weigh_less() -> None:
    cameras = around(20) + around(20, 2.1)
    views = [sphere_view(camera) for camera in cameras]
    bias = 1.5 * STEP
    views[20:] = [
        replace(view, depth=np.where(view.depth > 0, view.depth - bias, 0).astype(np.float32), normal=view.normal)
        for view in views[20:]
    ]
    told = [replace(view, depth_expected=view.depth + (0.5 if n >= 20 else 0.0)) for n, view in enumerate(views)]
    plain = np.linalg.norm(fuse_depths(cameras, views, BOX, 40).vertices, axis=1).mean() - RADIUS
    weighed = np.linalg.norm(fuse_depths(cameras, told, BOX, 40).vertices, axis=1).mean() - RADIUS
    assert plain > 0.3 * bias and abs(weighed) < 0.25 * plain


def test_slabs_give_the_same_surface_as_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = around(8)
    views = [sphere_view(camera) for camera in cameras]
    whole = fuse_depths(cameras, views, BOX, 32)
    monkeypatch.setattr(fusion, "_SLAB_VOXELS", 33 * 33 * 6)
    slabs = fuse_depths(cameras, views, BOX, 32)
    assert mesh_facts(slabs).watertight and len(slabs.faces) == len(whole.faces)
    assert np.sort(slabs.vertices, axis=0) == pytest.approx(np.sort(whole.vertices, axis=0), abs=1e-5)


def test_nothing_in_the_region_is_a_problem() -> None:
    cameras = around(4)
    views = [sphere_view(camera) for camera in cameras]
    nothing = [
        replace(view, depth=0 * view.depth, opacity=0 * view.opacity, colour=0 * view.colour, normal=None) for view in views
    ]
    with pytest.raises(ProblemError):
        fuse_depths(cameras, nothing, BOX, 20)
    elsewhere = Region(lowest=(5.0, 5.0, 5.0), highest=(6.0, 6.0, 6.0), bounded=True)
    with pytest.raises(ProblemError):
        fuse_depths(cameras, views, elsewhere, 20)
