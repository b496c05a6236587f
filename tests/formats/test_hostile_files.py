"""Files that are sound but unusual are read; those that ask for more than they hold are refused with the reason."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from grotto.contract import ProblemError
from grotto.formats import (
    Artefact,
    RasterGrid,
    TexturedMesh,
    read_artefact,
    read_colmap_cameras,
    read_float_tiff,
    read_foreign_transforms,
    read_glb,
    read_glb_nodes,
    read_mesh_ply,
    read_points_ply,
    read_splat_ply,
    read_spz,
    read_transforms,
    remarks_on_colmap,
    remarks_on_transforms,
    write_float_tiff,
    write_glb,
)

VERTICES = np.array([[0, 0, 0], [1, 0, 0.25], [0, 1, 0], [1, 1, -2.5], [2, 2, 2]], np.float32)


def ply(path: Path, form: str, body: bytes, *lines: str) -> Path:
    path.write_bytes("\n".join(["ply", f"format {form} 1.0", "comment made by hand", *lines, "end_header", ""]).encode() + body)
    return path


MESH = ("element vertex 5", "property uchar red", "property double z", "property float y", "property float x")
MESH += ("property uchar green", "property uchar blue", "element face 2")


def rows_of_text() -> str:
    return "".join(f"10 {z} {y} {x} 20 30\n" for x, y, z in VERTICES.tolist())


@pytest.mark.parametrize("name", ["vertex_indices", "vertex_index"])
def test_a_text_mesh_with_properties_in_any_order_is_read(tmp_path: Path, name: str) -> None:
    body = rows_of_text() + "3 0 1 2 9\n\n3 2 1 3 9\n"
    path = ply(tmp_path / "a.ply", "ascii", body.encode(), *MESH, f"property list uchar int {name}", "property int flags")
    mesh = read_mesh_ply(path)
    assert np.array_equal(mesh.vertices, VERTICES)
    assert mesh.faces.tolist() == [[0, 1, 2], [2, 1, 3]]
    assert mesh.colours is not None
    assert mesh.colours[4].tolist() == pytest.approx([10 / 255, 20 / 255, 30 / 255])


def test_faces_of_many_corners_become_fans(tmp_path: Path) -> None:
    rows = np.zeros(5, [("red", "u1"), ("z", ">f8"), ("y", ">f4"), ("x", ">f4"), ("gb", "u1", 2)])
    rows["x"], rows["y"], rows["z"] = VERTICES.T
    faces = struct.pack(">B5HB3H", 5, 0, 1, 3, 4, 2, 3, 4, 3, 2)
    path = ply(
        tmp_path / "a.ply", "binary_big_endian", rows.tobytes() + faces, *MESH, "property list uchar ushort vertex_indices"
    )
    mesh = read_mesh_ply(path)
    assert np.array_equal(mesh.vertices, VERTICES)
    assert mesh.faces.tolist() == [[0, 1, 3], [0, 3, 4], [0, 4, 2], [4, 3, 2]]


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        ("3 0 1 5\n3 0 1 2\n", "names a point that is not there"),
        ("3 0 1 2\n", "1 of 2 faces"),
        ("2 0 1\n3 0 1 2\n", "fewer than three corners"),
        ("3 0 1\n3 0 1 2\n", "too few numbers"),
        ("-3 0 1\n3 0 1 2\n", "shorter than nothing"),
        ("3 0 1 nan\n3 0 1 2\n", "not there"),
    ],
)
def test_faces_that_cannot_be_are_refused(tmp_path: Path, faces: str, words: str) -> None:
    path = ply(tmp_path / "a.ply", "ascii", (rows_of_text() + faces).encode(), *MESH, "property list uchar int vertex_indices")
    with pytest.raises(ProblemError, match=words):
        read_mesh_ply(path)


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (read_splat_ply, "splats: f_dc_0 is missing"),
        (read_mesh_ply, "triangles: the list vertex_indices of its faces is missing"),
    ],
)
def test_plain_points_are_refused_by_what_they_lack(tmp_path: Path, read: Callable[[Path], object], words: str) -> None:
    path = ply(tmp_path / "a.ply", "ascii", b"1 2 3\n", "element vertex 1", *(f"property float {axis}" for axis in "xyz"))
    with pytest.raises(ProblemError, match=words):
        read(path)


@pytest.mark.parametrize(
    ("kind", "value", "seen"), [("ushort", "65535", 255), ("float", "0.5", 128), ("int", "77", 77), ("uint", "256", None)]
)
def test_colours_of_every_kind_of_number(tmp_path: Path, kind: str, value: str, seen: int | None) -> None:
    colours = [f"property {kind} {name}" for name in ("red", "green", "blue")]
    places = [f"property float {axis}" for axis in "xyz"]
    path = ply(tmp_path / "a.ply", "ascii", f"1 2 3 {value} {value} {value}\n".encode(), "element vertex 1", *places, *colours)
    if seen is None:
        with pytest.raises(ProblemError, match="beyond 0 to 255"):
            read_points_ply(path)
    else:
        assert read_points_ply(path).colours.tolist() == [[seen] * 3]


@pytest.mark.parametrize("count", ["99999999999999", "9" * 5000, "-1", "1.5"])
def test_a_count_beyond_the_file_takes_no_memory(tmp_path: Path, count: str) -> None:
    places = [f"property float {axis}" for axis in "xyz"]
    path = ply(tmp_path / "a.ply", "binary_little_endian", bytes(12), f"element vertex {count}", *places)
    with pytest.raises(ProblemError, match=r"cut short: 1 of|is no PLY file"):
        read_points_ply(path)


def test_points_that_are_not_finite_are_named(tmp_path: Path) -> None:
    places = [f"property double {axis}" for axis in "xyz"]
    path = ply(tmp_path / "a.ply", "ascii", b"1 2 3\n1 2 1e300\n", "element vertex 2", *places)
    with pytest.raises(ProblemError, match="z in row 2 is not a finite number"):
        read_points_ply(path)


def test_a_packed_file_of_zeros_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    head = struct.pack("<IIIBBBB", 0x5053474E, 3, 2_000_000, 3, 12, 0, 0)
    (tmp_path / "a.spz").write_bytes(gzip.compress(head + bytes(1_000_000)))
    with pytest.raises(ProblemError, match="would become"):
        read_spz(tmp_path / "a.spz")


@pytest.fixture
def glb(tmp_path: Path) -> Path:
    mesh = TexturedMesh(
        vertices=VERTICES[:3],
        faces=np.uint32([[0, 1, 2]]),
        uv=np.float32([[0, 0], [1, 0], [0, 1]]),
        normals=np.float32([[0, -1, 0]] * 3),
        texture=b"\x89PNG not decoded here"[1:],
    )
    write_glb(tmp_path / "a.glb", mesh, "wall")
    return tmp_path / "a.glb"


def changed(path: Path, change: Callable[[dict], object], binary: bytes = b"") -> Path:
    """The GLB with other JSON, and with bytes behind its own."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    document, body = json.loads(data[20 : 20 + length]), data[28 + length :] + binary
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<5I", 0x46546C67, 2, 28 + len(text) + len(body), len(text), 0x4E4F534A)
    path.write_bytes(head + text + struct.pack("<II", len(body), 0x004E4942) + body)
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["accessors"][0].update(sparse={"count": 1}), "sparse"),
        (lambda d: d["accessors"][0].update(count=10**12), "a count is not from 0"),
        (lambda d: d["accessors"][0].update(count=True), "a count is not from 0"),
        (lambda d: d["accessors"][0].update(byteOffset=-12), "an offset is not from 0"),
        (lambda d: d["bufferViews"][0].update(byteLength=10**9), "a length is not from 0"),
        (lambda d: d["accessors"][0].update(componentType=5124), "of kind 5124"),
        (lambda d: d["accessors"][0].update(type="VEC2"), "has not 3 columns"),
        (lambda d: d["meshes"][0]["primitives"][0].update(indices=-1), "a number of accessors is not from 0"),
        (lambda d: d["meshes"][0]["primitives"][0].update(mode=1), "lines or points"),
        (lambda d: d["nodes"][0].update(scale=[2, 2, 2]), "has a scale"),
        (lambda d: d["nodes"][0].update(translation=["a", 0, 0]), "place of a node"),
        (lambda d: d.update(extensionsRequired=["KHR_draco_mesh_compression"]), "KHR_draco"),
        (lambda d: d.update(nodes=3), "nodes is no list"),
        (lambda d: d["images"][0].update(uri="a.png") or d["images"][0].pop("bufferView"), "files of their own"),
    ],
)
def test_a_glb_that_contradicts_itself_is_refused(glb: Path, change: Callable[[dict], object], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        read_glb(changed(glb, change))


def test_interleaved_and_normalised_numbers_are_read(glb: Path) -> None:
    rows = struct.pack("<4H", 0, 65535, 9, 9) + struct.pack("<4H", 32768, 0, 9, 9) * 2

    def interleave(document: dict) -> None:
        offset = document["buffers"][0]["byteLength"]
        document["bufferViews"].append({"buffer": 0, "byteOffset": offset, "byteLength": len(rows), "byteStride": 8})
        index = document["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"]
        number = len(document["bufferViews"]) - 1
        document["accessors"][index] = {
            "bufferView": number, "componentType": 5123, "normalized": True, "count": 3, "type": "VEC2"
        }  # fmt: skip

    read = read_glb(changed(glb, interleave, rows))
    assert read.uv.tolist() == pytest.approx(np.array([[0, 1], [32768 / 65535, 0], [32768 / 65535, 0]]))


def test_parts_that_share_all_their_bytes_take_no_memory_without_end(glb: Path) -> None:
    def repeat(document: dict) -> None:
        (primitive,) = document["meshes"][0]["primitives"]
        document["materials"] = [{**document["materials"][0], "name": str(number)} for number in range(300)]
        document["meshes"][0]["primitives"] = [{**primitive, "material": number} for number in range(300)]
        document["bufferViews"][0] = {"byteOffset": document["buffers"][0]["byteLength"], "byteLength": 600_000}
        for accessor in document["accessors"]:
            accessor.update(bufferView=0, count=30_000)

    with pytest.raises(ProblemError, match="would become"):
        read_glb_nodes(changed(glb, repeat, bytes(600_000)))


def raster(path: Path) -> Path:
    grid = RasterGrid(x_min=0.0, z_max=1.0, pixel=0.1, width=600, height=40)
    write_float_tiff(path, grid, np.zeros((40, 600), np.float32))
    return path


def test_a_raster_larger_than_its_tiles_is_refused(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif")
    width, wider = struct.pack("<HHIHH", 256, 3, 1, 600, 0), struct.pack("<HHII", 256, 4, 1, 1_000_000)
    assert width in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(width, wider))
    with pytest.raises(ProblemError, match=r"a\.tif cannot be read"):
        read_float_tiff(path)


def test_a_raster_that_names_other_files_is_refused(tmp_path: Path) -> None:
    with rasterio.open(raster(tmp_path / "other.tif")) as file:
        assert file.width == 600
    (tmp_path / "a.tif").write_text(
        '<VRTDataset rasterXSize="600" rasterYSize="40"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f"<SourceFilename>{tmp_path / 'other.tif'}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(ProblemError, match=r"a\.tif cannot be read"):
        read_float_tiff(tmp_path / "a.tif")


MATRIX = np.eye(4).tolist()
FRAME = {"file_path": "a.png", "w": 40, "h": 30, "fl_x": 50, "cx": 20, "cy": 15, "transform_matrix": MATRIX}


def document(folder: Path, text: str) -> Path:
    (folder / "transforms.json").write_text(text)
    return folder / "transforms.json"


@pytest.mark.parametrize("read", [read_transforms, read_foreign_transforms])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": 10**400}, "too large"),
        ({"w": "wide"}, "w is no number"),
        ({"w": True}, "w is no number"),
        ({"w": -1}, "number of pixels|no size"),
        ({"h": 10**9}, "number of pixels"),
        ({"fl_x": 1e999}, "not finite"),
        ({"fl_x": 0}, "no focal length"),
        ({"transform_matrix": [[1, 2], [3]]}, "rows of several lengths"),
        ({"transform_matrix": 5}, "no list of rows"),
        ({"transform_matrix": [["1"] * 4] * 4}, "no number"),
        ({"file_path": ".."}, "names no file"),
        ({"file_path": "/"}, "names no file"),
        ({"file_path": "a\0.png"}, "no file's name"),
        ({"file_path": "a\ud800.png"}, "no file's name"),
    ],
)
def test_numbers_and_names_that_cannot_be(tmp_path: Path, read: Callable[[Path], object], change: dict, words: str) -> None:
    text = json.dumps({"frames": [FRAME | change]})
    with pytest.raises(ProblemError, match=words):
        read(document(tmp_path, text))


@pytest.mark.parametrize("read", [read_transforms, read_foreign_transforms, remarks_on_transforms])
@pytest.mark.parametrize(
    "text",
    [
        '{"frames": ' + "[" * 100_000,
        '{"frames": [' + "[]," * 700_000 + "[]]}",
        '{"frames": [' + "{}," * 50_000 + "{}]}",
        "[3]",
        '{"frames": {"a": 1}}',
    ],
    ids=["deep", "brackets", "many", "list", "object"],
)
def test_documents_that_ask_for_much_are_refused(tmp_path: Path, read: Callable[[Path], object], text: str) -> None:
    with pytest.raises(ProblemError, match=r"transforms\.json"):
        read(document(tmp_path, text))


def test_keys_at_the_top_are_not_taken_over_by_every_frame(tmp_path: Path) -> None:
    top = {f"key {number}": 1 for number in range(2000)}
    path = document(tmp_path, json.dumps({**top, "frames": [FRAME] * 500}))
    assert len(read_foreign_transforms(path)) == 500
    (said,) = remarks_on_transforms(path)
    assert said.endswith("key 18, key 19 and 1980 more: not used")


def test_another_model_that_cannot_be_read_does_not_matter(tmp_path: Path) -> None:
    for name in "01":
        (tmp_path / name).mkdir()
        (tmp_path / name / "cameras.txt").write_text("1 PINHOLE 40 30 50 50 20 15\n")
        (tmp_path / name / "images.txt").write_text("1 1 0 0 0 0 0 4 1 a.png\n")
    (tmp_path / "1" / "images.txt").write_text("nothing\n")
    assert len(read_colmap_cameras(tmp_path / "0")) == 1
    assert "1 (cannot be read)" in remarks_on_colmap(tmp_path / "0")[-1]


@pytest.mark.parametrize("text", ["[]", "3", '{"x": []}', '{"unknown": {}}', "{" * 5000, "\xff"])
def test_descriptions_of_another_shape_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "artefact.json").write_text(text, encoding="latin-1")

    from dataclasses import dataclass

    @dataclass(frozen=True, kw_only=True)
    class Made(Artefact):
        x: float

    with pytest.raises(ProblemError, match="does not describe what the stage made"):
        read_artefact(Made, tmp_path)
