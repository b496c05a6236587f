import cv2
import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MeshOptions
from grotto.formats import RasterGrid, read_artefact, read_glb, write_artefact, write_float_tiff, write_ortho_tiff
from grotto.meshes.texture import fill_transparent
from grotto.ortho import HeightMap, HeightSurface, Orthophoto, WallMesh, forecast_wall_mesh, make_wall_mesh

GRID = RasterGrid(x_min=-1.0, z_max=1.5, pixel=0.01, width=120, height=80)
ORTHO = RasterGrid(x_min=-0.98, z_max=1.49, pixel=0.002, width=580, height=390)


def _height_map(folder, heights):
    folder.mkdir()
    write_float_tiff(folder / "height.tif", GRID, heights.astype(np.float32))
    return HeightMap(
        folder=folder, file="height.tif", x_min=GRID.x_min, z_max=GRID.z_max, step=GRID.pixel, width=GRID.width,
        height=GRID.height, metric=True,
    )  # fmt: skip


def _orthophoto(folder, rgba):
    folder.mkdir()
    with write_ortho_tiff(folder / "orthophoto.tif", ORTHO) as writer:
        writer.write(0, 0, rgba)
    return Orthophoto(
        folder=folder, file="orthophoto.tif", preview="", coverage_file="", x_min=ORTHO.x_min, z_max=ORTHO.z_max,
        pixel=ORTHO.pixel, width=ORTHO.width, height=ORTHO.height, coverage=1.0, metric=True,
    )  # fmt: skip


def _colours():
    """Red grows with x and green with depth below the top: a texture whose colour says where it belongs."""
    rgba = np.full((ORTHO.height, ORTHO.width, 4), 255, np.uint8)
    rgba[..., 0] = np.linspace(20, 230, ORTHO.width)[None, :]
    rgba[..., 1] = np.linspace(20, 230, ORTHO.height)[:, None]
    rgba[..., 2] = 100
    return rgba


def _relief():
    x, z = np.meshgrid(GRID.x_centres(), GRID.z_centres())
    return 20 * np.sin(3 * x) + 15 * np.exp(-((x + 0.5) ** 2 + (z - 1.1) ** 2) / 0.01)


@pytest.fixture
def wall(tmp_path):
    heights = _relief()
    heights[30:45, 50:70] = np.nan  # a hole
    return _height_map(tmp_path / "height", heights), _orthophoto(tmp_path / "ortho", _colours())


def _decoded(mesh):
    return cv2.imdecode(np.frombuffer(mesh.texture, np.uint8), cv2.IMREAD_COLOR_RGB)


@pytest.mark.parametrize("budget", [40000, 3000, 300, 2])
def test_budget_winding_and_uv(wall, tmp_path, budget):
    made = make_wall_mesh(*wall, MeshOptions(faces=budget), tmp_path, Silent())
    mesh = read_glb(tmp_path / made.file)
    assert 2 <= made.faces <= budget
    assert (len(mesh.faces), len(mesh.vertices)) == (made.faces, made.vertices)
    assert mesh.uv.min() >= 0
    assert mesh.uv.max() <= 1
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals[:, 1] < 0).all()  # towards the cameras, which are at negative y
    assert (mesh.normals[:, 1] < 0).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)


def test_geometry_follows_the_height_map_and_holes_stay_open(wall, tmp_path):
    made = make_wall_mesh(*wall, MeshOptions(faces=5000), tmp_path, Silent())
    mesh = read_glb(tmp_path / made.file)
    surface = HeightSurface.read(wall[0])
    middles = mesh.vertices[mesh.faces].mean(1)
    for points in (mesh.vertices, middles):
        assert np.abs(points[:, 1] - surface(points[:, 0], points[:, 2])).max() < 0.0005
    hole = (np.abs(middles[:, 0] + 0.4) < 0.08) & (np.abs(middles[:, 2] - 1.125) < 0.06)
    assert not hole.any()


def test_the_border_stays_straight(wall, tmp_path):
    made = make_wall_mesh(*wall, MeshOptions(faces=4000), tmp_path, Silent())
    mesh = read_glb(tmp_path / made.file)
    np.testing.assert_allclose(mesh.vertices.min(0)[[0, 2]], [-0.995, 0.705], atol=1e-5)
    np.testing.assert_allclose(mesh.vertices.max(0)[[0, 2]], [0.195, 1.495], atol=1e-5)
    # Seen straight on, area is that of the map less its hole: nothing is folded or lost at the border.
    flat = mesh.vertices[mesh.faces].astype(np.float64)[:, :, (0, 2)]
    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = 0.5 * np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).sum()
    assert area == pytest.approx(119 * 79 * 1e-4 - 21 * 16 * 1e-4, rel=1e-3)


def test_the_texture_lies_where_the_orthophoto_lies(wall, tmp_path):
    made = make_wall_mesh(*wall, MeshOptions(faces=2000, texture_px=300), tmp_path, Silent())
    mesh = read_glb(tmp_path / made.file)
    picture = _decoded(mesh)
    assert picture.shape == (made.texture_height, made.texture_width, 3)
    assert max(picture.shape) == 300
    inside = (mesh.uv > 0.02).all(1) & (mesh.uv < 0.98).all(1)
    place = (mesh.uv[inside] * (made.texture_width, made.texture_height)).astype(int)
    seen = picture[place[:, 1], place[:, 0]].astype(float)
    x, z = mesh.vertices[inside][:, 0], mesh.vertices[inside][:, 2]
    red = 20 + 210 * (x - ORTHO.x_min) / (ORTHO.width * ORTHO.pixel)
    green = 20 + 210 * (ORTHO.z_max - z) / (ORTHO.height * ORTHO.pixel)
    assert np.abs(seen[:, 0] - red).max() < 4
    assert np.abs(seen[:, 1] - green).max() < 4


def test_a_standard_reader_finds_mesh_and_texture(wall, tmp_path):
    made = make_wall_mesh(*wall, MeshOptions(faces=2000), tmp_path, Silent())
    mesh = trimesh.load(tmp_path / made.file).geometry["wall"]
    assert len(mesh.faces) == made.faces
    assert mesh.visual.material.baseColorTexture.size == (made.texture_width, made.texture_height)
    # y-up: the wall stands in glTF's x-y plane and faces +z.
    assert mesh.bounds[1][1] == pytest.approx(1.495, abs=1e-4)
    assert (mesh.face_normals[:, 2] > 0).all()
    write_artefact(made)
    assert read_artefact(WallMesh, tmp_path) == made


def test_transparent_parts_take_their_surroundings_colour():
    rgba = np.zeros((90, 130, 4), np.uint8)
    rgba[20:60, 30:100] = (180, 90, 40, 255)
    filled = fill_transparent(rgba)
    assert np.abs(filled.astype(int) - (180, 90, 40)).max() <= 2


def test_opaque_pixels_are_not_touched_by_the_filling():
    rgba = np.random.default_rng(0).integers(0, 256, (77, 53, 4), dtype=np.uint8)
    rgba[..., 3] = np.where(rgba[..., 3] > 100, 255, 0)
    opaque = rgba[..., 3] > 0
    np.testing.assert_array_equal(fill_transparent(rgba)[opaque], rgba[opaque][:, :3])
    assert fill_transparent(np.zeros((4, 5, 4), np.uint8)).shape == (4, 5, 3)


def test_an_empty_height_map_is_said_plainly(tmp_path):
    height = _height_map(tmp_path / "height", np.full((GRID.height, GRID.width), np.nan))
    with pytest.raises(ProblemError, match="too small for a mesh"):
        make_wall_mesh(height, _orthophoto(tmp_path / "ortho", _colours()), MeshOptions(), tmp_path, Silent())


def test_forecast_is_sane(wall):
    assert 1e8 < forecast_wall_mesh(*wall, MeshOptions()) < 1e9
