"""The registry of weights, with small real safetensors files of the names and layouts of its entries."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
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
    download,
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
    return layout("sam2-small", tmp_path / "source")


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
    assert not is_installed("sam2-small")
    installed = install_from("sam2-small", source)
    assert installed == find("sam2-small")
    assert installed.folder == models_folder() / "sam2-small"
    assert load_file(installed.folder / "model.safetensors")["a.weight"].equal(TENSORS["a.weight"])
    found = verify("sam2-small")
    assert found.sound
    assert found.compared == ()
    assert found.not_comparable == ("model.safetensors",)
    assert "no published hash is known" in found.text()
    assert "the published ones of sam2-small 184 MB: they are others" in found.text()
    assert delete("sam2-small") > 0
    assert not is_installed("sam2-small")
    assert list(models_folder().iterdir()) == []
    with pytest.raises(ProblemError, match="not installed") as error:
        delete("sam2-small")
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
        install_from("sam2-small", source)
    assert problem_of(error)[0] is Kind.MISSING_RESOURCE
    with pytest.raises(ProblemError, match="no folder"):
        install_from("sam2-small", source / "nowhere")
    with pytest.raises(ProblemError, match="no model 'sam3'"):
        install_from("sam3", source)


def test_a_second_installation_is_refused_and_remains_are_replaced(source: Path) -> None:
    folder = install_from("sam2-small", source).folder
    with pytest.raises(ProblemError, match="installed already"):
        install_from("sam2-small", source)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ProblemError, match=r"lacks model\.safetensors"):
        find("sam2-small")
    install_from("sam2-small", source)
    assert verify("sam2-small").sound


def test_a_wrong_published_hash_is_refused(tmp_path: Path) -> None:
    source = layout("depth-anything-v2-small", tmp_path / "source")
    with pytest.raises(ProblemError, match="the published one 3152477ce0d8"):
        install_from("depth-anything-v2-small", source)
    assert not is_installed("depth-anything-v2-small")


def test_verification_finds_truncated_and_changed_files(source: Path) -> None:
    path = install_from("sam2-small", source).folder / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "truncated" in verify("sam2-small").text()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "changed after it was installed" in verify("sam2-small").text()
    path.write_bytes(whole)
    assert verify("sam2-small").sound


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
        install_from("sam2-small", source, Impatient())
    assert list(models_folder().iterdir()) == []


class Hub(http.server.BaseHTTPRequestHandler):
    """A publisher's server, as far as fetching single files goes."""

    folder: Path
    asked: list[str]

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.asked.append(self.path)
        path = self.folder / self.path.split("/resolve/main/")[-1]
        held = path.read_bytes() if path.is_file() else b""
        self.send_response(200 if held else 404)
        self.send_header("X-Repo-Commit", "0" * 40)
        if held:
            self.send_header("ETag", f'"{len(held)}-{path.name}"')
        else:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("Content-Length", str(len(held)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(held)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def hub(source: Path) -> Iterator[tuple[str, list[str], Path]]:
    handler = type("OneHub", (Hub,), {"folder": source, "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked, source  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_nothing_is_fetched_without_consent(hub: tuple[str, list[str], Path]) -> None:
    address, asked, _ = hub
    with pytest.raises(ProblemError, match=r"Apache-2\.0 .*184 MB .*--yes") as error:
        download("sam2-small", consent=False, endpoint=address)
    assert problem_of(error)[0] is Kind.MISSING_RESOURCE
    assert asked == []

    fractions: list[float] = []

    class Listener(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            fractions.append(fraction)

    installed = download("sam2-small", consent=True, endpoint=address, report=Listener())
    assert load_file(installed.folder / "model.safetensors")["a.weight"].equal(TENSORS["a.weight"])
    assert verify("sam2-small").sound
    assert asked
    assert fractions == sorted(fractions)


def test_what_the_publisher_lacks_and_a_dead_network_tell_the_way_by_hand(
    hub: tuple[str, list[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    address, _, source = hub
    (source / "config.json").unlink()
    with pytest.raises(ProblemError, match=r"has no file config\.json") as error:
        download("sam2-small", consent=True, endpoint=address)
    assert str(models_folder() / "sam2-small") in problem_of(error)[1]
    with pytest.raises(ProblemError, match="Nobody publishes"):
        download("lpips-alex", consent=True, endpoint=address)
    with pytest.raises(ProblemError, match="cannot be reached") as error:
        download("sam2-small", consent=True, endpoint="http://127.0.0.1:9")
    kind, sentence = problem_of(error)
    assert kind is Kind.MISSING_RESOURCE
    assert "--from FOLDER" in sentence
    assert list(models_folder().iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "sam2-small", replace(MODELS["sam2-small"], size_bytes=10**18))
    with pytest.raises(ProblemError, match="are free"):
        download("sam2-small", consent=True, endpoint="http://127.0.0.1:9")


def test_a_damaged_record_is_told(source: Path) -> None:
    folder = install_from("sam2-small", source).folder
    (folder / "grotto-model.json").write_text(json.dumps({"name": "sam2-small"}))
    with pytest.raises(ProblemError, match="damaged"):
        find("sam2-small")


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
    assert cli.main(["models", "install", "sam2-small", "--from", str(source)]) == 0
    assert "installed in" in capsys.readouterr().out
    assert cli.main(["models", "verify", "sam2-small"]) == 0
    assert "Not possible" in capsys.readouterr().out
    path = models_folder() / "sam2-small" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert cli.main(["models", "verify", "sam2-small"]) == 2
    assert "truncated" in capsys.readouterr().out
    assert cli.main(["models", "delete", "sam2-small"]) == 0
    assert cli.main(["models", "verify", "sam2-small"]) == 3
    assert cli.main(["models", "show"]) == 2
