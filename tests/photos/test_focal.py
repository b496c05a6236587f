"""The focal length that EXIF promises."""

from __future__ import annotations

import pytest

from grotto.photos import Exif, camera_group, focal_from_exif

KODAK = {"recorded_width": 2832, "recorded_height": 2128}


def test_35_mm_equivalent_goes_by_the_diagonal() -> None:
    focal, source = focal_from_exif(Exif(focal_35mm=35, **KODAK), 2832, 2128)
    assert source == "35mm equivalent"
    assert focal == pytest.approx(2866, abs=1)
    assert focal_from_exif(Exif(focal_35mm=35, **KODAK), 2128, 2832)[0] == focal  # portrait
    assert focal_from_exif(Exif(focal_35mm=35, **KODAK), 1416, 1064)[0] == pytest.approx(focal / 2)  # saved smaller


def test_a_phone_with_known_pixel_pitch() -> None:
    """iPhone 7: 3.99 mm behind pixels of 1.22 micrometres are 3270 px; EXIF says 28 mm."""
    assert focal_from_exif(Exif(focal_35mm=28), 4032, 3024)[0] == pytest.approx(3270, rel=0.005)


def test_focal_plane_resolution_is_finer_where_both_agree() -> None:
    full_frame = {"pixels_per_mm": 5616 / 36, "recorded_width": 5616, "recorded_height": 3744, "focal_mm": 28.4}
    focal, source = focal_from_exif(Exif(focal_35mm=28, **full_frame), 5616, 3744)
    assert (source, focal) == ("focal plane resolution", pytest.approx(28.4 * 5616 / 36))
    assert focal_from_exif(Exif(**full_frame), 2808, 1872)[0] == pytest.approx(focal / 2)
    assert focal_from_exif(Exif(focal_35mm=50, **full_frame), 5616, 3744)[1] == "35mm equivalent"


def test_a_sensor_that_cannot_be_is_not_believed() -> None:
    assert focal_from_exif(Exif(focal_mm=50, pixels_per_mm=2.8, recorded_width=4000, recorded_height=3000), 4000, 3000) == (
        0.0,
        "",
    )


@pytest.mark.parametrize(
    ("make", "model", "sensor_mm"),
    [
        ("Canon", "Canon EOS 5D Mark III", 36.0),
        ("Canon", "Canon EOS 700D", 22.3),
        ("Canon", "Canon EOS R5", 36.0),
        ("NIKON CORPORATION", "NIKON D850", 35.9),
        ("NIKON CORPORATION", "NIKON D7100", 23.5),
        ("SONY", "ILCE-7RM4", 35.8),
        ("SONY", "ILCE-6400", 23.5),
        ("FUJIFILM", "X-T4", 23.5),
        ("FUJIFILM", "GFX 100S", 43.8),
        ("OLYMPUS CORPORATION", "E-M1MarkII", 17.3),
        ("Panasonic", "DC-GH5", 17.3),
    ],
)
def test_sensor_table(make: str, model: str, sensor_mm: float) -> None:
    focal, source = focal_from_exif(Exif(make=make, model=model, focal_mm=35), 6000, 4000)
    assert source == "sensor table"
    assert focal == pytest.approx(35 / sensor_mm * 6000)


def test_unknown_cameras_and_cropped_photos_promise_nothing() -> None:
    assert focal_from_exif(Exif(), 4000, 3000) == (0.0, "")
    assert focal_from_exif(Exif(make="Acme", model="Box", focal_mm=50), 4000, 3000) == (0.0, "")
    assert focal_from_exif(Exif(focal_35mm=35, **KODAK), 2000, 2000) == (0.0, "")


def test_groups() -> None:
    one = Exif(make="Canon", model="Canon EOS 5D", lens="EF 50mm", focal_mm=50.01)
    assert camera_group(one, 600, 400) == camera_group(
        Exif(make="Canon", model="Canon EOS 5D", lens="EF 50mm", focal_mm=49.99), 600, 400
    )
    others = [
        camera_group(one, 400, 600),
        camera_group(one, 300, 200),
        camera_group(Exif(make="Canon", model="Canon EOS 6D", lens="EF 50mm", focal_mm=50), 600, 400),
        camera_group(Exif(make="Canon", model="Canon EOS 5D", lens="EF 85mm", focal_mm=50), 600, 400),
        camera_group(Exif(make="Canon", model="Canon EOS 5D", lens="EF 50mm", focal_mm=52), 600, 400),
        camera_group(Exif(make="Canon", model="Canon EOS 5D", lens="EF 50mm", focal_mm=50, focal_35mm=75), 600, 400),
        camera_group(Exif(), 600, 400),
    ]
    assert len({camera_group(one, 600, 400), *others}) == 8
    assert camera_group(one, 600, 400) == "Canon EOS 5D, EF 50mm, 50.0 mm, 600 x 400"
    assert camera_group(Exif(), 600, 400) == "camera unknown, 600 x 400"
