"""Downloads over real HTTP from a local server: resumed where they stopped, or refused in words. Small real weights files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from local_hub import Hub, serving
from safetensors.torch import load_file, save_file

from grotto import cli
from grotto.contract import Cancelled, Kind, ProblemError, Silent
from grotto.models.registry import MODELS, arrived_bytes, download, find, models_folder, partial_folder, read_record, verify

NAME = "vitmatte-small"
PINNED = MODELS[NAME].revision
WEIGHTS = torch.arange(100_000, dtype=torch.float32)
QUICK = (0.01, 0.02, 0.02)
REPEATED = "the same command goes on there"


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.fractions: list[float] = []

    def __call__(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "house"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path / "house"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = tmp_path / "published"
    folder.mkdir()
    save_file({"a.weight": WEIGHTS}, folder / "model.safetensors")
    (folder / "config.json").write_text('{"model_type": "vitmatte"}')
    with serving(Hub(folder, commit=PINNED)) as served:
        yield served


def fetch(hub: Hub, **more: object) -> list[str]:
    report = Notes()
    download(NAME, consent=True, endpoint=hub.address, report=report, waits_s=QUICK, **more)  # type: ignore[arg-type]
    assert report.fractions == sorted(report.fractions) or not hub.ranges or any("again" in note for note in report.notes)
    return report.notes


def refused(hub: Hub, match: str) -> str:
    """The remedy of the missing resource that a download is."""
    with pytest.raises(ProblemError, match=match) as error:
        fetch(hub)
    assert error.value.problem.kind is Kind.MISSING_RESOURCE
    assert error.value.problem.remedy
    return error.value.problem.remedy


def sound() -> None:
    assert load_file(find(NAME).folder / "model.safetensors")["a.weight"].equal(WEIGHTS)
    found = verify(NAME)
    assert found.sound and found.compared == ("model.safetensors",) and found.not_comparable == ()
    assert [path.name for path in models_folder().iterdir()] == [NAME]


@pytest.mark.parametrize("abrupt", [False, True])
def test_a_line_that_drops_ten_times_costs_no_byte_twice(hub: Hub, abrupt: bool) -> None:
    hub.drops, hub.abrupt = 10, abrupt
    notes = fetch(hub)
    assert any("dropped 10 times" in note for note in notes)
    starts = [wanted for path, wanted in hub.asked if path.endswith("model.safetensors")]
    assert len(starts) == 11 and starts[0] == ""
    if not abrupt:  # a reset may take bytes with it that were sent
        assert starts[1:] == [f"bytes={20_000 * number}-" for number in range(1, 11)]
        assert hub.sent == sum(map(len, hub.files().values()))
    sound()


def test_a_download_that_was_ended_goes_on_in_the_next_command(hub: Hub) -> None:
    hub.drops, hub.keeps = 1000, 0
    hub.keeps = 30_000
    hub.before_file = lambda name: setattr(hub, "keeps", 30_000 if hub.drops > 998 else 0)
    remedy = refused(hub, REPEATED)
    assert "--from FOLDER" in remedy
    assert arrived_bytes(NAME) > 60_000
    hub.drops, hub.before_file, hub.asked = 0, None, []
    fetch(hub)
    assert [wanted for path, wanted in hub.asked if path.endswith("model.safetensors")] == ["bytes=60000-"]
    assert not any(path.endswith("config.json") for path, _ in hub.asked)
    sound()


def test_a_cancelled_download_is_kept_and_can_be_deleted(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    class Impatient(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            if fraction > 0.5:
                raise Cancelled

    with pytest.raises(Cancelled):
        download(NAME, consent=True, endpoint=hub.address, report=Impatient())
    assert arrived_bytes(NAME) > 100_000
    assert cli.main(["models"]) == 0
    assert next(line for line in capsys.readouterr().out.splitlines() if NAME in line).endswith("% arrived")
    assert cli.main(["models", "delete", NAME]) == 0
    assert not partial_folder(NAME).exists()


def test_no_second_copy_lies_on_the_disk(hub: Hub) -> None:
    whole = sum(map(len, hub.files().values()))
    most = 0

    class Watching(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            nonlocal most
            most = max(most, sum(path.stat().st_size for path in models_folder().rglob("*") if path.is_file()))

    download(NAME, consent=True, endpoint=hub.address, report=Watching())
    assert whole <= most < 1.02 * whole + 2000


def test_pickles_take_the_room_of_the_largest_once_more(hub: Hub, tmp_path: Path) -> None:
    model = MODELS["zero123plus-v1.1"]
    for path in model.published:
        target = hub.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".bin":
            torch.save({"a.weight": WEIGHTS}, target)
        else:
            target.write_text("{}")
    hub.commit = "b" * 40
    report = Notes()
    most = 0
    before = hub.before_file

    def look(name: str) -> None:
        nonlocal most
        assert before is None
        most = max(most, len([path for path in models_folder().rglob("*.bin*") if path.is_file()]))

    hub.before_file = look
    folder = download(model.name, consent=True, endpoint=hub.address, report=report).folder
    assert most <= 1  # each is rewritten and deleted before the next one comes
    assert not list(folder.rglob("*.bin"))
    record = read_record(folder)
    assert record is not None and record.revision == "b" * 40 and record.as_listed == ()
    assert any("no revision of zero123plus-v1.1 is known here" in note and "b" * 12 in note for note in report.notes)
    assert verify(model.name).sound


def test_a_wrong_hash_is_refused_and_thrown_away(hub: Hub) -> None:
    hub.spoil = "config.json"  # listed with git's id only
    assert "--from FOLDER" in refused(hub, "another config.json than its publisher lists")
    hub.spoil = "model.safetensors"
    refused(hub, "another model.safetensors than its publisher lists")
    assert not list(partial_folder(NAME).glob("model.safetensors*"))
    hub.spoil = ""
    fetch(hub)
    sound()


def test_pieces_that_do_not_fit_are_fetched_again_once(hub: Hub) -> None:
    hub.drops, hub.keeps = 1, 30_000
    spoilt = iter([True])
    hub.before_file = lambda name: setattr(hub, "spoil", "model.safetensors" if name[0] == "m" and next(spoilt, False) else "")
    assert any("do not fit together" in note for note in fetch(hub))
    sound()


def test_a_server_that_cannot_start_later_sends_all_again(hub: Hub) -> None:
    hub.drops, hub.keeps, hub.ranges = 2, 30_000, False
    fetch(hub)
    sound()


def test_a_revision_that_its_publisher_took_away(hub: Hub) -> None:
    hub.gone = {PINNED}
    assert "--revision main" in refused(hub, f"has no revision {PINNED[:12]}")
    hub.commit = "c" * 40
    fetch(hub, revision="main")
    record = read_record(find(NAME).folder)
    assert record is not None and record.revision == "c" * 40
    sound()


def test_a_damaged_list_of_what_arrived_is_said(hub: Hub) -> None:
    partial_folder(NAME).mkdir(parents=True)
    (partial_folder(NAME) / "grotto-fetch.json").write_text('{"commit": ')
    assert any("is damaged" in note and "fetched again" in note for note in fetch(hub))
    sound()


def test_a_branch_that_moves_between_two_attempts(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, NAME, replace(MODELS[NAME], revision=""))
    hub.commit, hub.drops, hub.keeps = "d" * 40, 1, 30_000
    hub.status["model.safetensors"] = [200, 403]
    refused(hub, REPEATED)
    hub.commit, hub.gone = "e" * 40, {"d" * 40}
    notes = fetch(hub)
    assert any(f"no longer has revision {'d' * 12}" in note and "thrown away" in note for note in notes)
    sound()


def test_a_server_that_answers_for_another_revision(hub: Hub) -> None:
    hub.commit = "f" * 40
    refused(hub, f"answered with revision {'f' * 12} instead of {PINNED[:12]}")


def test_weights_that_are_known_to_be_others_are_refused_before_they_come(hub: Hub) -> None:
    for path in ("preprocessor_config.json",):
        (hub.folder / path).write_text("{}")
    hub.commit = MODELS["depth-anything-v2-small"].revision
    with pytest.raises(ProblemError, match=r"has another model\.safetensors at revision"):
        download("depth-anything-v2-small", consent=True, endpoint=hub.address)
    assert hub.sent == 0


@pytest.mark.parametrize(
    ("status", "match"),
    [(401, "does not give"), (403, "not give"), (404, "has no file"), (500, "500"), (429, "refuses more requests"), (451, "451")],
)
def test_statuses_are_told_in_words(hub: Hub, status: int, match: str) -> None:
    hub.status["config.json"], hub.headers = [status] * 9, {"Retry-After": "0"}
    refused(hub, match)
    hub.status, hub.asked = {}, []
    fetch(hub)
    sound()


def test_an_overloaded_server_is_asked_again(hub: Hub) -> None:
    hub.status["model.safetensors"], hub.headers = [503, 429], {"Retry-After": "0"}
    fetch(hub)
    sound()


@pytest.mark.parametrize("listing", [b"<html>Log in to the hotel's network</html>", b"[]", b'{"sha": "x", "siblings": [{}]}'])
def test_a_login_page_is_no_list_of_files(hub: Hub, listing: bytes) -> None:
    hub.listing = listing
    refused(hub, "something else than a list of files")


def test_a_dead_and_an_unknown_server(hub: Hub) -> None:
    for address in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        with pytest.raises(ProblemError, match="cannot be reached") as error:
            download(NAME, consent=True, endpoint=address)
        assert error.value.problem.kind is Kind.MISSING_RESOURCE and "--from FOLDER" in error.value.problem.remedy
    assert list(models_folder().iterdir()) == []


def test_a_certificate_that_is_not_trusted(hub: Hub, tmp_path: Path) -> None:
    """A proxy that breaks encryption open shows its own certificate."""
    import http.server
    import ssl
    import threading

    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem"
    try:
        subprocess.run(words.split(), cwd=tmp_path, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not installed")
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with pytest.raises(ProblemError, match="certificate of localhost is not trusted") as error:
            download(NAME, consent=True, endpoint=f"https://localhost:{server.server_port}")
        assert "clock" in error.value.problem.remedy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_while_a_file_comes(hub: Hub, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(small_disk / "house"))
    other = small_disk / "other"
    hub.drops, hub.keeps = 1, 100_000

    def somebody_else(name: str) -> None:
        if name == "model.safetensors" and not hub.drops:
            with other.open("ab", buffering=0) as growing, pytest.raises(OSError, match="No space"):
                while True:
                    growing.write(b"x" * 4096)

    hub.before_file = somebody_else
    assert "make room" in refused(hub, "is full")
    assert arrived_bytes(NAME) >= 100_000
    other.unlink()
    hub.before_file, hub.asked = None, []
    fetch(hub)
    assert any(wanted.startswith("bytes=") for _, wanted in hub.asked)
    sound()


def test_a_disk_that_is_too_small_is_told_before_anything_comes(
    hub: Hub, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(small_disk / "house"))
    (small_disk / "other").write_bytes(os.urandom(800_000))
    assert "make room" in refused(hub, "are needed in")
    assert hub.sent == 0


def test_a_file_larger_than_a_quota_allows(hub: Hub) -> None:
    """A limit on the size of files, in a process of its own, where no disk can be mounted."""
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "from grotto import cli\n"
        f"sys.exit(cli.main(['models', 'install', '{NAME}', '--yes']))\n"
    )
    import sys

    environment = {**os.environ, "HF_ENDPOINT": hub.address}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == Kind.MISSING_RESOURCE.exit_code, ended.stderr
    assert "is full" in ended.stderr and "make room" in ended.stderr
    assert arrived_bytes(NAME) >= 200_000
    fetch(hub)
    sound()


def test_two_downloads_of_one_model_do_not_mix(hub: Hub) -> None:
    def second(name: str) -> None:
        with pytest.raises(ProblemError, match="being fetched by another process"):
            download(NAME, consent=True, endpoint=hub.address)

    hub.before_file = second
    fetch(hub)
    sound()


def test_nothing_is_fetched_without_consent_or_offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProblemError, match=r"Apache-2\.0 .*103 MB .*--yes"):
        download(NAME, consent=False, endpoint=hub.address)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ProblemError, match="HF_HUB_OFFLINE"):
        download(NAME, consent=True, endpoint=hub.address)
    assert hub.asked == []
    with pytest.raises(ProblemError, match="obody publishes"):
        download("lpips-alex", consent=True, endpoint=hub.address)
