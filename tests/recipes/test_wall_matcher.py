"""A wall's matches by the attention matcher: what is kept, who follows, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grotto.contract import Kind, ProblemError, from_flat
from grotto.contract.options import MatcherOptions
from grotto.contract.recipes import WallOptions
from grotto.models.matching import WEIGHTS, MatcherDesign, new_matcher, write_matcher
from grotto.recipes.wall import RECIPE, matching_engine
from grotto.sfm.pairs import PhotoPoints, with_followers


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


# The stages of a small wall up to its matches, in an interpreter of its own.
SCRIPT = """
import sys
from pathlib import Path
from grotto.contract import Silent
from grotto.contract.options import FeatureOptions, MakeWallOptions, MatcherOptions, MatchOptions, PairOptions, PhotoOptions
from grotto.photos import read_photos
from grotto.recipes.wall import match_wall_pairs
from grotto.sfm.features import extract_features
from grotto.sfm.pairs import choose_pairs
from grotto.synthetic import make_wall

out, matcher = Path(sys.argv[1]), sys.argv[2]
folders = [out / name for name in ("photos", "features", "pairs", "matches")]
for folder in folders:
    folder.mkdir()
small = MakeWallOptions(columns=2, rows=2, photo_width=240, photo_height=160, focal_px=260.0, seed=11)
make_wall(out / "wall", small, Silent())
photos = read_photos(next((out / "wall").rglob("*.jpg")).parent, PhotoOptions(), folders[0], Silent())
features = extract_features(photos, FeatureOptions(features_per_photo=400), folders[1], Silent())
pairs = choose_pairs(photos, features, PairOptions(), folders[2], Silent())
chosen = MatcherOptions(matcher=matcher, matcher_points=300)
made = match_wall_pairs(features, pairs, photos, MatchOptions(), chosen, folders[3], Silent())
print(sorted((pair.first, pair.second) for pair in made.pairs), "torch" in sys.modules)
"""


@pytest.mark.parametrize("matcher", [pytest.param("sift", marks=pytest.mark.slow), "attention"])
def test_neighbours_are_found_with_the_matcher_that_ships_and_only_it_loads_torch(tmp_path: Path, matcher: str) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), matcher]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    listed, _, torch = ended.stdout.strip().splitlines()[-1].rpartition(" ")
    assert "(0, 1)" in listed and "(2, 3)" in listed  # neighbours in a row
    assert torch == str(matcher == "attention")


def test_the_result_names_the_matcher() -> None:
    assert "attention" in matching_engine(MatcherOptions(matcher="attention"))
    assert "ratio test" in matching_engine(MatcherOptions())
