"""Objects and turntables: closed, in the frame, the same each time, and photographed where they are."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from grotto.contract import Kind, ProblemError
from grotto.scene import RIGS, View, camera_around, orbit, random_cameras, zero123plus_rig
from grotto.synthetic import disturb, photograph
from grotto.synthetic.objects import OBJECTS, MadeObject, make_object

CELLS = 72
MADE: dict[str, MadeObject] = {}


def made(name: str) -> MadeObject:
    if name not in MADE:
        MADE[name] = make_object(name, 0, cells=CELLS)
    return MADE[name]


@pytest.mark.parametrize("name", OBJECTS)
def test_each_object_is_one_closed_solid_in_the_ball(name: str) -> None:
    mesh = made(name).mesh
    solid = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    assert solid.is_watertight and solid.is_winding_consistent and solid.volume > 0
    assert solid.body_count == 1
    assert np.linalg.norm(mesh.vertices, axis=1).max() == pytest.approx(0.92, abs=1e-5)
    assert mesh.colours is not None and mesh.colours.min() >= 0 and mesh.colours.max() <= 1
    assert mesh.colours.std(0).min() > 0.1  # painted, not plain


def test_holes_where_they_are_promised() -> None:
    solids = {name: trimesh.Trimesh(made(name).mesh.vertices, made(name).mesh.faces, process=False) for name in OBJECTS}
    euler = {name: solid.euler_number for name, solid in solids.items()}
    assert euler["knot"] == 0 and euler["teapot"] == 0  # one hole each: the knot's ring and the handle
    assert euler["bowl"] == 2


def test_the_bowl_is_concave() -> None:
    mesh = trimesh.Trimesh(made("bowl").mesh.vertices, made("bowl").mesh.faces, process=False)
    assert mesh.volume < 0.3 * mesh.convex_hull.volume


def test_vertices_lie_on_the_solid() -> None:
    for name in OBJECTS:
        thing = made(name)
        local = thing.mesh.vertices / thing.scale + thing.centre
        off = np.abs(thing.sculpture.solid(local.astype(np.float32))) * thing.scale
        assert np.percentile(off, 99) < 0.05 * 2 / CELLS, name


def test_seeds_make_other_objects_and_repeat() -> None:
    first, again, other = (make_object("deer", seed, cells=48) for seed in (3, 3, 4))
    assert np.array_equal(first.mesh.vertices, again.mesh.vertices)
    assert np.array_equal(first.mesh.colours, again.mesh.colours)  # type: ignore[arg-type]
    assert first.mesh.vertices.shape != other.mesh.vertices.shape


def test_only_the_teapot_shines() -> None:
    points = made("teapot").mesh.vertices[::50]
    front, side = np.tile(np.float32([1, 0, -0.3]), (len(points), 1)), np.tile(np.float32([0, 1, -0.8]), (len(points), 1))
    assert [name for name in OBJECTS if made(name).glossy] == ["teapot"]
    assert np.abs(made("teapot").colour_at(points, front) - made("teapot").colour_at(points, side)).max() > 0.1
    points = made("deer").mesh.vertices[::50]
    front, side = np.tile(np.float32([1, 0, 0]), (len(points), 1)), np.tile(np.float32([0, 1, 0]), (len(points), 1))
    assert np.array_equal(made("deer").colour_at(points, front), made("deer").colour_at(points, side))


def test_unknown_names_are_refused_in_words() -> None:
    for call in (lambda: make_object("dragon"), lambda: zero123plus_rig("v9", 64)):
        with pytest.raises(ProblemError, match="choose one of") as caught:
            call()
        assert caught.value.problem.kind is Kind.BAD_INPUT


@pytest.mark.parametrize("version", RIGS)
def test_six_view_rigs(version: str) -> None:
    cameras = zero123plus_rig(version, 64)
    positions = np.stack([camera.position for camera in cameras])
    elevation = np.degrees(np.arcsin(positions[:, 2] / np.linalg.norm(positions, axis=1)))
    assert np.allclose(elevation, [30, -20] * 3 if version == "v1.1" else [20, -10] * 3)
    assert np.allclose(np.degrees(np.arctan2(positions[:, 1], positions[:, 0])) % 360, [30, 90, 150, 210, 270, 330])
    across = 2 * np.degrees(np.arctan(32 / cameras[0].focal_x))
    assert across == pytest.approx(49.134 if version == "v1.1" else 30.0)
    views = photograph(made("knot"), cameras, 1)
    for view in views:
        assert view.alpha is not None and view.alpha.max() == 1
        assert not view.alpha[[0, -1]].any() and not view.alpha[:, [0, -1]].any()  # wholly in the frame


def test_pictures_show_the_mesh_where_the_camera_says() -> None:
    thing, camera = made("deer"), camera_around(40, 20, 96)
    view = photograph(thing, [camera], 3)[0]
    assert view.alpha is not None
    pixels, _ = camera.project(thing.mesh.vertices)
    for axis, values in ((1, np.flatnonzero(view.alpha.max(0) > 0)), (0, np.flatnonzero(view.alpha.max(1) > 0))):
        span = pixels[:, 1 - axis] if axis == 0 else pixels[:, 0]
        assert values[0] == pytest.approx(np.floor(span.min()), abs=1)
        assert values[-1] == pytest.approx(np.floor(span.max()), abs=1)
    coarse = photograph(thing, [camera], 1)[0]
    assert view.alpha.mean() == pytest.approx(float(coarse.alpha.mean()), rel=0.03)  # type: ignore[union-attr]
    solid = (view.alpha == 1) & (coarse.alpha == 1)
    assert np.abs(view.colour[solid] - coarse.colour[solid]).mean() < 0.05


def test_cameras_surround_the_object() -> None:
    around = np.stack([camera.position for camera in orbit(8, 32)])
    assert np.allclose(around[:4, :2], -around[4:, :2])
    places = np.stack([camera.position for camera in random_cameras(400, 1, 32)])
    assert np.array_equal(places, np.stack([camera.position for camera in random_cameras(400, 1, 32)]))
    height = places[:, 2] / np.linalg.norm(places, axis=1)
    assert height.min() >= -0.5 - 1e-9 and height.max() <= np.sin(np.radians(60)) + 1e-9
    assert np.histogram(height, 4)[0].min() > 70


def test_disturbed_views_are_moved_and_tinted_as_stated() -> None:
    side = 128
    camera = camera_around(0, 0, side)
    grid = np.indices((side, side)).sum(0) / (2 * side)
    plain = View(name="a", camera=camera, colour=np.dstack([grid] * 3).astype(np.float32), alpha=None)
    views = disturb([plain] * 24, 5)
    again = disturb([plain] * 24, 5)
    assert all(np.array_equal(a.colour, b.colour) for a, b in zip(views, again, strict=True))
    gains = np.array([np.median(view.colour[8:-8, 8:-8] / plain.colour[8:-8, 8:-8], (0, 1)) for view in views])
    assert gains.std() == pytest.approx(0.06, rel=0.3)
    # Along the diagonal ramp, a shift of (dx, dy) changes values by (dx + dy) / (2 side).
    inner = np.s_[20:-20, 20:-20]
    pairs = zip(views, gains, strict=True)
    shifts = np.array([view.colour[..., 1][inner] / gain[1] - plain.colour[..., 1][inner] for view, gain in pairs])
    assert 0.4 < (shifts * 2 * side).std() < 1.5  # 1.5 px at 256 is .75 here, times sqrt 2, smoothed
    whole = photograph(made("deer"), [camera_around(30, 10, 64)], 1)
    before, after = whole[0].alpha, disturb(whole, 1)[0].alpha
    assert before is not None and after is not None
    assert 0.02 < np.abs(after - before).sum() / before.sum() < 0.5
