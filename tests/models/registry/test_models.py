"""The registry of weights, with small real safetensors files of the names and layouts of its entries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from grotto import cli
from grotto.contract import Cancelled, Kind, ProblemError, Silent
from grotto.models.registry import (
    MODELS,
    check_weights_file,
    delete,
    find,
    install_from,
    is_installed,
    models_folder,
    read_record,
    verify,
)

TENSORS = {"a.weight": torch.arange(12.0).reshape(3, 4), "a.bias": torch.zeros(3, dtype=torch.float16)}


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "house"))
    return tmp_path / "house"


def layout(name: str, folder: Path) -> Path:
    """A folder with every file of a model, tiny."""
    for file in MODELS[name].files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.is_weights:
            save_file(TENSORS, path)
        else:
            path.write_text("{}")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return layout("vitmatte-small", tmp_path / "source")


def problem_of(error: pytest.ExceptionInfo[ProblemError]) -> tuple[Kind, str]:
    return error.value.problem.kind, error.value.problem.sentence()


def test_every_entry_says_what_its_users_must_know() -> None:
    for name, model in MODELS.items():
        assert model.name == name
        assert model.licence
        assert model.commercial != ("NC" in model.licence)
        assert model.size_bytes > 1e6
        assert any(file.is_weights for file in model.files)
        for file in model.files:
            assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32
        assert ("zero123plus" in name) == (model.rig is not None)


def test_installed_found_verified_and_deleted(source: Path) -> None:
    assert not is_installed("vitmatte-small")
    installed = install_from("vitmatte-small", source)
    assert installed == find("vitmatte-small")
    assert installed.folder == models_folder() / "vitmatte-small"
    assert load_file(installed.folder / "model.safetensors")["a.weight"].equal(TENSORS["a.weight"])
    found = verify("vitmatte-small")
    assert found.sound
    assert found.compared == ()
    assert found.not_comparable == ("model.safetensors",)
    assert "no published hash is known" in found.text()
    assert "the published ones of vitmatte-small 103 MB: they are others" in found.text()
    assert delete("vitmatte-small") > 0
    assert not is_installed("vitmatte-small")
    assert list(models_folder().iterdir()) == []
    with pytest.raises(ProblemError, match="not installed") as error:
        delete("vitmatte-small")
    assert problem_of(error)[0] is Kind.MISSING_RESOURCE


def test_the_rig_comes_with_the_weights(tmp_path: Path) -> None:
    installed = install_from("zero123plus-v1.2", layout("zero123plus-v1.2", tmp_path / "source"))
    record = read_record(installed.folder)
    assert record is not None
    assert (record.name, record.rig) == ("zero123plus-v1.2", "v1.2")
    assert not (installed.folder / "tokenizer/special_tokens_map.json").exists()
    delete("zero123plus-v1.2")
    (tmp_path / "source/tokenizer/special_tokens_map.json").write_text("{}")
    assert (install_from("zero123plus-v1.2", tmp_path / "source").folder / "tokenizer/special_tokens_map.json").is_file()


def test_pickles_become_safetensors_without_running_them(tmp_path: Path) -> None:
    source = layout("zero123plus-v1.1", tmp_path / "source")
    for path in list(source.rglob("*.safetensors")):
        path.unlink()
        name = "pytorch_model.bin" if path.name == "model.safetensors" else "diffusion_pytorch_model.bin"
        torch.save(TENSORS, path.with_name(name))
    installed = install_from("zero123plus-v1.1", source)
    assert not list(installed.folder.rglob("*.bin"))
    assert load_file(installed.folder / "vae/diffusion_pytorch_model.safetensors")["a.bias"].dtype is torch.float16
    assert verify("zero123plus-v1.1").sound

    delete("zero123plus-v1.1")
    torch.save({"a": Path("harm")}, source / "vae/diffusion_pytorch_model.bin")
    with pytest.raises(ProblemError, match="no state_dict") as error:
        install_from("zero123plus-v1.1", source)
    assert problem_of(error)[0] is Kind.BAD_INPUT
    assert list(models_folder().iterdir()) == []


def test_files_that_are_absent_are_named(source: Path) -> None:
    (source / "config.json").unlink()
    with pytest.raises(ProblemError, match=r"lacks config\.json") as error:
        install_from("vitmatte-small", source)
    assert problem_of(error)[0] is Kind.MISSING_RESOURCE
    with pytest.raises(ProblemError, match="no folder"):
        install_from("vitmatte-small", source / "nowhere")
    with pytest.raises(ProblemError, match="no model 'sam3'"):
        install_from("sam3", source)


def test_a_second_installation_is_refused_and_remains_are_replaced(source: Path) -> None:
    folder = install_from("vitmatte-small", source).folder
    with pytest.raises(ProblemError, match="installed already"):
        install_from("vitmatte-small", source)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ProblemError, match=r"lacks model\.safetensors"):
        find("vitmatte-small")
    install_from("vitmatte-small", source)
    assert verify("vitmatte-small").sound


def test_a_wrong_published_hash_is_refused(tmp_path: Path) -> None:
    source = layout("depth-anything-v2-small", tmp_path / "source")
    with pytest.raises(ProblemError, match="the published one 3152477ce0d8"):
        install_from("depth-anything-v2-small", source)
    assert not is_installed("depth-anything-v2-small")


def test_verification_finds_truncated_and_changed_files(source: Path) -> None:
    path = install_from("vitmatte-small", source).folder / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "truncated" in verify("vitmatte-small").text()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "changed after it was installed" in verify("vitmatte-small").text()
    path.write_bytes(whole)
    assert verify("vitmatte-small").sound


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda whole: whole[:5], "no safetensors"),
        (lambda whole: whole[:40], "truncated inside its header"),
        (lambda whole: whole[:-7], "truncated"),
        (lambda whole: whole + b"x", "too long"),
        (lambda _: b"<html>not found</html>", "no safetensors"),
        (lambda _: (2).to_bytes(8, "little") + b"{}", "no tensor"),
        (lambda whole: whole.replace(b"[3,4]", b"[3,5]"), "do not agree"),
        (lambda whole: whole.replace(b'"data_offsets"', b'"date_offsets"'), "damaged"),
    ],
)
def test_broken_weights_files(tmp_path: Path, spoil: object, cause: str) -> None:
    path = tmp_path / "w.safetensors"
    save_file(TENSORS, path)
    assert check_weights_file(path) == 2
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ProblemError, match=cause) as error:
        check_weights_file(path)
    assert problem_of(error)[0] is Kind.BAD_INPUT


def test_a_cancelled_installation_leaves_nothing(source: Path) -> None:
    class Impatient(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            if fraction > 0.5:
                raise Cancelled

    with pytest.raises(Cancelled):
        install_from("vitmatte-small", source, Impatient())
    assert list(models_folder().iterdir()) == []


def test_a_damaged_record_is_told(source: Path) -> None:
    folder = install_from("vitmatte-small", source).folder
    (folder / "grotto-model.json").write_text(json.dumps({"name": "vitmatte-small"}))
    with pytest.raises(ProblemError, match="damaged"):
        find("vitmatte-small")


def test_the_shell(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in MODELS)
    assert cli.main(["models", "show", "zero123plus-v1.1"]) == 0
    shown = capsys.readouterr().out
    assert "NO commercial use" in shown
    assert "sha256 unknown" in shown
    assert "rig: v1.1" in shown
    assert cli.main(["models", "install", "zero123plus-v1.1"]) == 3
    assert "--yes" in capsys.readouterr().err
    assert cli.main(["models", "install", "vitmatte-small", "--from", str(source)]) == 0
    assert "installed in" in capsys.readouterr().out
    assert cli.main(["models", "verify", "vitmatte-small"]) == 0
    assert "Not possible" in capsys.readouterr().out
    path = models_folder() / "vitmatte-small" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert cli.main(["models", "verify", "vitmatte-small"]) == 2
    assert "truncated" in capsys.readouterr().out
    assert cli.main(["models", "delete", "vitmatte-small"]) == 0
    assert cli.main(["models", "verify", "vitmatte-small"]) == 3
    assert cli.main(["models", "show"]) == 2
