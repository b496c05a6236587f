"""What the wall benchmark demands, and its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..scores import CameraScore
from .score import WallScore


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One demand on the result."""

    name: str
    found: float
    bar: float
    unit: str

    @property
    def held(self) -> bool:
        return self.found <= self.bar


def bars(score: WallScore) -> list[Bar]:
    """What a good wall must hold."""
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
    """The benchmark's page: the bars, then the cameras beside pycolmap's."""
    lines = ["| measure | found | bar | |", "|---|---|---|---|"]
    for bar in bars(score):
        unit = f" {bar.unit}" if bar.unit else ""
        lines.append(f"| {bar.name} | {bar.found:.3g}{unit} | {bar.bar:g}{unit} | {'held' if bar.held else 'missed'} |")
    lines += ["", "| | grotto | pycolmap's defaults, same matches |", "|---|---|---|"]
    rows: list[tuple[str, Any]] = [
        ("photos in the largest model", lambda s: f"{s.registered} of {s.total}"),
        ("lenses", lambda s: f"{s.cameras}"),
        ("focal length, px", lambda s: f"{s.focal_least_px:.0f} to {s.focal_most_px:.0f}"),
        ("camera centres, RMSE mm", lambda s: f"{s.centre_rmse_mm:.2f}"),
        ("out of plane, RMSE mm", lambda s: f"{s.out_of_plane_rmse_mm:.2f}"),
        ("rotation, RMS degrees", lambda s: f"{s.rotation_deg:.3f}"),
        ("re-projection, px (no verdict)", lambda s: f"{s.reprojection_px:.3f}"),
    ]
    for name, told in rows:
        lines.append(f"| {name} | {told(score.cameras)} | {told(defaults) if defaults else 'no model'} |")
    lines.append(f"| models | {score.models_found} | {defaults_models} |")
    lines.append(f"| seconds | {timings['job_s']:.0f} (whole job) | {timings['defaults_mapping_s']:.0f} (mapping only) |")
    if score.height is not None:
        height = score.height
        lines += ["", f"Height map: median {height.median_mm:.2f}, RMSE {height.rmse_mm:.2f}, p95 {height.p95_mm:.2f} mm."]
    if score.orthophoto is not None:
        ortho = score.orthophoto
        shifts = f"shift median {ortho.shift_median_mm:.2f}, RMSE {ortho.shift_rmse_mm:.2f}, p95 {ortho.shift_p95_mm:.2f} mm"
        patches = f"on {ortho.patches} patches ({ortho.lost_patches} not recognised)"
        lines += [f"Orthophoto: {shifts} {patches}; {ortho.psnr_db:.1f} dB against the true painting."]
    return "\n".join(lines) + "\n"
