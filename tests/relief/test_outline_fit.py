"""Outlines of few corners: nearer to the curve than chords, free of crossings, and backs that stay behind their fronts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import spsolve

from grotto.formats import Mesh
from grotto.meshes.repair import mesh_facts
from grotto.relief.body import Heights, inflate, inflated_solid
from grotto.relief.outline import fit_polygons, simplified, trace_outline, triangulate_evenly

_FINE = 8  # px of a drawing for one of the curve's


def drawn(curves: list[np.ndarray] | tuple[np.ndarray, ...], size: int = 200) -> np.ndarray:
    """What lies inside of an odd number of the curves."""
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    cv2.fillPoly(canvas, [np.round(curve * _FINE).astype(np.int32) for curve in curves], 1)
    return canvas.astype(bool)


def flower(petals: int, depth: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 70 + depth * np.cos(petals * angle)
    return np.stack([100 + radius * np.cos(angle), 100 + radius * np.sin(angle)], axis=1)


@pytest.mark.parametrize(("petals", "depth", "corners"), [(3, 0.0, 12), (5, 18.0, 30), (9, 12.0, 60)])
def test_edges_run_along_the_middle_of_the_curve(petals: int, depth: float, corners: int) -> None:
    curve = flower(petals, depth)
    chords = simplified([curve], corners)
    fitted = fit_polygons(chords, [curve])
    assert [len(one) for one in fitted] == [corners]
    truth = drawn([curve])
    wrong_chords, wrong = (truth ^ drawn(chords)).sum(), (truth ^ drawn(fitted)).sum()
    assert wrong < 0.65 * wrong_chords


def test_points_on_chords_go_to_the_curve() -> None:
    curve = flower(3, 0.0)
    (chords,) = simplified([curve], 6)
    halved = np.stack([chords, 0.5 * (chords + np.roll(chords, -1, axis=0))], axis=1).reshape(-1, 2)
    (fitted,) = fit_polygons([halved], [curve])
    away = np.abs(np.linalg.norm(fitted - 100, axis=1) - 70)
    assert away.max() < 3.5 < 9.0 < np.abs(np.linalg.norm(halved - 100, axis=1) - 70).max()


def fitted_one_by_one(curve: np.ndarray, dense: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """The slow twin of `fit_polygons` for one polygon whose first corner is the true curve's first point."""
    made, count = curve, len(curve)
    for _ in range(3):
        start, stop = made[edge], made[(edge + 1) % count]
        way = stop - start
        part = np.clip(((dense - start) * way).sum(1) / (way * way).sum(1), 0, 1)
        row, corners = np.tile(np.arange(len(dense)), 2), np.concatenate([edge, (edge + 1) % count])
        spline = coo_array((np.concatenate([1 - part, part]), (row, corners)), (len(dense), count)).tocsr()
        normal = (spline.T @ spline + 0.05 * eye_array(count)).tocsc()
        made = np.stack([spsolve(normal, spline.T @ dense[:, k] + 0.05 * curve[:, k]) for k in range(2)], axis=1)
    return made


def test_many_polygons_at_once_are_fitted_as_one_by_one() -> None:
    """Of three corners, of many, turned against their true curves, and one that shares no point with its curve."""
    curves = [flower(3, 0.0)[::25] + np.array([400.0 * number, 0]) for number in range(3)]
    kept = [np.arange(0, 80, step) for step in (27, 8, 5)]
    polygons = [curve[chosen] for curve, chosen in zip(curves, kept, strict=True)]
    stranger = np.array([[0.0, 300], [50, 300], [50, 350]])
    turned = np.roll(polygons[2], 2, axis=0)
    fitted = fit_polygons([polygons[0], stranger, polygons[1], turned], [curves[0], stranger + 0.5, curves[1], curves[2]])
    expected = [
        fitted_one_by_one(polygon, curve, np.searchsorted(chosen, np.arange(80), side="right") - 1)
        for polygon, curve, chosen in zip(polygons, curves, kept, strict=True)
    ]
    assert np.array_equal(fitted[1], stranger)
    for found, wanted in zip((fitted[0], fitted[2], np.roll(fitted[3], -2, axis=0)), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_edges_that_would_cross_stay() -> None:
    """Two arcs almost touch: fitted alone, each would bulge into the other."""
    angle = np.linspace(0, np.pi, 600)
    left = np.stack([100 - 60 * np.sin(angle), 100 + 60 * np.cos(angle)], axis=1)
    hollow = np.concatenate([left, left[::-1] + np.array([1.0, 0.0])])
    chords = simplified([hollow], 14)
    (fitted,) = fit_polygons(chords, [hollow])
    outside = drawn([fitted]).sum() / _FINE**2
    assert outside == pytest.approx(drawn([hollow]).sum() / _FINE**2, rel=0.5)


@pytest.mark.parametrize("faces", [300, 700])
def test_no_back_looks_out_behind_its_front(faces: int) -> None:
    """Seen from before, sides and back lie within the front's outline: else their colours would fringe the picture."""
    y, x = np.mgrid[:200, :200] + 0.5
    angle = np.arctan2(y - 100, x - 100)
    star = np.clip(60 + 25 * np.cos(7 * angle + 0.3) + 4 * np.sin(31 * angle) - np.hypot(x - 100, y - 100) + 0.5, 0, 1)
    hole = np.clip(np.hypot(x - 100, y - 100) - 20 + 3 * np.cos(5 * angle), 0, 1)
    curves = trace_outline((star * hole).astype(np.float32))
    dense = triangulate_evenly(curves, 2.0)
    heights = Heights(over=dense, values=inflate(dense))
    solid = inflated_solid(curves, heights, lambda places: 0.6 * heights.at(places), 1.0, faces, 0.8)
    assert 0.6 * faces < len(solid.faces) <= faces
    flat = solid.vertices[:, :2] * [1, -1]
    normal = np.cross(solid.vertices[solid.faces[:, 1]] - solid.vertices[solid.faces[:, 0]],
                      solid.vertices[solid.faces[:, 2]] - solid.vertices[solid.faces[:, 0]])  # fmt: skip
    before = np.zeros((200 * _FINE, 200 * _FINE), np.uint8)
    whole = before.copy()
    for face, up in zip(solid.faces, normal[:, 2] > 0, strict=True):
        place = np.round(flat[face] * _FINE).astype(np.int32)
        cv2.fillConvexPoly(whole, place, 1)
        if up:
            cv2.fillConvexPoly(before, place, 1)
    assert (whole & ~before.astype(bool)).sum() < 1e-3 * whole.sum()


@pytest.mark.parametrize("faces", [200, 312, 500])
def test_many_small_parts_are_closed_with_hardly_any_faces(faces: int) -> None:
    """Petals side by side: fitted corners must not lie on one another's way."""
    y, x = np.mgrid[:240, :240] + 0.5
    alpha = np.zeros((240, 240), np.float32)
    for turn in np.linspace(0, 2 * np.pi, 11, endpoint=False):
        along = (x - 120) * np.cos(turn) + (y - 120) * np.sin(turn)
        across = -(x - 120) * np.sin(turn) + (y - 120) * np.cos(turn)
        alpha = np.maximum(alpha, np.clip(1.5 * (1 - ((along - 70) / 38) ** 2 - (across / 17) ** 2) * 12, 0, 1))
    curves = trace_outline(alpha.astype(np.float32))
    dense = triangulate_evenly(curves, 2.0)
    heights = Heights(over=dense, values=inflate(dense))
    solid = inflated_solid(curves, heights, lambda places: 0.6 * heights.at(places), 1.0, faces, 0.8)
    facts = mesh_facts(Mesh(vertices=solid.vertices.astype(np.float32), faces=solid.faces.astype(np.int32)))
    assert facts.watertight
    assert len(solid.faces) <= faces
