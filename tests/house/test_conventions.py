"""One test for each numbered line of docs/conventions.md, named by its number."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import struct
import sys
from pathlib import Path

import numpy as np
import pycolmap
import pytest
import rasterio
from parsed_sources import tree
from PIL import Image, ImageCms

import grotto.contract
from grotto.contract import Silent, leaves
from grotto.contract.options import FrameOptions, MakeWallOptions, UndistortOptions
from grotto.contract.recipes import WallOptions
from grotto.formats import (
    Artefact,
    PhotoCamera,
    RasterGrid,
    TexturedMesh,
    read_artefact,
    read_glb,
    read_transforms,
    write_artefact,
    write_float_tiff,
    write_glb,
    write_transforms,
)
from grotto.metrics import psnr
from grotto.ortho import HeightSurface
from grotto.photos import Photo, PhotoSet, read_image, read_mask
from grotto.scene import Camera, Rendered, View, write_picture
from grotto.sfm.cameras import Reconstruction
from grotto.sfm.wall import WallFrame, set_wall_frame, undistort_photos
from grotto.synthetic import CameraTruth, PhotoTruth, project, rail_camera, rail_stations, srgb_of_linear

ROOT = Path(__file__).resolve().parents[2]
OURS = ("backend", "addon", "operators", "packaging", "examples", "tests")


def rail() -> tuple[CameraTruth, tuple[PhotoTruth, ...]]:
    """Two rows of three photos, from 1 m."""
    options = MakeWallOptions()
    return rail_camera(options), rail_stations(options, 3, 2, np.random.default_rng(0))


def level() -> tuple[CameraTruth, PhotoTruth]:
    """A level camera 1 m before the wall's origin."""
    options = MakeWallOptions(position_jitter_mm=0.0, rotation_jitter_deg=0.0, radial=0.0)
    return rail_camera(options), rail_stations(options, 1, 1, np.random.default_rng(0))[0]


def seen(camera: CameraTruth, photo: PhotoTruth, point: tuple[float, float, float]) -> np.ndarray:
    """The pixel (2,) that shows a point of the wall frame."""
    camera_from_wall = photo.matrix()
    return project(camera, (camera_from_wall[:, :3] @ np.array(point) + camera_from_wall[:, 3])[None])[0]


def photo_of(path: Path, width: int, height: int, **fields: object) -> Photo:
    values: dict[str, object] = {
        "name": path.name, "path": str(path), "sha256": "", "width": width, "height": height, "group": "", "focal_px": 0.0,
        "focal_source": "", "gravity_known": False, "sharpness": 1.0, "mask": "",
    }  # fmt: skip
    wanted = {item.name for item in dataclasses.fields(Photo)}
    values |= {"transparent": False} if "transparent" in wanted else {}
    return Photo(**(values | fields))  # type: ignore[arg-type]


def pinhole(world_from_camera: np.ndarray) -> PhotoCamera:
    return PhotoCamera(
        file_path="photos/a.jpg", photo_name="a.jpg", width=40, height=30, focal_x=50.0, focal_y=50.0,
        centre_x=20.0, centre_y=15.0, world_from_camera=world_from_camera,
    )  # fmt: skip


def test_every_line_has_its_test() -> None:
    text = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    lines = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
    tests = sorted(int(name[5:7]) for name in dir(sys.modules[__name__]) if re.match(r"test_\d\d_", name))
    assert lines == list(range(1, len(lines) + 1))
    assert tests == lines


def test_01_metres() -> None:
    for photo in rail()[1]:
        assert photo.centre()[1] == pytest.approx(-MakeWallOptions().camera_distance_m, abs=0.05)
    metres = [leaf.name for leaf in (*leaves(WallOptions), *leaves(MakeWallOptions)) if unit_of(leaf.metadata) == "m"]
    assert "known_length_m" in metres
    assert "camera_distance_m" in metres


def test_02_right_handed(tmp_path: Path) -> None:
    for photo in rail()[1]:
        assert np.linalg.det(photo.matrix()[:, :3]) == pytest.approx(1.0)
    write_transforms(tmp_path / "transforms.json", [pinhole(np.eye(4))])
    on_disk = json.loads((tmp_path / "transforms.json").read_text())["frames"][0]["transform_matrix"]
    assert np.linalg.det(np.array(on_disk)) == pytest.approx(1.0)
    assert np.linalg.det(glb_positions(tmp_path, np.eye(3))) == pytest.approx(1.0)


def test_03_z_is_up() -> None:
    camera, photo = level()
    assert seen(camera, photo, (0.0, 0.0, 0.1))[1] < seen(camera, photo, (0.0, 0.0, 0.0))[1]
    upper, lower = (
        [photo.centre()[2] for photo in rail()[1] if photo.row == row] for row in (0, 1)
    )  # the top row is taken first
    assert min(upper) > max(lower)


def test_04_camera_axes_are_opencv() -> None:
    camera = CameraTruth(model="SIMPLE_RADIAL", width=40, height=30, focal_px=50.0, cx=20.0, cy=15.0, radial=0.0)
    colmap = pycolmap.Camera(model="SIMPLE_RADIAL", width=40, height=30, params=[50.0, 20.0, 15.0, 0.0])
    point = np.array([[0.1, 0.2, 1.0]])  # right, below, before the camera
    assert project(camera, point)[0] == pytest.approx([25.0, 25.0])
    assert colmap.img_from_cam(point)[0] == pytest.approx([25.0, 25.0])


def test_05_camera_from_world() -> None:
    for photo in rail()[1]:
        camera_from_world = photo.matrix()
        assert camera_from_world[:, :3] @ photo.centre() + camera_from_world[:, 3] == pytest.approx(np.zeros(3), abs=1e-12)
        rigid = pycolmap.Rigid3d(camera_from_world)
        assert rigid.inverse().translation == pytest.approx(photo.centre())


def test_06_pixel_centres(tmp_path: Path) -> None:
    colmap = pycolmap.Camera(model="SIMPLE_PINHOLE", width=3, height=3, params=[10.0, 1.5, 1.5])
    assert colmap.img_from_cam(np.array([[0.0, 0.0, 1.0]]))[0] == pytest.approx([1.5, 1.5])  # the middle pixel's centre
    grid = RasterGrid(x_min=2.0, z_max=5.0, pixel=0.1, width=4, height=3)
    assert grid.x_centres()[0] == pytest.approx(2.05)
    assert grid.z_centres()[0] == pytest.approx(4.95)
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2, 2:] = 255  # a bright block: its middle is at (3, 1) before, and at (1.5, 0.5) when reduced by 2
    Image.fromarray(pixels).save(tmp_path / "a.png")
    reduced = read_image(photo_of(tmp_path / "a.png", 4, 4), longest_px=2)
    assert reduced[..., 0].argmax() == 1


def test_07_names_say_frames() -> None:
    refused = re.compile(r"(^|_)(poses?|c2w|w2c|T_[a-z]{1,2}|T[wc]{2}|cam2world|world2cam|extrinsics?)($|_)")
    found = []
    for folder in OURS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(tree(path)):
                found += [f"{path.relative_to(ROOT)}: {name}" for name in identifiers(node) if refused.search(name)]
    assert found == []


def identifiers(node: ast.AST) -> list[str]:
    """Names that a node gives to something of ours; attributes of other people's objects are theirs."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def mapped_rail(folder: Path) -> tuple[PhotoSet, Reconstruction]:
    """Photos of `rail` on disk, and their model of points on the wall y = 0, turned, shifted and scaled at will."""
    camera, photos = rail()
    model = pycolmap.Reconstruction()
    parameters = [camera.focal_px, camera.cx, camera.cy, camera.radial]
    model.add_camera_with_trivial_rig(
        pycolmap.Camera(model=camera.model, width=camera.width, height=camera.height, params=parameters, camera_id=1)
    )
    wall = np.array([(x, 0.0, z) for x in np.linspace(-0.2, 1.0, 13) for z in np.linspace(-0.1, 0.5, 7)])
    tracks = [pycolmap.Track() for _ in wall]
    for number, photo in enumerate(photos, start=1):
        camera_from_wall = photo.matrix()
        pixels = project(camera, wall @ camera_from_wall[:, :3].T + camera_from_wall[:, 3])
        image = pycolmap.Image(name=photo.name, points2D=pycolmap.Point2DList(list(map(pycolmap.Point2D, pixels))))
        image.image_id, image.camera_id = number, 1
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(camera_from_wall))
        for index, track in enumerate(tracks):
            track.add_element(number, index)
    for point, track in zip(wall, tracks, strict=True):
        model.add_point3D(point, track)
    turned = pycolmap.Rotation3d(np.array([0.3, -0.5, 0.1, 0.8]) / np.linalg.norm([0.3, -0.5, 0.1, 0.8]))
    model.transform(pycolmap.Sim3d(7.0, turned, np.array([3.0, -2.0, 9.0])))
    (folder / "model").mkdir()
    model.write_binary(str(folder / "model"))
    for photo in photos:
        Image.new("RGB", (camera.width, camera.height), (90, 120, 150)).save(folder / photo.name)
    names = tuple(photo.name for photo in photos)
    photo_set = PhotoSet(
        folder=folder, source=str(folder), skipped=(), warnings=(),
        photos=tuple(photo_of(folder / name, camera.width, camera.height) for name in names),
    )  # fmt: skip
    found = Reconstruction(
        folder=folder, model="model", registered=names, unregistered=(), models_found=1, groups=(), reprojection_px=0.0,
        focal_observable=True, weakest_link="",
    )  # fmt: skip
    return photo_set, found


def framed_rail(folder: Path) -> tuple[PhotoSet, WallFrame]:
    photos, found = mapped_rail(folder)
    (folder / "frame").mkdir()
    return photos, set_wall_frame(photos, found, FrameOptions(camera_distance_m=1.0), folder / "frame", Silent())


def test_08_wall_frame(tmp_path: Path) -> None:
    _, frame = framed_rail(tmp_path)
    truth = {photo.name: photo.centre() for photo in rail()[1]}
    model = frame.read_model()
    centres = {image.name: image.projection_center() for image in model.images.values()}
    first = rail()[1][0].name
    scale = np.median([-centre[1] for centre in truth.values()])  # the median distance is given as 1 m
    for name, centre in centres.items():
        assert centre[1] < 0
        assert centre[1] == pytest.approx(truth[name][1] / scale, abs=0.01)
        along_and_up = (centre - centres[first])[[0, 2]]
        assert along_and_up == pytest.approx((truth[name] - truth[first])[[0, 2]] / scale, abs=0.02)
    assert np.array([point.xyz[1] for point in model.points3D.values()]) == pytest.approx(0.0, abs=1e-6)


def test_09_front_view_is_not_mirrored() -> None:
    camera, photo = level()
    left, right = seen(camera, photo, (-0.1, 0.0, 0.0)), seen(camera, photo, (0.1, 0.0, 0.0))
    assert left[0] < camera.width / 2 < right[0]


def test_10_undistorted_photos_are_pinhole(tmp_path: Path) -> None:
    photos, frame = framed_rail(tmp_path)
    (tmp_path / "undistorted").mkdir()
    made = undistort_photos(frame, photos, UndistortOptions(undistorted_px=120), tmp_path / "undistorted", Silent())
    cameras = read_transforms(made.folder / made.cameras)
    assert len(cameras) == len(photos.photos)
    model = frame.read_model()
    for camera in cameras:
        assert camera.focal_x == camera.focal_y
        assert (camera.centre_x, camera.centre_y) == (camera.width / 2, camera.height / 2)
        with Image.open(made.folder / camera.file_path) as picture:
            assert picture.size == (camera.width, camera.height)
        image = next(image for image in model.images.values() if image.name == camera.photo_name)
        assert camera.world_from_camera[:3, 3] == pytest.approx(image.projection_center())


def test_11_radians_inside() -> None:
    """Whatever is turned into radians is named `_deg`, so no other number of ours holds degrees."""
    for path in (ROOT / "backend").rglob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("radians", "deg2rad"):
                assert "_deg" in ast.unparse(node.args[0]), f"{path.relative_to(ROOT)}:{node.lineno}"


def unit_of(metadata: object) -> str:
    return dict(metadata).get("json_schema_extra", {}).get("unit", "")  # type: ignore[call-overload]


@pytest.mark.parametrize("recipe", [WallOptions, MakeWallOptions])
def test_12_names_say_units(recipe: type) -> None:
    for leaf in leaves(recipe):
        unit = unit_of(leaf.metadata)
        suffix = {"m": "_m", "mm": "_mm", "px": "_px", "MB": "_mb", "deg": "_deg", "megapixels": "_mp"}.get(unit)
        for other in ("_m", "_mm", "_px", "_mb", "_deg", "_mp"):
            if leaf.name.endswith(other):
                assert suffix == other, f"{leaf.name} is in {unit or 'no unit'}"


def test_13_icc_profile_is_honoured_once(tmp_path: Path) -> None:
    lab = ImageCms.createProfile("LAB")
    grey = Image.new("LAB", (2, 2), (137, 128, 128))  # L* = 53.6 of 100: sRGB's 128
    grey.save(tmp_path / "grey.tif", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    assert np.abs(read_image(photo_of(tmp_path / "grey.tif", 2, 2)).astype(int) - 128).max() <= 2
    plain = np.full((2, 2, 3), 77, np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(plain).save(tmp_path / "plain.png", icc_profile=profile)
    assert (read_image(photo_of(tmp_path / "plain.png", 2, 2)) == 77).all()


def test_14_linear_in_the_maths() -> None:
    assert srgb_of_linear(np.array([0.0, 0.5, 1.0], np.float32)) == pytest.approx([0.0, 187.5, 255.0], abs=0.1)


def test_15_orientation_is_applied_once(tmp_path: Path) -> None:
    stored = np.zeros((2, 3, 3), np.uint8)
    stored[0, 0] = 255  # stored on its left side (6): its first pixel is the upright photo's top right
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif)
    upright = read_image(photo_of(tmp_path / "turned.png", 2, 3))
    assert upright.shape == (3, 2, 3)
    assert (upright[0, 1] == 255).all()


def test_16_black_is_left_out(tmp_path: Path) -> None:
    Image.fromarray(np.full((1, 2, 3), 90, np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.array([[0, 255]], np.uint8)).save(tmp_path / "a.mask.png")
    used = read_mask(photo_of(tmp_path / "a.png", 2, 1, mask=str(tmp_path / "a.mask.png")))
    assert used is not None
    assert used.tolist() == [[False, True]]


def test_17_transforms_have_nerfstudio_axes(tmp_path: Path) -> None:
    _, photo = level()
    world_from_camera = np.linalg.inv(np.vstack([photo.matrix(), [0.0, 0.0, 0.0, 1.0]]))
    write_transforms(tmp_path / "transforms.json", [pinhole(world_from_camera)])
    on_disk = np.array(json.loads((tmp_path / "transforms.json").read_text())["frames"][0]["transform_matrix"])
    assert on_disk[:3, 0] == pytest.approx([1.0, 0.0, 0.0])  # its x axis: along the wall
    assert on_disk[:3, 1] == pytest.approx([0.0, 0.0, 1.0])  # its y axis: up
    assert on_disk[:3, 2] == pytest.approx([0.0, -1.0, 0.0])  # its z axis: backward, away from the wall
    assert on_disk[:3, 3] == pytest.approx(photo.centre())
    assert read_transforms(tmp_path / "transforms.json")[0].world_from_camera == pytest.approx(world_from_camera)


def glb_positions(folder: Path, vertices: np.ndarray) -> np.ndarray:
    """The positions (n, 3) as they stand in a GLB that `write_glb` wrote; also checks that they are read back."""
    mesh = TexturedMesh(
        vertices=vertices.astype(np.float32), faces=np.array([[0, 1, 2]], np.uint32), uv=np.zeros((3, 2), np.float32),
        normals=np.tile(np.float32([0, -1, 0]), (3, 1)), texture=b"\x89PNG",
    )  # fmt: skip
    write_glb(folder / "a.glb", mesh, "a")
    assert read_glb(folder / "a.glb").vertices == pytest.approx(vertices)
    data = (folder / "a.glb").read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + length])
    index = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    view = document["bufferViews"][document["accessors"][index]["bufferView"]]
    return np.frombuffer(data, "<f4", 9, 28 + length + view["byteOffset"]).reshape(3, 3)


def test_18_glb_is_y_up(tmp_path: Path) -> None:
    vertices = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # along the wall, up, towards the cameras
    assert glb_positions(tmp_path, vertices) == pytest.approx(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))


def test_19_heights_are_mm_towards_the_cameras() -> None:
    grid = RasterGrid(x_min=0.0, z_max=1.0, pixel=0.5, width=2, height=2)
    surface = HeightSurface(grid, np.array([[5.0, 5.0], [5.0, np.nan]], np.float32))
    assert surface(np.array([0.25]), np.array([0.75])) == pytest.approx([-0.005])
    assert surface.is_known(np.array([0.25, 0.75]), np.array([0.75, 0.25])).ravel().tolist() == [True, False]


def test_20_rasters_begin_at_the_top_left(tmp_path: Path) -> None:
    grid = RasterGrid(x_min=-1.0, z_max=2.0, pixel=0.5, width=4, height=2)
    write_float_tiff(tmp_path / "a.tif", grid, np.zeros((2, 4), np.float32))
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.transform @ (0, 0) == pytest.approx((-1.0, 2.0))
        assert file.transform @ (4, 2) == pytest.approx((1.0, 1.0))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample(Artefact):
    file: str


def test_21_a_folder_can_be_moved(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    write_artefact(Sample(folder=before, file="inner/a.txt"))
    before.rename(after)
    assert read_artefact(Sample, after) == Sample(folder=after, file="inner/a.txt")
    assert str(tmp_path) not in "".join(path.read_text() for path in after.iterdir())
    assert "relative" in Path(grotto.contract.__path__[0], "result.py").read_text(encoding="utf-8")


def test_22_fits_work_on_srgb_values(tmp_path: Path) -> None:
    grey = np.full((2, 2, 3), 128 / 255, np.float32)
    write_picture(tmp_path / "grey.png", grey)
    assert np.asarray(Image.open(tmp_path / "grey.png")).tolist() == [[[128] * 3] * 2] * 2
    assert psnr(grey, grey + 0.1) == pytest.approx(20.0, abs=1e-4)


def through_one_pixel() -> Camera:
    return Camera(camera_from_world=np.eye(4), focal_x=1.0, focal_y=1.0, centre_x=0.5, centre_y=0.5, width=1, height=1)


def test_23_rendered_colours_are_premultiplied() -> None:
    half = np.full((1, 1), 0.5, np.float32)
    red = np.array([[[1.0, 0.0, 0.0]]], np.float32)
    rendered = Rendered(colour=red * 0.5, opacity=half, depth=half)
    view = View(name="a.png", camera=through_one_pixel(), colour=red, alpha=half)
    assert rendered.over(1.0).ravel() == pytest.approx([1.0, 0.5, 0.5])
    assert view.over(1.0) == pytest.approx(rendered.over(1.0))


def test_24_depth_is_along_the_view() -> None:
    camera = dataclasses.replace(through_one_pixel(), width=3, centre_x=1.5)
    assert camera.directions()[..., 2].ravel() == pytest.approx([1.0, 1.0, 1.0])
    assert camera.project(np.array([[5.0, 0.0, 2.0]]))[1] == pytest.approx([2.0])
