"""A mosaic's parts against closed forms: homographies, the bundle, the choice of pairs, the upright."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.sfm.mosaic import (
    Lines,
    Link,
    Points,
    Side,
    alternatives,
    by_corners,
    distort,
    fit_homography,
    is_plausible,
    level_by_lines,
    matches_of,
    misfit,
    own_axes,
    robust_layout,
    solve_bundle,
    transfer,
    undistort,
)

SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


def picture(x: float, y: float, size: float, random: np.random.Generator) -> np.ndarray:
    """picture_from_wall of a picture about (x, y) whose half diagonal is `size` on the wall, by a camera turned a little."""
    tilt = np.array([[1, 0, 0], [0, 1, 0], [*random.uniform(-0.05, 0.05, 2), 1]])
    angle = random.normal(0, 0.03)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return tilt @ turn @ np.array([[1 / size, 0, -x / size], [0, 1 / size, -y / size], [0, 0, 1]])


def wall(random: np.random.Generator) -> np.ndarray:
    """One wide picture, two beside each other, and three details: (6, 3, 3)."""
    places = [(0, 0, 1.0), (-0.4, 0, 0.6), (0.45, 0.1, 0.6), (-0.5, 0.1, 0.2), (0.1, -0.1, 0.25), (0.5, 0.2, 0.15)]
    return np.array([picture(x, y, size, random) for x, y, size in places])


def link(first: int, second: int, maps: np.ndarray, radial: np.ndarray, random: np.random.Generator, noise: float = 0.0) -> Link:
    """The matches of two pictures: places of the wall that both show."""
    on_wall = random.uniform(-1, 1, (4000, 2))
    shown = [transfer(maps[i], on_wall) for i in (first, second)]
    seen = (np.abs(shown[0]) < (0.8, 0.6)).all(axis=1) & (np.abs(shown[1]) < (0.8, 0.6)).all(axis=1)
    p, q = (
        distort(one[seen][:60], np.full(min(60, int(seen.sum())), radial[i]))
        for one, i in zip(shown, (first, second), strict=True)
    )
    between = maps[first] @ np.linalg.inv(maps[second])
    p = p + random.normal(0, noise, p.shape)
    return Link(first, second, between / np.cbrt(np.linalg.det(between)), p, q, np.full(len(p), 1e-3), float(len(p)))


def links(maps: np.ndarray, radial: np.ndarray, random: np.random.Generator, noise: float = 0.0) -> list[Link]:
    found = [link(i, j, maps, radial, random, noise) for i in range(len(maps)) for j in range(i + 1, len(maps))]
    return [one for one in found if one.weight >= 8]


def test_a_homography_is_found_exactly_and_keeps_its_sign() -> None:
    true = np.array([[1.2, 0.1, 3.0], [-0.2, 0.9, -1.0], [0.05, -0.02, 1.0]])
    source = np.random.default_rng(0).uniform(-1, 1, (12, 2))
    found = fit_homography(source, transfer(true, source))
    assert found / found[2, 2] == pytest.approx(true, abs=1e-8)


def test_the_lens_term_and_its_inverse() -> None:
    places = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    radial = np.linspace(-0.1, 0.1, 50)
    assert undistort(distort(places, radial), radial) == pytest.approx(places, abs=1e-9)


def test_the_bundle_finds_known_homographies_and_lenses() -> None:
    random = np.random.default_rng(1)
    maps, radial = wall(random), np.array([0.01, -0.01, 0.008, 0.0, 0.01, -0.006])
    own = links(maps, radial, random)
    # from maps that are off by some hundredths, and no lenses
    start = np.array([(np.eye(3) + random.normal(0, 0.02, (3, 3))) @ one for one in maps])
    start[0] = maps[0]
    solved = solve_bundle(start, matches_of(own), held=0)
    wanted = maps / np.cbrt(np.linalg.det(maps))[:, None, None]
    for found, true in zip(solved.picture_from_wall, wanted, strict=True):
        on_wall = transfer(np.linalg.inv(true), 0.6 * SQUARE)
        assert transfer(found, on_wall) == pytest.approx(0.6 * SQUARE, abs=2e-3)
    assert solved.radial == pytest.approx(radial, abs=3e-3)


def test_wrong_matches_do_not_pull_the_bundle() -> None:
    random = np.random.default_rng(2)
    maps, radial = wall(random), np.zeros(6)
    own = links(maps, radial, random, noise=1e-3)
    for one in own:
        one.first_place[::9] += random.uniform(-0.3, 0.3, one.first_place[::9].shape)  # a ninth is false
    solved = solve_bundle(maps, matches_of(own), held=0)
    wanted = maps / np.cbrt(np.linalg.det(maps))[:, None, None]
    for found, true in zip(solved.picture_from_wall, wanted, strict=True):
        assert transfer(found @ np.linalg.inv(true), 0.6 * SQUARE) == pytest.approx(0.6 * SQUARE, abs=1e-2)


def test_a_false_pair_is_outvoted_even_with_most_matches() -> None:
    random = np.random.default_rng(3)
    maps = wall(random)
    own = links(maps, np.zeros(6), random)
    moved = maps.copy()
    moved[3] = picture(0.55, -0.2, 0.2, random)  # another place that looks like detail 3's
    false = link(2, 3, moved, np.zeros(6), random)
    strong = Link(2, 3, false.first_from_second, false.first_place, false.second_place, false.first_spread, 75.0)
    pairs = [one for one in own if {one.first, one.second} != {2, 3}] + [strong]
    layout = robust_layout(6, pairs)
    assert layout.agrees[:-1].all()
    assert not layout.agrees[-1]
    for one in own:
        found = np.linalg.inv(layout.root_from_picture[one.first]) @ layout.root_from_picture[one.second]
        assert misfit(one, found) < 0.03


def test_pictures_of_two_walls_are_two_components() -> None:
    random = np.random.default_rng(4)
    maps = wall(random)
    own = [
        one
        for one in links(maps, np.zeros(6), random)
        if {one.first, one.second} <= {1, 3} or {one.first, one.second} <= {0, 2, 5}
    ]
    layout = robust_layout(6, own)
    assert layout.component.tolist() == [0, 1, 0, 1, 2, 0]


def points(places: np.ndarray, sizes: np.ndarray, angles: np.ndarray, kinds: np.ndarray) -> Points:
    """Points whose descriptors are those of their kinds."""
    unit = np.abs(np.random.default_rng(9).normal(0, 1, (4000, 128))).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return Points(places, sizes, angles, unit[kinds])


def test_one_true_match_in_thirty_is_enough_at_a_scale_of_one_to_six() -> None:
    random = np.random.default_rng(5)
    detail = random.uniform(0, 1000, (40, 2))
    placed = transfer(np.array([[1 / 6, 0.01, 300], [-0.01, 1 / 6, 200], [1e-6, 0, 1]]), detail)
    count = 1160
    first = points(
        np.concatenate([placed, random.uniform(0, 1000, (count, 2))]),
        np.concatenate([np.full(40, 2.0), random.uniform(2, 20, count)]),
        random.uniform(-np.pi, np.pi, 40 + count),
        np.arange(40 + count),
    )
    angles = np.concatenate([first.angle[:40] + 0.06, random.uniform(-np.pi, np.pi, count)])
    second = points(
        np.concatenate([detail, random.uniform(0, 1000, (count, 2))]),
        np.concatenate([np.full(40, 12.0), random.uniform(2, 20, count)]),
        angles,
        np.arange(40 + count),
    )
    found = next(alternatives(Side(first, 1000, 1000, 1.0), Side(second, 1000, 1000, 1.0), 0.8))
    assert (found.rows[:, 0] < 40).mean() > 0.9
    assert np.linalg.norm(transfer(found.first_from_second, detail) - placed, axis=1).max() < 2.0


def test_a_mirrored_map_is_not_plausible() -> None:
    assert is_plausible(np.diag([2.0, 2.0, 1.0]), SQUARE)
    assert not is_plausible(np.diag([-2.0, 2.0, 1.0]), SQUARE)
    assert not is_plausible(np.array([[1, 0, 0], [0, 1, 0], [1.2, 0, 1.0]]), SQUARE)  # its horizon crosses the picture


def test_lines_make_a_plane_upright() -> None:
    random = np.random.default_rng(6)
    level = np.column_stack([random.uniform(-1, 0, 60), random.uniform(-0.6, 0.6, 60)])
    plumb = np.column_stack([random.uniform(-1, 1, 60), random.uniform(-0.6, 0.2, 60)])
    start, end = np.concatenate([level, plumb]), np.concatenate([level + np.array([0.6, 0]), plumb + np.array([0, 0.4])])
    end[::7] += random.uniform(-0.05, 0.05, end[::7].shape)  # some are neither
    seen = np.linalg.inv(np.array([[1, 0.03, 0], [-0.04, 1, 0], [0.05, -0.04, 1]]))
    found = level_by_lines(Lines(start, end).through(seen))
    straight = Lines(start, end).through(found.matrix @ seen)
    direction = straight.end - straight.start
    lean = np.degrees(np.minimum(np.abs(direction[:, 0]), np.abs(direction[:, 1])) / np.linalg.norm(direction, axis=1))
    assert np.median(lean) < 0.05
    assert found.level > 40
    assert found.plumb > 40


def test_few_lines_say_nothing() -> None:
    found = level_by_lines(Lines(np.zeros((5, 2)), np.tile([[1.0, 0.1]], (5, 1))))
    assert (found.level, found.plumb) == (0, 0)
    assert (found.matrix == np.eye(3)).all()


def test_the_widest_picture_stands_upright_by_its_own_axes() -> None:
    turned = np.array([[0.9, -0.3, 2.0], [0.3, 0.9, 1.0], [0.02, 0.01, 1]])  # plane_from_picture
    matrix = own_axes(np.array([turned]), np.array([1.0]), np.array([0]))
    shown = transfer(matrix @ turned, 0.5 * SQUARE)
    across = shown[1] - shown[0]
    assert across[1] == pytest.approx(0, abs=0.02 * across[0])
    assert across[0] > 0
    assert np.ptp(shown[:, 0]) == pytest.approx(np.ptp(shown[:, 1]), rel=0.02)


def test_four_corners_become_a_rectangle() -> None:
    corners = np.array([[0.0, 0.1], [2.0, -0.1], [2.2, 1.2], [-0.1, 1.0]])
    found = transfer(by_corners(corners), corners)
    assert found[0, 1] == pytest.approx(found[1, 1])
    assert found[0, 0] == pytest.approx(found[3, 0])
    assert found[1, 0] > found[0, 0]
