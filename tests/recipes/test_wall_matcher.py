"""A wall's matches by the attention matcher: what is kept, who follows, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grotto.contract import Kind, ProblemError, Silent, from_flat
from grotto.contract.options import FeatureOptions, MakeWallOptions, MatcherOptions, MatchOptions, PairOptions, PhotoOptions
from grotto.contract.recipes import WallOptions
from grotto.models.matching import WEIGHTS, MatcherDesign, new_matcher, write_matcher
from grotto.photos import read_photos
from grotto.recipes.wall import RECIPE, match_wall_pairs, matching_engine
from grotto.sfm.features import extract_features
from grotto.sfm.pairs import PhotoPoints, choose_pairs, with_followers
from grotto.synthetic import make_wall


def two_photos(seed: int, count: int) -> tuple[PhotoPoints, PhotoPoints]:
    """Points of a wall in two photos, the second 100 px further right, and as many points again that are alike elsewhere."""
    random = np.random.default_rng(seed)
    place = random.uniform(100, 900, (count, 2))
    descriptors = random.integers(0, 90, (count, 128)).astype(np.uint8)
    shape = np.tile([3, 0, 0, 3], (count, 1))
    far = random.uniform(100, 900, (count, 2))
    strangers = random.integers(0, 90, (count, 128)).astype(np.uint8)
    first = np.concatenate([place, far]), np.concatenate([descriptors, strangers])
    second = np.concatenate([place - [100, 0], far[::-1] + np.array([0, 300])]), np.concatenate([descriptors, strangers])
    return tuple(  # type: ignore[return-value]
        PhotoPoints(np.column_stack([at, np.tile(shape, (2, 1))]).astype(np.float32), looks, 1000, 1000)
        for at, looks in (first, second)
    )


def test_other_points_follow_where_the_homography_puts_them_and_look_alikes_do_not() -> None:
    first, second = two_photos(0, 60)
    trusted = np.column_stack([np.arange(20), np.arange(20)])
    rows = with_followers(trusted, first, second, 0.8)
    assert np.array_equal(rows[:20], trusted)
    assert set(map(tuple, rows[20:].tolist())) >= {(row, row) for row in range(20, 60)}
    assert sum(row >= 60 for row in rows[:, 0]) <= 3  # all 60 pass the ratio test; chance puts a few near enough
    assert len(np.unique(rows[:, 0])) == len(rows) == len(np.unique(rows[:, 1]))


def test_nobody_follows_too_few_matches() -> None:
    first, second = two_photos(1, 30)
    few = np.column_stack([np.arange(5), np.arange(5)])
    assert np.array_equal(with_followers(few, first, second, 0.8), few)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_matcher_that_cannot_be_read_is_refused_before_the_photos_are_looked_at(tmp_path: Path, damaged: bool) -> None:
    folder = tmp_path / "matcher"
    if damaged:
        write_matcher(new_matcher(MatcherDesign(width=16, heads=2, loops=2), 0), folder, {})
        content = bytearray((folder / WEIGHTS).read_bytes())
        content[-1] ^= 1
        (folder / WEIGHTS).write_bytes(bytes(content))
    options = from_flat(WallOptions, {"matcher": "attention", "matcher_folder": str(folder)})
    with pytest.raises(ProblemError) as raised:
        RECIPE.run(tmp_path / "no photos", options, None)  # type: ignore[arg-type]
    assert raised.value.problem.kind is Kind.BAD_INPUT
    assert ("damaged" if damaged else "no folder") in raised.value.problem.cause


def test_the_matcher_that_ships_finds_the_pairs_of_a_made_wall(tmp_path: Path) -> None:
    for name in ("photos", "features", "pairs", "matches"):
        (tmp_path / name).mkdir()
    small = MakeWallOptions(columns=2, rows=2, photo_width=240, photo_height=160, focal_px=260.0, seed=11)
    make_wall(tmp_path / "wall", small, Silent())
    pictures = next((tmp_path / "wall").rglob("*.jpg")).parent
    photos = read_photos(pictures, PhotoOptions(), tmp_path / "photos", Silent())
    features = extract_features(photos, FeatureOptions(features_per_photo=400), tmp_path / "features", Silent())
    pairs = choose_pairs(photos, features, PairOptions(), tmp_path / "pairs", Silent())
    chosen = MatcherOptions(matcher="attention", matcher_points=300)
    made = match_wall_pairs(features, pairs, photos, MatchOptions(), chosen, tmp_path / "matches", Silent())
    assert {(pair.first, pair.second) for pair in made.pairs} >= {(0, 1), (2, 3)}  # neighbours in a row
    assert all(pair.inliers >= 20 for pair in made.pairs)
    assert "attention" in matching_engine(chosen)
    assert "ratio test" in matching_engine(MatcherOptions())
