"""The layout of a capture among look-alike pairs."""

import numpy as np

from grotto.sfm.align import PairSimilarity
from grotto.sfm.pairs import overlap, solve_layout, with_tied_scales

COLUMNS, ROWS, STEP, SIZE = 6, 4, 500.0, 1200.0


def capture(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Turns and shifts, mosaic from photo, of a serpentine capture with jitter."""
    random = np.random.default_rng(seed)
    places = [
        (column if row % 2 == 0 else COLUMNS - 1 - column) * STEP + 1j * row * 360
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    shift = np.array(places) + random.normal(0, 15, len(places)) + 1j * random.normal(0, 15, len(places))
    return np.exp(random.normal(0, 0.01, len(places)) + 1j * random.normal(0, 0.02, len(places))), shift


def true_edge(turn: np.ndarray, shift: np.ndarray, i: int, j: int, noise: complex, inliers: int) -> PairSimilarity:
    return PairSimilarity(i, j, turn[j] / turn[i], (shift[j] - shift[i]) / turn[i] + noise, inliers, 2.0)


def edges_with_look_alikes(seed: int) -> tuple[list[PairSimilarity], list[bool]]:
    """True edges between neighbours; every other pair matches too, by one period of a lattice, and those agree."""
    random = np.random.default_rng(seed)
    turn, shift = capture(seed)
    edges, truth = [], []
    for i in range(len(turn)):
        for j in range(i + 1, len(turn)):
            apart = abs(shift[i] - shift[j])
            if apart < 700:
                noise = complex(random.normal(0, 4), random.normal(0, 4))
                edges.append(true_edge(turn, shift, i, j, noise, int(150 * (1 - apart / 1000))))
                truth.append(True)
            else:
                period = complex(random.choice([-130, 0, 130]), random.choice([-170, 0, 170]))
                edges.append(PairSimilarity(i, j, 1 + 0j, period, int(random.integers(15, 30)), 2.0))
                truth.append(False)
    return edges, truth


def test_true_edges_win_over_a_lattice_of_look_alikes() -> None:
    for seed in range(8):
        edges, truth = edges_with_look_alikes(seed)
        layout = solve_layout(COLUMNS * ROWS, edges, SIZE, 30.0)
        agreed = layout.agrees
        assert not (agreed & ~np.array(truth)).any(), seed
        assert agreed[np.array(truth)].mean() > 0.95, seed
        assert (layout.component == 0).all(), seed


def test_two_walls_come_apart() -> None:
    turn, shift = capture(3)
    half = len(turn) // 2
    edges = [
        true_edge(turn, shift, i, j, 0j, 80)
        for i in range(len(turn))
        for j in range(i + 1, len(turn))
        if abs(shift[i] - shift[j]) < 700 and (i < half) == (j < half)
    ]
    layout = solve_layout(len(turn), edges, SIZE, 30.0)
    assert set(layout.component[:half]) != set(layout.component[half:])
    assert overlap(layout, half - 1, half, np.tile([1200.0, 800.0], (len(turn), 1))) == 0.0


def test_overlap_of_a_known_shift() -> None:
    edges = [PairSimilarity(0, 1, 1 + 0j, 600 + 0j, 50, 1.0)]
    layout = solve_layout(2, edges, SIZE, 30.0)
    assert abs(overlap(layout, 0, 1, np.array([[1200.0, 800.0]] * 2)) - 0.5) < 0.05


def test_no_edges_place_every_photo_apart() -> None:
    layout = solve_layout(3, [], SIZE, 30.0)
    assert sorted(layout.component) == [0, 1, 2]


def test_photos_outside_the_layout_have_the_scale_that_their_pairs_give_them() -> None:
    """The second lens shows everything twice as large; its photos tie to the first lens' by pairs that no layout keeps."""
    true = np.array([0.0, 0.0, 0.0, np.log(2), np.log(2), np.nan])
    known = np.array([0.0, 0.0, 0.0, np.nan, np.nan, np.nan])

    def pair(first: int, second: int, inliers: int, off: float = 0.0) -> PairSimilarity:
        return PairSimilarity(first, second, np.exp(true[first] - true[second] + off) + 0j, 0j, inliers, 1.0)

    pairs = [pair(2, 3, 80), pair(1, 3, 90), pair(0, 3, 30, off=1.0), pair(3, 4, 60)]
    found = with_tied_scales(known, pairs)
    assert np.allclose(found[:5], true[:5])
    assert np.isnan(found[5])  # no pair ties it to any other
