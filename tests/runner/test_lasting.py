"""Finished stages that decay, records of other shapes, inputs behind links, processes that lose their parent."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import slow_recipe
from real_processes import alive, calls, wait_until
from small_job import Job

from grotto.contract import JobRequest, Note, ProblemError
from grotto.photos import find_pictures
from grotto.recipes.inputs import pictures_read
from grotto.runner import check_request
from grotto.runner.stamps import FileHashes, files_read, sha256_of

JPEG = b"\xff\xd8\xff\xe0 as far as the first bytes tell"


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Job:
    return Job(source, tmp_path / "out")


@pytest.mark.parametrize(("stage", "name"), [("first", "first.txt"), ("second", "artefact.json"), ("second", "picture.png")])
def test_a_bit_that_flips_in_a_finished_stage_is_found(job: Job, stage: str, name: str) -> None:
    whole = job.do()
    file = job.out / stage / name
    state, data = file.stat(), bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    again = job.do()
    assert calls(job.out)[:1] == [stage] and again.facts["length"] == whole.facts["length"]
    assert any("changed since it finished" in note.message for note in job.of(Note))


@pytest.mark.parametrize(
    "fields",
    [
        {"files": None},
        {"files": {"first.txt": [3]}},
        {"files": {"first.txt": ["long", "x", 5]}},
        {"files": {"first.txt\0": [1, 2, "3"]}},
        {"files": []},
        {"notes": 5},
        {"notes": [5]},
        {"seconds": "long"},
        {"places": None},
        {"inputs": {}},
        {"stamp": 7},
        {"preview": None},
        {"later": 1},
    ],
    ids=str,
)
def test_a_record_of_another_shape_means_that_the_stage_is_not_finished(job: Job, fields: dict[str, object]) -> None:
    job.do()
    file = job.out / "first" / "stamp.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
    job.do()
    assert calls(job.out)[0] == "first"


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "5", "", "\xff"])
def test_a_record_that_is_none_and_a_memory_of_hashes_that_is_none(job: Job, text: str) -> None:
    job.do()
    for file in (job.out / "first" / "stamp.json", job.out / ".input_hashes.json"):
        file.write_text(text, encoding="latin-1")
    job.do()
    assert calls(job.out) == ["first"]


def test_records_that_hold_names_which_are_not_utf8_are_read(job: Job) -> None:
    try:
        (job.source / os.fsdecode(b"c\xff.jpg")).write_text("three")
    except OSError:
        pytest.skip("this disk takes only names in UTF-8")
    job.do(first=slow_recipe.FirstOptions(note=os.fsdecode(b" \xff")))
    job.do(first=slow_recipe.FirstOptions(note=os.fsdecode(b" \xff")))
    assert calls(job.out) == []


def test_checkpoints_of_stages_that_the_job_does_without_do_not_stay(job: Job) -> None:
    (job.out / ".other.resume" / "abc").mkdir(parents=True)
    job.do()
    assert [path.name for path in job.out.glob(".*.resume")] == []


def test_a_file_more_behind_a_link_is_seen(job: Job, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.jpg").write_text("three")
    (job.source / "link").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "back").symlink_to(job.source, target_is_directory=True)
    job.do()
    job.do()
    assert calls(job.out) == []
    (elsewhere / "d.jpg").write_text("four")
    job.do()
    assert calls(job.out)[0] == "first"


def test_all_that_the_finder_of_photos_finds_is_in_the_stamp(tmp_path: Path) -> None:
    source, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    made = ["photos/a.jpg", "photos/b", "photos/in/c.jpg", "photos/masks/a.png", "elsewhere/d.jpg", "masks/a.jpg"]
    unread = ["photos/.hidden/x.jpg", "photos/old/x.jpg", "other/x.jpg"]
    for name in (*made, *unread):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(JPEG)
    (source / "old" / "request.json").write_text("{}")
    (source / "link").symlink_to(elsewhere, target_is_directory=True)
    found = {os.path.realpath(picture.path) for picture in find_pictures(source)[0]}
    read = {os.path.realpath(path) for _, path in files_read(source, pictures_read) if path is not None}
    assert found | {os.path.realpath(tmp_path / "masks" / "a.jpg")} == read
    assert read == {os.path.realpath(tmp_path / name) for name in made}


def test_what_photos_are_not_read_from_does_not_count(tmp_path: Path) -> None:
    """Notes and scenes beside the photos change nothing; what is left out counts by its name and reason alone."""
    source = tmp_path / "photos"
    source.mkdir()
    (source / "a.jpg").write_bytes(JPEG)
    before = FileHashes(tmp_path, pictures_read).of(source)
    (source / "notes.txt").write_text("one")
    (source / "scene.blend").write_bytes(b"BLENDER")
    assert FileHashes(tmp_path, pictures_read).of(source) == before
    (source / "b.nef").write_bytes(b"raw")
    with_raw = FileHashes(tmp_path, pictures_read).of(source)
    (source / "b.nef").write_bytes(b"another")
    assert before != with_raw == FileHashes(tmp_path, pictures_read).of(source)


def test_a_file_is_hashed_as_long_as_it_was(tmp_path: Path) -> None:
    """A hash ends though its file grows with every piece that is read."""
    growing = tmp_path / "growing"
    growing.write_bytes(bytes(3 << 20))

    def grow() -> None:
        with growing.open("ab") as file:
            file.write(bytes(1 << 20))

    assert sha256_of(growing, grow) == hashlib.sha256(bytes(3 << 20)).hexdigest()


def test_masks_beside_the_input_count(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(JPEG)
    before = FileHashes(tmp_path, pictures_read).of(tmp_path / "photos")
    assert before == FileHashes(tmp_path).of(tmp_path / "photos")
    (tmp_path / "Masks").mkdir()
    (tmp_path / "Masks" / "a.png").write_bytes(JPEG)
    with_mask = FileHashes(tmp_path, pictures_read).of(tmp_path / "photos")
    (tmp_path / "Masks" / "a.png").write_bytes(JPEG + b"!")
    assert len({before, with_mask, FileHashes(tmp_path, pictures_read).of(tmp_path / "photos")}) == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    source = tmp_path / "photos"
    source.mkdir()
    os.mkfifo(source / "pipe")
    (source / "zero.jpg").symlink_to("/dev/zero")
    assert FileHashes(tmp_path).of(source)
    for name in ("pipe", "zero.jpg"):
        with pytest.raises(ProblemError, match="neither a file nor a folder"):
            check_request(JobRequest("slow", str(source / name), str(tmp_path / "out"), {}))
    (tmp_path / "kernel").symlink_to("/proc/self")
    with pytest.raises(ProblemError, match="the kernel's own files"):
        check_request(JobRequest("slow", str(tmp_path / "kernel"), str(tmp_path / "out"), {}))


def test_places_that_can_be_none_are_refused_in_words(job: Job, tmp_path: Path) -> None:
    job.do()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for source, out in [
        (str(job.source), str(job.out / "first")),
        (str(job.source), str(job.out / "first" / "deep" / "er")),
        ("/" + "x" * 300, str(tmp_path / "new")),
        ("/x" * 4000, str(tmp_path / "new")),
        (str(tmp_path / "circle"), str(tmp_path / "new")),
        (str(job.source), str(tmp_path / "circle")),
    ]:
        with pytest.raises(ProblemError) as refused:
            check_request(JobRequest("slow", source, out, {}))
        assert len(refused.value.problem.sentence()) < 10_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux watches processes for us")
def test_a_process_that_holds_pythons_lock_ends_with_its_parent() -> None:
    script = (
        "import subprocess, sys, time\n"
        "from grotto.runner import start_watched\n"
        "child = start_watched([sys.executable, '-S', '-c',\n"
        "    'import ctypes, os; os.write(1, b\"in\"); ctypes.PyDLL(None).sleep(100)'], stdout=subprocess.PIPE)\n"
        "child.stdout.read(2)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    wait_until(lambda: not alive(child), 10, "the child's end")
