"""Real photographs, where they are at hand."""

from pathlib import Path

import pytest
from wall_jobs import DATA, done, run_wall

TRUE_FOCAL_PX = 2974.0  # what free fits of a shared SIMPLE_RADIAL give; the set's K.txt says 2905.88, which is nominal


def photos(name: str) -> Path:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: set GROTTO_DATA to a folder that holds {name}")
    return folder


@pytest.mark.slow
def test_facade_becomes_one_model_with_its_focal_length(tmp_path: Path) -> None:
    result = done(photos("sceaux"), tmp_path / "job", "--quality", "draft")
    assert result.facts["registered_photos"] == 11
    assert result.facts["models_found"] == 1
    assert result.facts["focal_px"][0] == pytest.approx(TRUE_FOCAL_PX, rel=0.01)
    assert result.facts["focal_from"] == ["photos"]
    assert result.facts["scale"] == "arbitrary"
    for kind in ("mesh", "orthophoto", "report"):
        asset = result.main(kind)
        assert asset is not None and (tmp_path / "job" / asset.path).stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lund/images", "berlin/images", "monstree"])
def test_other_places_run_or_refuse_in_plain_words(name: str, tmp_path: Path) -> None:
    ended = run_wall(photos(name), tmp_path / "job", "--quality", "draft")
    assert ended.returncode in (0, 2, 3)
    assert "Traceback" not in ended.stdout + ended.stderr
    if ended.returncode:
        assert ended.stderr.strip().endswith(".")
