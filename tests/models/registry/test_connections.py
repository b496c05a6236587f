"""Other people's models are connected by the shell: their licence first, then the place of a copy."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grotto import cli
from grotto.contract import Kind, ProblemError
from grotto.models.registry import OUTSIDE_MODELS, connect, connection_of, disconnect, is_connected, models_folder


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "house"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "TripoSR" / "tsr").mkdir(parents=True)
    return tmp_path / "TripoSR"


def words(copy: Path, *more: str) -> list[str]:
    return ["models", "connect", "triposr", "--folder", str(copy), "--python", sys.executable, *more]


def test_the_licence_is_shown_before_a_copy_is_connected(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words(copy)) == Kind.MISSING_RESOURCE.exit_code
    assert "licence MIT (commercial use allowed)" in capsys.readouterr().err
    assert not is_connected("triposr")
    assert cli.main(words(copy, "--yes")) == 0
    place = connection_of("triposr")
    assert (place.folder, place.python, place.weights) == (str(copy), sys.executable, "")
    capsys.readouterr()
    assert cli.main(["models", "list"]) == 0
    rows = {line.split()[0]: line.split()[-1] for line in capsys.readouterr().out.splitlines() if line}
    assert rows["triposr"] == "yes" and rows["hunyuan3d"] == "no"
    assert cli.main(["models", "show", "triposr"]) == 0
    assert str(copy) in capsys.readouterr().out
    assert cli.main(["doctor"]) == 0
    assert "triposr (connected)" in capsys.readouterr().out
    assert cli.main(["models", "disconnect", "triposr"]) == 0
    assert not is_connected("triposr")
    assert not (models_folder() / "triposr").exists()


def test_what_is_no_copy_of_it_is_refused(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no checkout of TRELLIS"):
        connect("trellis", copy, Path(sys.executable))
    with pytest.raises(ProblemError, match="no program"):
        connect("triposr", copy, tmp_path / "python")
    with pytest.raises(ProblemError, match="no folder"):
        connect("triposr", copy, Path(sys.executable), tmp_path / "weights")
    with pytest.raises(ProblemError, match="no model 'shap-e'"):
        connect("shap-e", copy, Path(sys.executable))
    with pytest.raises(ProblemError, match="not connected"):
        disconnect("triposr")


def test_a_copy_that_is_gone_is_told_with_how_to_get_it(copy: Path) -> None:
    connect("triposr", copy, Path(sys.executable))
    (copy / "tsr").rmdir()
    copy.rmdir()
    assert not is_connected("triposr")
    with pytest.raises(ProblemError, match="no longer there") as caught:
        connection_of("triposr")
    assert "VAST-AI-Research/TripoSR" in caught.value.problem.remedy


def test_a_damaged_record_is_told(copy: Path) -> None:
    connect("triposr", copy, Path(sys.executable))
    (models_folder() / "triposr" / "grotto-connection.json").write_text("[]")
    with pytest.raises(ProblemError, match="damaged"):
        connection_of("triposr")


def test_every_model_says_what_a_user_must_know() -> None:
    for model in OUTSIDE_MODELS.values():
        assert model.licence and model.use and "GB" in model.memory and model.memory_mb > 0
        assert "clone github.com/" in model.install
    assert "European Union" in OUTSIDE_MODELS["hunyuan3d"].use
    assert OUTSIDE_MODELS["instantmesh"].use.startswith("NO commercial use")
