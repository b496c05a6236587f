"""The wall's report: its numbers, its honesty, its pictures, and that it stands alone."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pycolmap
import pytest
from PIL import Image

from grotto.contract import from_flat, leaves
from grotto.contract.recipes import WallOptions
from grotto.photos import Skipped
from grotto.recipes.wall.report import (
    Links,
    PlacedCameras,
    Residuals,
    Units,
    WallMap,
    WallReport,
    coloured_points,
    count,
    digits,
    duration,
    headline,
    hill_shade,
    miss_field,
    placed_cameras,
    profiles,
    residuals,
    round_length,
    statements,
    weakest_bond,
    write_report,
)
from grotto.sfm.cameras import CameraGroup

EXTENT = (-2.0, 2.0, 0.0, 3.0)
NO_PICTURES = {field.name: None for field in dataclasses.fields(WallReport) if field.default is None and field.name != "options"}


def cylinder(sag_mm: float, rows: int = 60, columns: int = 80) -> WallMap:
    """A wall 4 m wide that bulges by this much in the middle, tilted, with a gap."""
    x = (np.arange(columns) + 0.5) / columns * 4 - 2
    z = 3 - (np.arange(rows) + 0.5) / rows * 3
    heights = sag_mm * (1 - (x / 2) ** 2)[None] + 7.0 * x[None] - 11.0 * z[:, None]
    heights[5:20, 50:70] = np.nan
    return WallMap(values=heights.astype(np.float32), extent=EXTENT)


def cameras(number: int = 6) -> PlacedCameras:
    centres = np.stack([np.linspace(-1.5, 1.5, number), np.full(number, -1.0), np.full(number, 1.4)], axis=1)
    towards_wall = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # columns: right, down, forward in the world
    return PlacedCameras(
        names=tuple(f"IMG_{index:04d}.jpg" for index in range(number)),
        centres=centres,
        world_from_camera=np.repeat(towards_wall[None], number, axis=0),
        half_fields=np.tile((0.5, 0.35), (number, 1)),
    )


def group(**changes: Any) -> CameraGroup:
    fields: dict[str, Any] = {
        "name": "Acme Box, 50.0 mm, 1200 x 800", "photos": 6, "width": 1200, "height": 800, "focal_px": 1300.0,
        "focal_interval_px": (1295.0, 1305.0), "focal_from": "photos", "radial": -0.03,
    }  # fmt: skip
    return CameraGroup(**{**fields, **changes})


def residuals_of_noise(random: np.random.Generator) -> Residuals:
    places, misses = random.uniform((0, 0), (1200, 800), (3000, 2)), random.normal(0, 0.1, (3000, 2))
    return Residuals(places_px=places, misses_px=misses, width=1200, height=800)


def report(**changes: Any) -> WallReport:
    random = np.random.default_rng(0)
    paint = random.integers(0, 255, (300, 400, 4), dtype=np.uint8)
    paint[..., 3] = 255
    fields: dict[str, Any] = {
        "title": "north_wall", "source": "/home/somebody/north_wall", "made_on": "21 November 2026", "metric": True,
        "scale_from": "the known camera distance of 1 m", "input_photos": 6, "used_photos": 6, "registered_photos": 6,
        "groups": (group(),), "adjustment": "global", "focal_search": "block", "reprojection_px": 0.153, "plane_rms": 0.004,
        "pixel": 0.0007, "orthophoto_size": (4000, 3000), "seen_fraction": 0.93, "faces": 20000, "vertices": 10123,
        "files": (("../mesh/wall 1.glb", "mesh"),), "options": from_flat(WallOptions, {"faces": 20000}),
        "timings": {"photos": 2.0, "cameras": 61.0}, "versions": {"pycolmap": "4.2.1"}, "engines": {"features": "SIFT"},
        "peak_memory_mb": 900.0, "cameras": cameras(), "points": random.uniform((-2, -0.01, 0), (2, 0.01, 3), (500, 3)),
        "point_colours": random.integers(0, 255, (500, 3), dtype=np.uint8), "heights": cylinder(40.0),
        "orthophoto": WallMap(values=paint, extent=EXTENT),
        "photos_per_place": WallMap(values=random.integers(0, 12, (60, 80)).astype(np.uint16), extent=EXTENT),
        "residuals": residuals_of_noise(random),
        "links": Links(pairs=np.array([(i, i + 1) for i in range(5)]), matches=np.array([300, 200, 40, 500, 80])),
    }  # fmt: skip
    return WallReport(**{**fields, **changes})


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._style = tag == "style"
        for name, value in attrs:
            if name == "src":
                self.pictures.append(value or "")
            if name in ("href", "action", "data", "srcset"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(data: WallReport, folder: Path) -> Page:
    return Page(write_report(data, folder).read_text(encoding="utf-8"))


def test_the_page_stands_alone(tmp_path: Path) -> None:
    path = write_report(report(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    html = path.read_text(encoding="utf-8")
    parsed = Page(html)
    assert not {"script", "link", "iframe", "object", "base"} & set(parsed.tags)
    assert all(address.startswith("data:image/") for address in parsed.pictures)
    assert parsed.addresses == ["../mesh/wall%201.glb"]
    assert not re.search(r"https?://|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", html))
    assert len(html) < 6_000_000
    assert "/home/somebody" not in html


def test_eight_plates_that_are_pictures(tmp_path: Path) -> None:
    parsed = page(report(), tmp_path)
    assert len(parsed.pictures) == 8
    for address in parsed.pictures:
        with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as picture:
            assert picture.width == 1440
            pixels = np.asarray(picture.convert("L"))
            assert np.ptp(pixels) > 100
    assert re.findall(r"Plate ([IVX]+)", parsed.text) == ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"]


def test_what_is_missing_is_left_out(tmp_path: Path) -> None:
    parsed = page(report(**NO_PICTURES, groups=(), timings={}, versions={}, engines={}, files=()), tmp_path)
    assert parsed.pictures == []
    assert "Photos" in parsed.text


@pytest.mark.parametrize(
    "changes",
    [
        {"heights": WallMap(values=np.full((5, 4), np.nan, np.float32), extent=EXTENT)},
        {"heights": WallMap(values=np.zeros((30, 40), np.float32), extent=EXTENT)},
        {"heights": WallMap(values=np.zeros((1, 1), np.float32), extent=EXTENT)},
        {
            "cameras": cameras(1),
            "points": np.zeros((1, 3)),
            "links": Links(pairs=np.zeros((0, 2), np.int64), matches=np.zeros(0, np.int64)),
        },
        {"cameras": cameras(2), "links": Links(pairs=np.array([(0, 1)]), matches=np.array([30]))},
        {"photos_per_place": WallMap(values=np.zeros((10, 10), np.uint16), extent=EXTENT)},
        {"residuals": Residuals(places_px=np.ones((1, 2)), misses_px=np.zeros((1, 2)), width=1200, height=800)},
        {"points": np.zeros((1, 3)), "cameras": cameras()},
        {"orthophoto": WallMap(values=np.zeros((20, 3000, 4), np.uint8), extent=(0.0, 150.0, 0.0, 1.0))},
        {"orthophoto": WallMap(values=np.zeros((3000, 20, 4), np.uint8), extent=(0.0, 1.0, 0.0, 150.0))},
        {"groups": (group(focal_interval_px=(0.0, 0.0), focal_from="EXIF"), group(name="B" * 200))},
    ],
)
def test_odd_data_still_make_a_page(tmp_path: Path, changes: dict[str, Any]) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert page(report(**{**NO_PICTURES, "groups": (), **changes}), tmp_path).pictures


def test_names_are_words_and_never_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>.jpg"
    data = report(title="a&b <b>", skipped=(Skipped(name=evil, reason="the file is empty"),), notes=("<i>note</i>",))
    parsed = page(dataclasses.replace(data, **NO_PICTURES), tmp_path)
    assert "script" not in parsed.tags
    assert evil in parsed.text
    assert "a&b <b>" in parsed.text


def said(data: WallReport) -> dict[str, tuple[str, str]]:
    return {statement.subject: (statement.weight, statement.text) for statement in statements(data)}


def test_reprojection_is_never_the_verdict() -> None:
    weight, text = said(report(reprojection_px=0.01))["Residuals"]
    assert weight == "remark"
    assert "no proof of flatness" in text


def test_metric_and_arbitrary_scale() -> None:
    assert said(report())["Scale"] == ("sound", "Metric: every length is in metres, from the known camera distance of 1 m.")
    data = report(metric=False, scale_from="arbitrary scale")
    weight, text = said(data)["Scale"]
    assert weight == "doubt"
    assert "nothing here is in metres" in text
    for statement in statements(data):
        assert not re.search(r"\d\s?(mm|cm|m)\b", statement.text), statement
    assert headline(data) == "All photos form one wall, in proportion, its true size unknown."


def test_true_measure_needs_scale_and_focal_length() -> None:
    assert headline(report()) == "All photos form one wall, in true measure."
    by_distance = report(focal_uncertainty=0.034, scale_uncertainty=0.034)
    assert headline(by_distance) == "All photos form one wall, in metres to within 3 %."
    assert said(by_distance)["Scale"][0] == "doubt"
    assert "±3.4 %" in said(by_distance)["Scale"][1]
    by_length = report(focal_uncertainty=float("inf"))
    assert headline(by_length) == "All photos form one wall, in metres along the wall, its relief uncertain."
    assert said(by_length)["Scale"][0] == "doubt"


def test_lenses_told_apart_are_named_with_their_photos() -> None:
    lenses = (
        group(name="camera unknown, 800 x 533, lens 1 of 2", focal_px=870.0, members=("a.jpg", "c.jpg")),
        group(name="camera unknown, 800 x 533, lens 2 of 2", focal_px=1218.0, members=("b.jpg",)),
    )
    text = said(report(groups=lenses))["Lenses"][1]
    assert "2 lenses or zooms" in text
    assert "a.jpg and c.jpg" in text
    assert "Lenses" not in said(report())
    doubted = said(report(groups=(group(doubt="its photos differ in focal length"),)))
    assert doubted["Focal length"] == ("fault", "Its photos differ in focal length.")


def test_what_is_no_wall_is_said_before_all_else(tmp_path: Path) -> None:
    data = report(no_wall="this does not look like a wall: the photos look from many sides", **NO_PICTURES)
    assert "do not seem to show a wall" in headline(data)
    first = statements(data)[0]
    assert (first.weight, first.subject) == ("fault", "Wall")
    assert "many sides" in page(data, tmp_path).text


def test_unknown_up_is_said_with_the_option_that_turns_the_wall() -> None:
    assert "turn_wall" in said(report(up_known=False))["Upright"][1]
    assert "Upright" not in said(report())


def test_no_metres_on_an_arbitrary_page(tmp_path: Path) -> None:
    text = page(report(metric=False, scale_from="", options=None), tmp_path).text
    assert not re.search(r"\d\s?(mm|cm|m)\b", text.replace("50.0 mm, 1200 x 800", ""))
    assert "‰" in text


def test_focal_length_observed_given_or_not() -> None:
    assert said(report())["Focal length"][0] == "sound"
    assert "±0.38 %" in said(report())["Focal length"][1]
    assert said(report(groups=(group(focal_interval_px=(1200.0, 1400.0)),)))["Focal length"][0] == "doubt"
    weight, text = said(report(groups=(group(focal_interval_px=(0.0, 0.0), focal_from="EXIF"),)))["Focal length"]
    assert weight == "doubt"
    assert "taken from EXIF" in text
    assert "photos do not show it" in text
    assert said(report(groups=(group(focal_interval_px=(0.0, 0.0), focal_from="given"),)))["Focal length"][0] == "remark"
    assert "a guess" in said(report(groups=(group(focal_interval_px=(0.0, 0.0), focal_from="guessed"),)))["Focal length"][1]


def test_the_way_in_which_cameras_were_placed_is_told() -> None:
    whole, edge = (said(report(adjustment=way))["Cameras"][1] for way in ("global", "edge"))
    assert "the whole model was adjusted" in whole and "on a block" in whole and "the edge of the growing model" in edge


def test_missing_photos_and_split_models_are_named() -> None:
    assert said(report())["Photos"] == ("sound", "All 6 photos found their place in one model.")
    data = report(used_photos=8, unregistered=("a.jpg", "b.jpg"))
    assert said(data)["Photos"] == ("doubt", "6 of 8 photos found their place in this model; not a.jpg and b.jpg.")
    assert "without 2 photos" in headline(data)
    data = report(used_photos=12, models_found=2, weakest_link="a.jpg and b.jpg share only 12 matches")
    weight, text = said(data)["Photos"]
    assert weight == "fault"
    assert "apart into 2 models" in text
    assert "A.jpg and b.jpg share only 12 matches." in text
    assert "fall into 2 parts" in headline(data)


def test_skipped_and_doubtful_photos_are_told_with_reasons(tmp_path: Path) -> None:
    skipped = tuple(Skipped(name=f"{index}.jpg", reason=f"reason {index}") for index in range(9))
    data = report(skipped=skipped, warnings=(Skipped(name="w.jpg", reason="almost black"),))
    assert "9 files could not be used: 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg and 3 more" in said(data)["Left out"][1]
    text = page(dataclasses.replace(data, **NO_PICTURES), tmp_path).text
    assert all(file.reason in text for file in skipped)
    assert "almost black" in text


def test_every_option_is_listed_and_changes_are_marked(tmp_path: Path) -> None:
    html = write_report(report(**NO_PICTURES), tmp_path).read_text(encoding="utf-8")
    assert all(f"<code>{leaf.name}</code>" in html for leaf in leaves(WallOptions))
    assert html.count("<em>changed</em>") == 1


@pytest.mark.parametrize("sag", [40.0, -3.0, 0.0])
def test_the_bow_is_that_of_the_wall_whatever_its_tilt(sag: float) -> None:
    wall = cylinder(sag)
    along, up = profiles(wall.values, wall.extent)
    assert along.bow == pytest.approx(sag * (along.length / 4) ** 2, abs=0.02)
    assert up.bow == pytest.approx(0.0, abs=0.02)
    assert along.length == pytest.approx(4 - 4 / 80)
    assert up.length == pytest.approx(3 - 3 / 60)
    assert up.middle[0] > up.middle[-1]  # the first place is the lowest: z runs upwards


def test_unknown_walls_have_no_bow() -> None:
    along, up = profiles(np.full((20, 20), np.nan), EXTENT)
    assert np.isnan(along.bow)
    assert np.isnan(up.bow)
    assert np.isnan(along.middle).all()


def test_weakest_bond_is_the_bridge() -> None:
    pairs = np.array([(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)])
    matches = np.array([500, 400, 5, 60, 300, 700, 20])
    assert weakest_bond(6, pairs, matches) == 3  # 0-2 and 3-5 are weaker, yet nothing depends on them
    assert weakest_bond(3, np.zeros((0, 2), np.int64), np.zeros(0, np.int64)) is None


def test_mean_misses_show_distortion_and_not_noise() -> None:
    random = np.random.default_rng(1)
    places = random.uniform((0, 0), (1200, 800), (40_000, 2))
    noise = random.normal(0, 0.2, places.shape)
    quiet = miss_field(places, noise, 1200, 800)
    assert quiet.certain.mean() < 0.05
    from_centre = places - (600, 400)
    ring = from_centre * (np.square(from_centre).sum(axis=1, keepdims=True) / 600**2) * 1e-3
    field = miss_field(places, noise + ring, 1200, 800)
    corner = np.argmin(field.places.sum(axis=1))
    assert field.certain[corner]
    assert (field.means[corner] < 0).all()
    assert field.certain.mean() > 0.5


def test_hill_shade_is_lit_from_the_upper_left() -> None:
    x, y = np.meshgrid(np.arange(40.0), np.arange(30.0))
    assert np.allclose(hill_shade(np.full((30, 40), 3.0), 1.0), 0.5)
    assert (hill_shade(x + y, 1.0) > 0.6).all()  # rises to the lower right: faces the light
    assert (hill_shade(-x - y, 1.0) < 0.4).all()


def test_numbers_in_words() -> None:
    assert [digits(value) for value in (0.0, 0.012345, 1.5, 27.04, 1292.35, -3.692, float("nan"))] == [
        "0", "0.0123", "1.50", "27.0", "1\u202f292", "−3.69", "unknown",
    ]  # fmt: skip
    assert [round_length(value) for value in (0.9, 1.0, 4.99, 70.0, 0.03)] == pytest.approx([0.5, 1.0, 2.0, 50.0, 0.02])
    metric, arbitrary = Units(True), Units(False)
    assert [metric.length(value) for value in (2.5, 0.5, 0.004)] == ["2.50 m", "50.0 cm", "4.00 mm"]
    assert metric.length(0.5, rounded=True) == "50 cm"
    assert arbitrary.length(0.5) == "0.500 camera distances"
    assert metric.bow(-1.84) == "hollow of 1.84 mm"
    assert (count(1, "photo"), count(25, "photo"), count(2000, "match", "matches")) == (
        "1 photo",
        "25 photos",
        "2\u202f000 matches",
    )
    assert (duration(5.25), duration(61), duration(7322)) == ("5.2 s", "1 min 01 s", "2 h 02 min")


def test_cameras_and_residuals_of_a_model(tmp_path: Path) -> None:
    settings = pycolmap.SyntheticDatasetOptions()
    settings.num_cameras_per_rig = 1
    settings.num_rigs = 1
    settings.num_frames_per_rig = 5
    settings.num_points3D = 120
    pycolmap.set_random_seed(0)
    model = pycolmap.synthesize_dataset(settings)
    names = [image.name for image in model.images.values()]
    placed = placed_cameras(model, names[::-1])
    assert placed.names == tuple(names[::-1])
    first = next(image for image in model.images.values() if image.name == names[-1])
    assert placed.centres[0] == pytest.approx(first.projection_center())
    forward = placed.world_from_camera[0] @ (0, 0, 1)
    assert forward == pytest.approx(first.cam_from_world().rotation.matrix()[2])
    points, colours = coloured_points(model)
    assert points.shape == colours.shape == (120, 3)
    exact = residuals(model, set(names))
    assert exact is not None
    assert np.abs(exact.misses_px).max() < 1e-6
    assert residuals(model, set()) is None
    next(iter(model.cameras.values())).principal_point_x += 3.0
    moved = residuals(model, set(names))
    assert moved is not None
    assert moved.misses_px == pytest.approx(np.tile((3.0, 0.0), (len(moved.misses_px), 1)), abs=1e-6)
