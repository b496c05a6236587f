"""The bars of the wall benchmark, and its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..markdown import markdown_table
from ..scores import CameraScore
from .score import WallScore

BAR_HEADS = (":measure", "found", "bar", ":held")
CAMERA_HEADS = (":cameras", "grotto", "pycolmap's defaults, same matches")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: a result and its limit."""

    name: str
    found: float
    bar: float
    unit: str

    @property
    def held(self) -> bool:
        return self.found <= self.bar


def bars(score: WallScore) -> list[Bar]:
    """List the bars of a good wall with the results."""
    cameras = score.cameras
    found = [
        Bar(name="photos without a camera", found=cameras.total - cameras.registered, bar=0, unit=""),
        Bar(name="models", found=score.models_found, bar=1, unit=""),
        Bar(name="camera centres, RMSE", found=cameras.centre_rmse_mm, bar=1.0, unit="mm"),
        Bar(name="out of plane, RMSE", found=cameras.out_of_plane_rmse_mm, bar=1.0, unit="mm"),
    ]
    if score.height is not None:
        found.append(Bar(name="height map, median", found=score.height.median_mm, bar=0.5, unit="mm"))
    if score.orthophoto is not None:
        found.append(Bar(name="orthophoto's shift, median", found=score.orthophoto.shift_median_mm, bar=0.35, unit="mm"))
    return found


def markdown(score: WallScore, defaults: CameraScore | None, defaults_models: int, timings: dict[str, float]) -> str:
    """Markdown: the bars, then the cameras next to those of pycolmap's defaults."""
    demands = [
        (bar.name, f"{bar.found:.3g} {bar.unit}".strip(), f"{bar.bar:g} {bar.unit}".strip(), "held" if bar.held else "missed")
        for bar in bars(score)
    ]
    measures: list[tuple[str, Callable[[CameraScore], str]]] = [
        ("photos in the largest model", lambda s: f"{s.registered} of {s.total}"),
        ("lenses", lambda s: f"{s.cameras}"),
        ("focal length, px", lambda s: f"{s.focal_least_px:.0f} to {s.focal_most_px:.0f}"),
        ("camera centres, RMSE mm", lambda s: f"{s.centre_rmse_mm:.2f}"),
        ("out of plane, RMSE mm", lambda s: f"{s.out_of_plane_rmse_mm:.2f}"),
        ("rotation, RMS degrees", lambda s: f"{s.rotation_deg:.3f}"),
        ("re-projection, px (no verdict)", lambda s: f"{s.reprojection_px:.3f}"),
    ]
    cameras = [(name, cell(score.cameras), cell(defaults) if defaults else "no model") for name, cell in measures]
    cameras.append(("models", str(score.models_found), str(defaults_models)))
    cameras.append(("seconds", f"{timings['job_s']:.0f} (whole job)", f"{timings['defaults_mapping_s']:.0f} (mapping only)"))
    text = f"{markdown_table(BAR_HEADS, demands)}\n{markdown_table(CAMERA_HEADS, cameras)}"
    if score.height is not None:
        height = score.height
        text += f"\nHeight map: median {height.median_mm:.2f}, RMSE {height.rmse_mm:.2f}, p95 {height.p95_mm:.2f} mm.\n"
    if score.orthophoto is not None:
        ortho = score.orthophoto
        shifts = f"shift median {ortho.shift_median_mm:.2f}, RMSE {ortho.shift_rmse_mm:.2f}, p95 {ortho.shift_p95_mm:.2f} mm"
        patches = f"on {ortho.patches} patches ({ortho.lost_patches} not recognised)"
        text += f"Orthophoto: {shifts} {patches}; {ortho.psnr_db:.1f} dB against the true painting.\n"
    return text
