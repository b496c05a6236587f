"""Light reliefs: triangles that keep every edge of the rim without a corner more, and backs with fewer corners."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Silent
from grotto.contract.options import BudgetOptions, CutOptions, ReliefOptions
from grotto.recipes.element import cut_element
from grotto.recipes.element.relief import make_body
from grotto.relief.body import (
    Heights,
    back_rim,
    greedy_insertion,
    greedy_relief,
    inflate,
    oriented,
    simplified_rim,
    triangulate_rim,
)
from grotto.relief.outline import signed_area, trace_outline, triangulate_evenly


def leaves(size: int = 240) -> np.ndarray:
    """A body with a hole, and thin leaves that stand close together."""
    y, x = np.mgrid[:size, :size] + 0.5
    angle, radius = np.arctan2(y - 120, x - 120), np.hypot(x - 120, y - 120)
    body = np.clip(55 - radius + 0.5, 0, 1) * np.clip(np.hypot(x - 105, y - 120) - 14 + 0.5, 0, 1)
    blades = np.clip(4.0 - np.abs(np.sin(6.5 * angle + 0.02 * radius)) * radius / 7 + 0.5, 0, 1) * (radius < 110)
    return np.maximum(body, blades * (radius > 40)).astype(np.float32)


def area(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    one, two = points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]]
    return 0.5 * (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


@functools.cache
def relief() -> tuple[tuple[np.ndarray, ...], Heights]:
    curves = trace_outline(leaves())
    dense = triangulate_evenly(curves, 1.5)
    return curves, Heights(over=dense, values=inflate(dense))


@pytest.mark.parametrize("count", [0, 40, 400])
def test_the_rim_stays_as_it_is_and_the_figure_is_filled_once(count: int) -> None:
    curves, heights = relief()
    rim = oriented(simplified_rim(curves, 700, 0.8))
    made, found = greedy_insertion(heights, rim, count)
    corners = sum(len(curve) for curve in rim)
    assert len(made.points) == corners + count
    assert np.array_equal(made.points[:corners], np.concatenate(rim))
    assert (area(made.points, made.faces) > 0).all()
    assert area(made.points, made.faces).sum() == pytest.approx(sum(signed_area(curve) for curve in rim), rel=1e-9)
    edges = {tuple(edge) for face in made.faces.tolist() for edge in zip(face, (*face[1:], face[0]), strict=True)}
    assert all((a, b) in edges for loop in made.loops for a, b in zip(loop.tolist(), np.roll(loop, -1).tolist(), strict=True))
    assert len(edges) == 3 * len(made.faces)
    assert np.allclose(found[corners:], heights.at(made.points[corners:]))
    assert (found[:corners] == 0).all()


def test_no_edge_would_be_better_turned() -> None:
    """Delaunay's rule, edge by edge, where no edge of the rim forbids it."""
    curves, heights = relief()
    made, _ = greedy_insertion(heights, oriented(simplified_rim(curves, 700, 0.8)), 150)
    rim = {frozenset((a, b)) for loop in made.loops for a, b in zip(loop.tolist(), np.roll(loop, -1).tolist(), strict=True)}
    across: dict[frozenset[int], list[int]] = {}
    for face in made.faces.tolist():
        for turn in range(3):
            across.setdefault(frozenset(face[:turn] + face[turn + 1 :]), []).append(face[turn])
    judged = 0
    for edge, far in across.items():
        if edge in rim or len(far) < 2:
            continue
        ends = [made.points[corner] for corner in edge]
        angles = [np.arccos(np.clip(_cosine(ends[0] - made.points[one], ends[1] - made.points[one]), -1, 1)) for one in far]
        assert sum(angles) <= np.pi + 1e-6  # opposite angles of two triangles of Delaunay's
        judged += 1
    assert judged > 200


def test_points_go_where_the_error_is() -> None:
    """Nearer to the relief than as many points that go in by rounds, with corners added on the rim."""
    curves, heights = relief()
    rim = oriented(simplified_rim(curves, 700, 0.8))
    made, found = greedy_insertion(heights, rim, 150)
    other = greedy_relief(heights, rim, 150)
    assert len(other.points) > len(made.points)
    assert misfit(made.points, made.faces, found, heights) < misfit(other.points, other.faces, heights.at(other.points), heights)


def misfit(points: np.ndarray, faces: np.ndarray, values: np.ndarray, heights: Heights) -> float:
    """95th percentile of the error, triangle by triangle: the slow twin of what insertion keeps in lists."""
    places, wanted = heights.over.points[~heights.over.on_rim], heights.values[~heights.over.on_rim]
    errors = []
    for face, whole in zip(faces, area(points, faces), strict=True):
        weights = np.stack([_part_of(places, points[np.roll(face, -turn)]) / whole for turn in range(3)], axis=1)
        inside = (weights >= 0).all(1)
        errors.append(np.abs(weights[inside] @ values[face] - wanted[inside]))
    return float(np.percentile(np.concatenate(errors), 95))


def test_the_back_loses_ears_alone() -> None:
    curves, _ = relief()
    rim = oriented(simplified_rim(curves, 700, 0.8))
    points = np.concatenate(rim)
    found = back_rim(rim, len(points) // 2)
    assert found.kept.sum() <= 0.65 * len(points)
    assert found.kept[found.ears].any(1).all()  # else front and back would touch
    assert (area(points, found.ears) > 0).all()
    left = sum(signed_area(curve) for curve in found.curves(rim))
    assert left + area(points, found.ears).sum() == pytest.approx(sum(signed_area(curve) for curve in rim))
    assert len(triangulate_rim(found.curves(rim)).points) == found.kept.sum()


@pytest.mark.parametrize(("least", "roundness"), [(0.1, 1.0), (0.3, 1.0), (0.3, 0.5)])
def test_thin_rows_are_made_as_thick_as_they_must_be(least: float, roundness: float, tmp_path: Path) -> None:
    y, x = np.mgrid[:60, :400] + 0.5
    alpha = np.clip(6 - np.abs(y - 30) + 0.5, 0, 1) * (x > 10) * (x < 390)
    Image.fromarray((np.dstack([alpha] * 4) * 255).astype(np.uint8), "RGBA").save(tmp_path / "row.png")
    (tmp_path / "cut").mkdir()
    cut = cut_element(tmp_path / "row.png", None, None, CutOptions(), tmp_path / "cut", Silent())
    options = ReliefOptions(least_thickness=least, roundness=roundness, detail=0.0)
    (tmp_path / "body").mkdir()
    body = make_body(cut, None, None, BudgetOptions(faces=2000, lods=0), options, tmp_path / "body", Silent())
    assert body.thickness == pytest.approx(least * roundness, rel=0.04)


def _part_of(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Area (k,) of triangles between places (k, 2) and the two corners that follow the first."""
    one, two = corners[1] - places, corners[2] - places
    return 0.5 * (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    return float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two)))
