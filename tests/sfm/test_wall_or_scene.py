"""What is up on a wall, and what is no wall at all."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.sfm.wall import find_wall_plane, measure_likeness, turned_axes, upright_majority, wall_axes, why_a_wall, why_no_wall

NORMAL = np.array([0.0, -1.0, 0.0])


def leaning(degrees: list[float]) -> np.ndarray:
    angle = np.radians(degrees)
    return np.column_stack([np.sin(angle), np.zeros(len(degrees)), np.cos(angle)])


def rows_of_cameras(count: int = 8) -> tuple[np.ndarray, np.ndarray]:
    return np.column_stack([np.linspace(-1, 1, count), np.full(count, -1.0), np.full(count, 1.0)]), np.tile(
        [0, 1.0, 0], (count, 1)
    )


def ring_of_cameras(count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    centres = 3 * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(count)])
    return centres, -centres / 3


def test_the_wall_stands_as_most_photos_stand() -> None:
    ups = leaning([1, -2, 3, 91, 88, 180])
    agree = upright_majority(ups, NORMAL)
    assert agree.tolist() == [True, True, True, False, False, False]
    centres = rows_of_cameras(6)[0]
    axes = wall_axes(NORMAL, 0.0, centres, ups)
    assert axes[2] @ [0, 0, 1] > 0.999


def test_photos_that_all_lean_alike_agree() -> None:
    assert upright_majority(leaning([44, 46, 45, 47]), NORMAL).all()
    assert upright_majority(leaning([179, -179, 178]), NORMAL).all()


def test_a_ceiling_has_no_say() -> None:
    assert upright_majority(np.tile(NORMAL, (3, 1)), NORMAL).all()


@pytest.mark.parametrize(("degrees", "up_becomes"), [(0, [0, 0, 1]), (90, [1, 0, 0]), (180, [0, 0, -1]), (270, [-1, 0, 0])])
def test_a_clockwise_turn_takes_what_was_up_to_the_right(degrees: int, up_becomes: list[float]) -> None:
    axes = turned_axes(np.eye(3), degrees)
    assert np.linalg.det(axes) == pytest.approx(1)
    assert (axes @ [0, 0, 1.0]).tolist() == up_becomes
    assert (axes @ [0, 1.0, 0]).tolist() == [0, 1, 0]


def said(points: np.ndarray, centres: np.ndarray, directions: np.ndarray, **seen: float) -> str:
    plane = find_wall_plane(points, float(np.median(np.linalg.norm(centres, axis=1))))
    return why_no_wall(measure_likeness(points, plane.normal, plane.offset, centres, directions), **seen)


def wall_points(random: np.random.Generator, relief: float = 0.02) -> np.ndarray:
    x, z = random.uniform((-1.5, 0), (1.5, 2), (2000, 2)).T
    return np.column_stack([x, relief * np.sin(3 * x), z])


def test_a_wall_is_a_wall_even_with_a_crowd_before_it_and_half_of_it_unseen() -> None:
    random = np.random.default_rng(0)
    wall = wall_points(random)
    crowd = random.uniform((-1.5, -0.6, 0), (1.5, -0.2, 0.5), (150, 3))
    assert said(wall, *rows_of_cameras()) == ""
    assert said(np.concatenate([wall, crowd]), *rows_of_cameras()) == ""
    assert said(wall, *rows_of_cameras(), seen=0.5, placed=0.6) == ""


def facade_with_wings(depth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A facade 3 wide and 2 high, seen from 4 away, with an eighth of its points on wings that stand forward."""
    points = wall_points(np.random.default_rng(6))
    points[np.abs(points[:, 0]) > 1.31, 1] -= depth
    centres, directions = rows_of_cameras()
    return points, centres * [1, 4, 1], directions


def test_a_facade_with_wings_is_a_wall_unless_photos_miss_half_of_it() -> None:
    facade = facade_with_wings(1.0)
    assert said(*facade) == ""
    assert "its relief is 30%" in said(*facade, seen=0.5)
    assert "its relief is 30%" in said(*facade, placed=0.6)


def test_a_thing_seen_from_all_sides_is_no_wall() -> None:
    points = np.random.default_rng(1).normal(size=(2000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    text = said(points, *ring_of_cameras())
    assert "does not look like a wall" in text
    assert "grotto run scan" in text
    assert "many sides" in text


def test_deep_relief_with_holes_is_no_wall() -> None:
    random = np.random.default_rng(2)
    points = wall_points(random)
    points[:, 1] += np.where(random.random(2000) < 0.3, -0.5, 0)
    assert "does not look like a wall" in said(points, *rows_of_cameras(), seen=0.5)


def test_a_flat_wall_given_to_a_scan_is_named_and_a_figure_is_not() -> None:
    random = np.random.default_rng(3)
    assert "grotto run wall" in why_a_wall(wall_points(random), *rows_of_cameras())
    ball = random.normal(size=(2000, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    assert why_a_wall(ball, *ring_of_cameras()) == ""
    assert why_a_wall(wall_points(random), *ring_of_cameras()) == ""
    assert why_a_wall(wall_points(random)[:10], *rows_of_cameras()) == ""
