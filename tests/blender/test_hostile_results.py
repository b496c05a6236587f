"""Results that somebody else wrote: damaged files are refused in words, and nothing outside the job folder is opened."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Part = Callable[[str], ModuleType]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes flipped, a piece taken out, the end cut off, or a number replaced."""
    changed = bytearray(data)
    at, way = chance.randrange(len(changed)), chance.randrange(4)
    if way == 0:
        for _ in range(8):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del changed[at : at + chance.choice((1, 4, 40))]
    elif way == 2:
        del changed[at:]
    else:
        digits = [place for place, byte in enumerate(changed[:3000]) if byte in b"0123456789"]
        place = chance.choice(digits or [at])
        changed[place : place + 1] = chance.choice((b"-1", b"1e999", b"99999999999999", b"null", b"[]", b'"a"', b"9" * 400))
    return bytes(changed)


@pytest.mark.parametrize(
    ("kind", "reader", "call"),
    [
        ("mesh", "glb", "read_glb"),
        ("point_cloud", "ply", "read_ply"),
        ("cameras", "transforms", "read_transforms"),
        ("splats", "splat_ply", "SplatFile"),
    ],
)
def test_damaged_files_are_read_or_refused(job: Path, tmp_path: Path, part: Part, kind: str, reader: str, call: str) -> None:
    problem = part("backend.grotto.contract").ProblemError
    read = getattr(part(f"addon.importers.readers.{reader}"), call)
    paths = {asset["kind"]: asset["path"] for asset in json.loads((job / "result.json").read_text())["assets"]}
    if kind == "splats":
        names = [*"xyz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2"]
        names += ["rot_0", "rot_1", "rot_2", "rot_3"]
        properties = [f"property float {name}" for name in names]
        header = ["ply", "format binary_little_endian 1.0", "element vertex 9", *properties, "end_header\n"]
        sound = "\n".join(header).encode() + struct.pack("<126f", *([0.5] * 126))
    else:
        sound = (job / paths[kind]).read_bytes()
        if kind == "point_cloud":
            sound = sound[:4000]
    seen = set()
    for number in range(150):
        path = tmp_path / "damaged"
        path.write_bytes(damaged(sound, random.Random(number)))
        try:
            found = read(path)
            list(found.parts() if kind == "splats" else found if isinstance(found, list) else [])
            seen.add("read")
        except problem as error:
            assert error.problem.cause and error.problem.kind == "bad_input"
            seen.add("refused")
    assert "refused" in seen


def test_a_circle_of_nodes_ends(tmp_path: Path, part: Part) -> None:
    for nodes in ([{"children": [1]}, {"children": [2]}, {"children": [1]}], [{"children": [0]}]):
        text = json.dumps({"asset": {"version": "2.0"}, "nodes": nodes}).encode()
        text += b" " * (-len(text) % 4)
        path = tmp_path / "circle.glb"
        path.write_bytes(struct.pack("<5I", 0x46546C67, 2, 20 + len(text), len(text), 0x4E4F534A) + text)
        with pytest.raises(part("backend.grotto.contract").ProblemError, match="damaged"):
            part("addon.importers.readers.glb").read_glb(path)


@pytest.mark.parametrize("place", ["../outside.glb", "/etc/passwd", "link/outside.glb", "C:\\outside.glb", "a\0b", ""])
def test_files_outside_of_the_folder_are_not_opened(empty: None, job: Path, tmp_path: Path, part: Part, place: str) -> None:
    import bpy

    result = json.loads((job / "result.json").read_text())
    mesh = next(asset for asset in result["assets"] if asset["kind"] == "mesh")
    (tmp_path / "outside.glb").write_bytes((job / mesh["path"]).read_bytes())
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path, target_is_directory=True)
    mesh["path"] = place
    (folder / "result.json").write_text(json.dumps({**result, "assets": [mesh]}))
    with pytest.raises(part("backend.grotto.contract").ProblemError):
        part("addon.importers.result").import_result(bpy.context, folder)
    assert not bpy.data.objects


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"picture_frame_m": [0, 0, 1], "picture_px": [1, 1]}},
        {"facts": {"picture_frame_m": [0, 0, 1e999, 1], "picture_px": [1, 1]}},
        {"facts": {"wall_from_element": [[1]]}},
        {"facts": 5},
        {"job": {"stages": {"a": 5}}},
        {"assets": [{"kind": "mesh"}]},
        {"recipe": 5},
        {"unknown": 1},
    ],
)
def test_a_result_of_another_shape_is_refused_and_nothing_stays(
    empty: None, job: Path, tmp_path: Path, part: Part, change: dict[str, object]
) -> None:
    import bpy

    result = json.loads((job / "result.json").read_text())
    (tmp_path / "result.json").write_text(json.dumps({**result, "assets": []} | change))
    with pytest.raises(part("backend.grotto.contract").ProblemError):
        part("addon.importers.result").import_result(bpy.context, tmp_path)
    assert not bpy.data.objects


def test_a_photo_outside_of_the_folder_is_not_shown(empty: None, job: Path, tmp_path: Path, part: Part) -> None:
    import bpy

    result = json.loads((job / "result.json").read_text())
    cameras = next(asset for asset in result["assets"] if asset["kind"] == "cameras")
    document = json.loads((job / cameras["path"]).read_text())
    for frame in document["frames"]:
        frame["file_path"] = str((job / cameras["path"]).parent / frame["file_path"])
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "transforms.json").write_text(json.dumps(document))
    cameras["path"] = "transforms.json"
    (folder / "result.json").write_text(json.dumps({**result, "assets": [cameras]}))
    part("addon.importers.result").import_result(bpy.context, folder)
    assert bpy.data.cameras and not any(camera.background_images for camera in bpy.data.cameras)
