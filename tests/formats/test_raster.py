import numpy as np
import pytest
import rasterio
import tifffile

from grotto.formats import (
    RasterGrid,
    read_count_tiff,
    read_float_tiff,
    read_ortho_reduced,
    read_ortho_window,
    write_count_tiff,
    write_float_tiff,
    write_ortho_tiff,
)

GRID = RasterGrid(x_min=-1.25, z_max=2.5, pixel=0.001, width=1300, height=700)


@pytest.fixture
def picture():
    random = np.random.default_rng(2)
    rgba = random.integers(0, 256, (GRID.height, GRID.width, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    rgba[:, :100] = 0
    return rgba


@pytest.fixture
def path(tmp_path, picture):
    path = tmp_path / "ortho.tif"
    with write_ortho_tiff(path, GRID, {"scale": "metric"}) as writer:
        for row in range(0, GRID.height, 512):
            for column in range(0, GRID.width, 512):
                writer.write(column, row, picture[row : row + 512, column : column + 512])
    return path


def test_tifffile_reads_the_same_pixels_and_tiles(path, picture):
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        np.testing.assert_array_equal(page.asarray(), picture)
        assert page.is_tiled
        assert (page.tilewidth, page.tilelength) == (512, 512)
        assert page.compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert page.extrasamples == (tifffile.EXTRASAMPLE.UNASSALPHA,)
        assert page.photometric == tifffile.PHOTOMETRIC.RGB


def test_place_and_overviews(path):
    with rasterio.open(path) as file:
        assert file.overviews(1) == [2, 4]
        assert file.transform @ (0, 0) == pytest.approx((-1.25, 2.5))
        assert file.transform @ (1300, 700) == pytest.approx((0.05, 1.8))
        assert file.tags()["scale"] == "metric"
        assert file.crs is None


def test_transparent_pixels_do_not_darken_overviews(tmp_path):
    grid = RasterGrid(x_min=0, z_max=0, pixel=0.5, width=1024, height=1024)
    rgba = np.zeros((1024, 1024, 4), np.uint8)
    rgba[:, 513:] = (200, 100, 50, 255)
    with write_ortho_tiff(tmp_path / "a.tif", grid) as writer:
        writer.write(0, 0, rgba)
    small = read_ortho_reduced(tmp_path / "a.tif", 256, 256)
    rim = small[:, 128]
    assert (np.abs(rim[:, :3].astype(int) - (200, 100, 50)) <= 1).all()


def test_windows(path, picture):
    np.testing.assert_array_equal(read_ortho_window(path, 300, 200, 64, 48), picture[200:248, 300:364])


def test_windows_never_written_are_transparent(tmp_path):
    with write_ortho_tiff(tmp_path / "a.tif", GRID) as writer:
        writer.write(0, 0, np.full((512, 512, 4), 255, np.uint8))
    pixels = tifffile.imread(tmp_path / "a.tif")
    assert pixels.shape == (700, 1300, 4)
    assert pixels[600, 1200].tolist() == [0, 0, 0, 0]


def test_float_map_round_trip(tmp_path):
    values = np.random.default_rng(3).normal(size=(70, 90)).astype(np.float32)
    values[10:20, 30:40] = np.nan
    grid = RasterGrid(x_min=1.0, z_max=3.0, pixel=0.01, width=90, height=70)
    write_float_tiff(tmp_path / "height.tif", grid, values, {"unit": "mm"})
    back_grid, back = read_float_tiff(tmp_path / "height.tif")
    np.testing.assert_array_equal(back, values)
    assert back_grid == grid
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "height.tif"), values)
    with rasterio.open(tmp_path / "height.tif") as file:
        assert np.isnan(file.nodata)


def test_count_map_round_trip(tmp_path):
    grid = RasterGrid(x_min=0.0, z_max=1.0, pixel=0.05, width=20, height=10)
    counts = np.arange(200, dtype=np.uint16).reshape(10, 20) * 300
    write_count_tiff(tmp_path / "coverage.tif", grid, counts)
    back_grid, back = read_count_tiff(tmp_path / "coverage.tif")
    assert back_grid == grid
    np.testing.assert_array_equal(back, counts)


def test_pixel_centres():
    grid = RasterGrid(x_min=10.0, z_max=5.0, pixel=0.5, width=4, height=2)
    assert grid.x_centres().tolist() == [10.25, 10.75, 11.25, 11.75]
    assert grid.z_centres().tolist() == [4.75, 4.25]
    assert grid.x_centres(1, 3).tolist() == [10.75, 11.25]


def test_no_file_named_done_when_the_work_breaks_off(tmp_path):
    with pytest.raises(RuntimeError), write_ortho_tiff(tmp_path / "a.tif", GRID) as writer:
        writer.write(0, 0, np.zeros((512, 512, 4), np.uint8))
        raise RuntimeError
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.overviews(1) == []
