"""The wall benchmark: the job through the command line, its score, and pycolmap's defaults on the same matches."""

import json
import subprocess
import sys
from pathlib import Path

import pycolmap
import pytest

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.contract.recipes import WALL_QUALITIES
from grotto.evaluation.wall import bench_wall, default_database


@pytest.mark.slow
def test_help_tells_the_options_without_working() -> None:
    command = [sys.executable, "-m", "grotto.evaluation", "wall", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--columns" in told.stdout
    assert "--document" in told.stdout
    assert told.stderr == ""


def test_a_folder_without_matches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no matches"):
        default_database(tmp_path, tmp_path / "defaults.db")


@pytest.mark.slow
def test_the_job_beats_one_lens_per_photo_on_its_own_matches(tmp_path: Path) -> None:
    make = MakeWallOptions(columns=4, rows=3, photo_width=900, photo_height=600, focal_px=975.0, style="narrative")
    page = bench_wall(tmp_path, make, WALL_QUALITIES["standard"], Silent())
    facts = json.loads((tmp_path / "wall_bench.json").read_text(encoding="utf-8"))
    assert (tmp_path / "wall_bench.md").read_text(encoding="utf-8") == page
    ours, theirs = facts["score"]["cameras"], facts["defaults"]
    assert ours["registered"] == ours["total"] == 12
    assert (ours["cameras"], theirs["cameras"]) == (1, theirs["registered"])
    assert ours["out_of_plane_rmse_mm"] < theirs["out_of_plane_rmse_mm"]
    with (
        pycolmap.Database.open(str(tmp_path / "job/matches/database.db")) as job,
        pycolmap.Database.open(str(tmp_path / "defaults.db")) as defaults,
    ):
        assert defaults.num_cameras() == 12
        assert defaults.num_inlier_matches() == job.num_inlier_matches() > 0
        assert defaults.read_image(3).name == "0003.jpg"
