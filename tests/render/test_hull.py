"""The visual hull: what outlines refute, what they cannot know, and what they are spared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grotto.scene import Camera, Lattice, Region, View, look_at, thinner, visual_hull

REGION = Region(lowest=(-1, -1, -1), highest=(1, 1, 1), bounded=True)
RADIUS = 0.5


def camera_at(position: tuple[float, float, float], size: int = 64) -> Camera:
    matrix = look_at(np.array(position), np.zeros(3))
    return Camera(
        camera_from_world=matrix, focal_x=60.0, focal_y=60.0, centre_x=size / 2, centre_y=size / 2, width=size, height=size
    )


def views_of_a_ball(count: int = 8) -> list[View]:
    views = []
    for number in range(count):
        angle = 2 * np.pi * number / count
        camera = camera_at((3 * np.cos(angle), 3 * np.sin(angle), 1.5 * (-1) ** number))
        rays = camera.directions().astype(float)
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        nearest = -camera.position - (rays @ -camera.position)[..., None] * rays
        alpha = (np.linalg.norm(nearest, axis=-1) < RADIUS).astype(np.float32)
        views.append(View(name=str(number), camera=camera, colour=np.zeros((64, 64, 3), np.float32), alpha=alpha))
    return views


def distances(lattice: Lattice) -> np.ndarray:
    axes = [lattice.lowest[axis] + lattice.step * np.arange(lattice.counts[axis]) for axis in range(3)]
    return np.linalg.norm(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1), axis=-1)


def test_hull_holds_the_subject_and_little_else() -> None:
    lattice = Lattice.over(REGION, 41)
    hull = visual_hull(views_of_a_ball(), lattice)
    away = distances(lattice)
    assert hull[away < RADIUS].all()
    assert not hull[away > RADIUS + 0.35].any()
    assert thinner(hull).sum() < 1.8 * (away < RADIUS).sum()


def test_wider_masks_make_wider_hulls() -> None:
    lattice = Lattice.over(REGION, 41)
    plain, wide = (visual_hull(views_of_a_ball(), lattice, dilation_px=by) for by in (0.0, 3.0))
    assert (wide >= plain).all()
    # Three pixels at distance 3.35 and focal length 60 px are 0.17.
    grown = np.cbrt(wide.sum() / plain.sum()) - 1
    assert 0.5 * 0.17 / RADIUS < grown < 1.3 * 0.17 / RADIUS


def test_one_wrong_mask_is_survived_when_one_view_is_spared() -> None:
    lattice = Lattice.over(REGION, 41)
    views = views_of_a_ball()
    views[3] = replace(views[3], alpha=np.zeros((64, 64), np.float32))
    inside = distances(lattice) < RADIUS
    assert not visual_hull(views, lattice)[inside].any()
    assert visual_hull(views, lattice, spared=1)[inside].all()


def test_what_a_view_does_not_show_it_does_not_refute() -> None:
    lattice = Lattice.over(REGION, 21)
    empty = np.zeros((64, 64), np.float32)
    colour = np.zeros((64, 64, 3), np.float32)
    away = camera_at((0, 0, 3))
    turned = replace(away, camera_from_world=look_at(np.array([0.0, 0, 3]), np.array([0.0, 0, 6])))
    behind = View(name="behind", camera=turned, colour=colour, alpha=empty)
    whole = View(name="whole", camera=away, colour=colour, alpha=None)
    assert visual_hull([behind, whole], lattice).all()
    assert not visual_hull([replace(behind, camera=away)], lattice).all()
