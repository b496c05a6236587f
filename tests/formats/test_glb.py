import dataclasses
import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from grotto.contract import ProblemError
from grotto.formats import TexturedMesh, read_glb, write_glb


def _jpeg(colour=(200, 30, 10), size=(31, 17)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@pytest.fixture
def mesh():
    # One square of the wall, seen from negative y: x right, z up.
    vertices = np.array([[0, 0, 0], [2, 0, 0], [2, -0.5, 1], [0, -0.5, 1]], np.float32)
    normals = np.tile(np.float32([0, -1, 0]), (4, 1))
    uv = np.float32([[0, 1], [1, 1], [1, 0], [0, 0]])
    faces = np.uint32([[0, 1, 2], [0, 2, 3]])
    return TexturedMesh(vertices=vertices, faces=faces, uv=uv, normals=normals, texture=_jpeg(), extras={"made_from": "test"})


def test_round_trip(tmp_path, mesh):
    write_glb(tmp_path / "a.glb", mesh, "wall")
    back = read_glb(tmp_path / "a.glb")
    for name in ("vertices", "faces", "uv", "normals"):
        np.testing.assert_array_equal(getattr(back, name), getattr(mesh, name))
    assert back.texture == mesh.texture
    assert back.extras == {"made_from": "test"}


def test_trimesh_sees_a_y_up_textured_mesh(tmp_path, mesh):
    write_glb(tmp_path / "a.glb", mesh, "wall")
    theirs = trimesh.load(tmp_path / "a.glb").geometry["wall"]
    up = np.stack([mesh.vertices[:, 0], mesh.vertices[:, 2], -mesh.vertices[:, 1]], axis=1)
    np.testing.assert_allclose(theirs.vertices, up)
    material = theirs.visual.material
    assert material.roughnessFactor == 1.0
    assert material.metallicFactor == 0.0
    assert material.baseColorTexture.size == (31, 17)
    # trimesh turns glTF's v over, so that it points up.
    np.testing.assert_allclose(theirs.visual.uv[:, 1], 1 - mesh.uv[:, 1])


def test_metallic_and_roughness_arrive_in_another_reader(tmp_path, mesh):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (255, 51, 204)).save(buffer, "PNG")
    shiny = dataclasses.replace(mesh, metallic_roughness=buffer.getvalue())
    write_glb(tmp_path / "a.glb", shiny, "wall")
    assert read_glb(tmp_path / "a.glb").metallic_roughness == shiny.metallic_roughness
    material = trimesh.load(tmp_path / "a.glb").geometry["wall"].visual.material
    assert material.metallicFactor == material.roughnessFactor == 1.0
    assert material.metallicRoughnessTexture.convert("RGB").getpixel((1, 1)) == (255, 51, 204)


def test_cut_short_and_not_a_glb_are_named(tmp_path, mesh):
    write_glb(tmp_path / "a.glb", mesh, "wall")
    (tmp_path / "short.glb").write_bytes((tmp_path / "a.glb").read_bytes()[:-9])
    (tmp_path / "other.glb").write_bytes(b"hello")
    with pytest.raises(ProblemError, match="cut short"):
        read_glb(tmp_path / "short.glb")
    with pytest.raises(ProblemError, match="no GLB"):
        read_glb(tmp_path / "other.glb")
