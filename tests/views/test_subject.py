"""The subject of a scene: what cameras look at together, told from rooms, rows of photos and squares with nothing in them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scan_sets import Noted, ring, views_of, write_set

from grotto.contract import ProblemError, Silent
from grotto.scene import Camera, Region, Rendered, Subject, find_subject, look_at, reached_by_splats, region_between
from grotto.views import surroundings

Array = NDArray[np.float64]
RNG = np.random.default_rng(5)
STATUE = np.array([0.3, 0.3, 1.0])  # half width, half depth, height


def camera(place: Array, target: Array, px: int = 100) -> Camera:
    return Camera(
        camera_from_world=look_at(place, target), focal_x=1.2 * px, focal_y=1.2 * px, centre_x=px / 2, centre_y=px / 2,
        width=px, height=px,
    )  # fmt: skip


def around(count: int = 24, distance: float = 2.0, height: float = 0.7, turn: float = 2 * np.pi) -> list[Camera]:
    angles = turn * np.arange(count) / count
    return [camera(np.array([distance * np.cos(a), distance * np.sin(a), height]), np.array([0, 0, 0.5])) for a in angles]


def statue(count: int = 1500) -> Array:
    """Points on a block that stands on the ground at the origin."""
    points = RNG.uniform([-0.3, -0.3, 0.0], [0.3, 0.3, 1.0], (count, 3))
    side = RNG.integers(0, 2, count)
    points[np.arange(count), side] = np.where(RNG.random(count) < 0.5, -0.3, 0.3)
    return points


def square(half: float, count: int = 3000) -> Array:
    """Points on the ground and on four walls around it."""
    ground = np.column_stack([RNG.uniform(-half, half, (count, 2)), np.zeros(count)])
    walls = np.column_stack([RNG.uniform(-half, half, (count, 1)), np.full((count, 1), half), RNG.uniform(0, half, (count, 1))])
    turned = [walls @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return np.concatenate([ground, *turned])


def found(cameras: list[Camera], points: Array) -> Subject | None:
    """The subject, where each camera shows the points in its picture."""
    sights = []
    for one in cameras:
        pixels, depth = one.project(points)
        sights.append(np.flatnonzero((depth > 0) & (pixels > 0).all(1) & (pixels < one.width).all(1)))
    low, high = points.min(0), points.max(0)
    scene = Region(lowest=tuple(low.tolist()), highest=tuple(high.tolist()), bounded=False)
    return find_subject(cameras, points, sights, scene)


@pytest.mark.parametrize("half", [2.5, 10.0])
def test_a_statue_in_a_square_has_a_box_of_its_own(half: float) -> None:
    subject = found(around(), np.concatenate([statue(), square(half)]))
    assert subject is not None and subject.all_round
    low, high = subject.region.low, subject.region.high
    assert (low[:2] <= -0.3).all() and (high >= [0.3, 0.3, 1.0]).all() and low[2] <= 0.0
    assert (np.abs(low[:2]) < 0.45).all() and (high < [0.45, 0.45, 1.15]).all() and low[2] > -0.1


def test_a_figure_on_legs_without_points_belongs_to_its_plinth() -> None:
    points = statue()
    subject = found(around(), np.concatenate([points[(points[:, 2] < 0.38) | (points[:, 2] > 0.66)], square(5.0)]))
    assert subject is not None
    assert 1.0 <= subject.region.high[2] < 1.15 and (np.abs(subject.region.low[:2]) < 0.45).all()


def test_a_lean_figure_fills_the_pictures_by_its_box() -> None:
    """Most of what is seen in the middle of the pictures is the square behind a figure on legs; a stick in it is none."""
    plinth, body = statue(400), statue(400)
    body = body * [1.0, 0.4, 0.3] + [0, 0, 0.7]
    lean = np.concatenate([plinth * [1.0, 0.6, 0.4], body])
    subject = found(around(), np.concatenate([lean, square(2.5, 2500)]))
    assert subject is not None and subject.all_round
    stick = found(around(), np.concatenate([statue(800) * [0.2, 0.2, 1.0], square(2.5)]))
    assert stick is None or not stick.all_round


def test_another_axis_may_point_up() -> None:
    """Given cameras have the user's own axes: here y points down."""
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # ours from the square's: z up becomes -y
    points = np.concatenate([statue(), square(5.0)]) @ turn.T
    matrix = np.eye(4)
    matrix[:3, :3] = turn.T
    cameras = [Camera(**{**vars(one), "camera_from_world": one.camera_from_world @ matrix}) for one in around()]
    subject = found(cameras, points)
    assert subject is not None and subject.all_round
    assert -1.15 < subject.region.low[1] <= -1.0 and 0.0 <= subject.region.high[1] < 0.1


def test_a_low_fountain_is_found_with_its_rim() -> None:
    """A sibling of the statue: wide and flat, so that its box must not be taken for a column."""
    angles = RNG.uniform(0, 2 * np.pi, 2000)
    rim = np.column_stack([0.9 * np.cos(angles), 0.9 * np.sin(angles), RNG.uniform(0, 0.35, 2000)])
    subject = found(around(distance=3.0, height=1.4), np.concatenate([rim, square(12.0)]))
    assert subject is not None and subject.all_round
    assert (subject.region.low[:2] <= -0.85).all() and (subject.region.high[:2] >= 0.85).all()
    assert (subject.region.size[:2] < 2.3).all() and subject.region.high[2] < 0.6


def test_a_room_taken_from_within_has_no_subject() -> None:
    outwards = [
        camera(np.array([0.3 * np.cos(a), 0.3 * np.sin(a), 1.2]), np.array([3 * np.cos(a), 3 * np.sin(a), 1.2]))
        for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ]
    assert found(outwards, square(3.0)) is None


def test_a_room_seen_across_its_empty_middle_stays_a_scene() -> None:
    subject = found(around(distance=2.6, height=1.3), square(3.0))
    assert subject is None or not subject.all_round


@pytest.mark.parametrize("turn", [np.pi, 0.5 * np.pi])
def test_a_subject_seen_from_one_side_is_not_meshed_alone_of_itself(turn: float) -> None:
    subject = found(around(turn=turn), np.concatenate([statue(), square(5.0)]))
    assert subject is not None and not subject.all_round


def test_cameras_in_a_row_before_a_wall_stay_a_scene() -> None:
    row = [camera(np.array([x, -3.0, 1.0]), np.array([x, 5.0, 1.0])) for x in np.linspace(-2, 2, 12)]
    subject = found(row, square(5.0))
    assert subject is None or not subject.all_round


@pytest.mark.parametrize("text", ["0 0 0 1 1", "a b c d e f", "0 0 0 1 1 0", "0 0 0 nan 1 1"])
def test_a_box_that_is_none_is_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("set")
    with pytest.raises(ProblemError, match="is not a box"):
        views_of(write_set(folder / "in", ring()), folder / "out", Silent(), background="scene", subject_box=text)


def test_the_users_box_is_the_subject(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("set")
    box = "-0.3,-0.8,-0.2, 0.9,0.4,1.0"
    views = views_of(write_set(folder / "in", ring()), folder / "out", Silent(), background="scene", subject_box=box)
    assert views.subject is not None and views.all_round and not views.subject.bounded
    assert views.subject.lowest == (-0.3, -0.8, -0.2) and views.subject.highest == (0.9, 0.4, 1.0)


def test_masks_beside_a_few_photos_tell_the_subject(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Six photos with alpha among fourteen: too few for an object, enough to say what of the scene is meant."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("set")
    source = write_set(folder / "in", ring(count=14))
    for number in set(range(14)) - {0, 1, 4, 5, 9, 10}:
        path = source / "images" / f"{number}.png"
        Image.open(path).convert("RGB").save(path)
    noted = Noted()
    views = views_of(source, folder / "out", noted)
    assert views.subject is not None and not views.region.bounded
    assert (views.subject.low < [-0.1, -0.6, 0.0]).all() and (views.subject.high > [0.7, 0.2, 0.8]).all()
    assert (views.subject.size < 3.0).all(), "six outlines of a ball that fills most of each picture leave corners around it"
    assert any("masks of 6 pictures" in note for note in noted.notes)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_box_reaches_the_splats_of_thin_parts_and_leaves_floaters_and_the_ground(sign: float) -> None:
    """Antlers above, a hand at the side; the ground beside its foot, a haze over it and a floater far off stay outside."""
    body = RNG.uniform([-0.3, -0.2, 0.0], [0.3, 0.2, 0.8], (2000, 3))
    antlers = np.column_stack([np.full(10, 0.1), np.zeros(10), np.linspace(0.8, 1.0, 10)])
    hand = np.column_stack([np.linspace(0.3, 0.4, 6), np.zeros(6), np.full(6, 0.5)])
    ground = np.column_stack([RNG.uniform(-1, 1, (2000, 2)), RNG.uniform(-0.02, 0.02, 2000)])
    floaters = np.array([[0.0, 0.0, 1.15], [0.1, 0.0, 1.01]])
    means = np.concatenate([body, antlers, hand, ground, floaters]) * [1, 1, sign]
    deviations = np.full(len(means), 0.01)
    deviations[-1] = 0.3  # a haze
    low, high = np.array([-0.3, -0.2, -0.02]), np.array([0.3, 0.2, 0.8])
    box = region_between(np.minimum(low * [1, 1, sign], high * [1, 1, sign]), np.maximum(low * [1, 1, sign], high * [1, 1, sign]))
    grown = reached_by_splats(box, means, deviations, np.full(len(means), 0.5), np.array([0, 0, sign]))
    top, foot = (grown.high[2], grown.low[2]) if sign > 0 else (-grown.low[2], -grown.high[2])
    assert 1.0 <= top < 1.05 and foot == -0.02
    assert 0.4 <= grown.high[0] < 0.45 and grown.low[0] > -0.34 and (np.abs([grown.low[1], grown.high[1]]) < 0.24).all()
    faint = reached_by_splats(box, means, deviations, np.full(len(means), 0.02), np.array([0, 0, sign]))
    assert faint == box


def test_surroundings_have_no_depth_where_the_subject_stands_or_at_its_rim() -> None:
    """The ground in the subject's box stays, as does what lies behind; a pixel that is hidden is no empty one."""
    one = camera(np.array([0.0, -2.0, 0.7]), np.array([0.0, 0.0, 0.5]))
    rays = one.directions()
    ground = np.where(rays[..., 2] < 0, -one.position[2] / np.minimum(rays[..., 2], -1e-9), 50.0)
    front = np.full_like(ground, 1.7 / rays[..., 1].max())
    place = one.position + front[..., None] * rays
    stands = (np.abs(place[..., 0]) < 0.3) & (place[..., 2] > 0) & (place[..., 2] < 1)
    depth = np.where(stands, front, np.minimum(ground, 50)).astype(np.float32)
    whole = Rendered(colour=np.zeros((100, 100, 3), np.float32), opacity=np.ones((100, 100), np.float32), depth=depth)
    box = region_between(np.array([-0.35, -0.5, -0.02]), np.array([0.35, 0.5, 1.05]))
    around_it = surroundings(lambda _: whole, box, np.array([0, 0, 1.0]))(one)
    assert (around_it.depth[stands & (place[..., 2] > 0.1)] == 0).all() and (around_it.opacity == 1).all()
    far = (np.abs(place[..., 0]) > 0.45) | (place[..., 2] > 1.2)
    assert np.array_equal(around_it.depth[far], depth[far]), "what is beside it stays"
