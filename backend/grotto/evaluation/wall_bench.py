"""The wall benchmark: a made wall through the whole job, scored, with pycolmap's defaults on the same matches beside it.

`python -m grotto.evaluation.wall_bench --out DIR` writes DIR/wall_bench.md and DIR/wall_bench.json.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from ..contract import EXIT_DONE, WALL_QUALITIES, MakeWallOptions, ProblemError, Progress, Result, WallOptions, bug, to_flat
from ..synthetic import make_wall, read_truth
from .baseline import default_database, map_with_defaults
from .camera_score import CameraScore, score_model
from .wall_score import WallScore, score_wall

QUALITY = "standard"
MOST_BASELINE_SECONDS = 3600
STANDARD_SET = MakeWallOptions(columns=16, rows=6)


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


def bench_wall(out: Path, make: MakeWallOptions, options: WallOptions, report: Progress) -> str:
    """Make the wall in out/set, do the job in out/job, map with pycolmap's defaults in out/defaults; the report in markdown.

    A finished set or job of the same options is used again. Raises the job's problem where it fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    photos, job = out / "set" / "photos", out / "job"
    report(0.0, "Making the wall")
    if not _made_already(out / "set", make):
        make_wall(out / "set", make, _Quiet(report))
    report(0.1, "Doing the job")
    _run_job(photos, job, options)
    report(0.5, "Scoring the job")
    score = score_wall(job, out / "set")
    report(0.6, "Mapping with pycolmap's defaults")
    default_database(job, out / "defaults.db")
    began = time.monotonic()
    models = map_with_defaults(out / "defaults.db", photos, out / "defaults", MOST_BASELINE_SECONDS)
    defaults_seconds = time.monotonic() - began
    defaults = score_model(models[0], read_truth(out / "set")) if models and models[0].num_reg_images() >= 3 else None
    stages = Result.read(job).timings
    timings = {"job_s": sum(stages.values()), "defaults_mapping_s": defaults_seconds}
    facts = {
        "made": to_flat(make),
        "bars": [{**dataclasses.asdict(bar), "held": bar.held} for bar in bars(score)],
        "score": dataclasses.asdict(score),
        "defaults": dataclasses.asdict(defaults) if defaults else None,
        "defaults_models": len(models),
        "timings": timings,
        "stages_s": stages,
    }
    (out / "wall_bench.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    text = markdown(score, defaults, len(models), timings)
    (out / "wall_bench.md").write_text(text, encoding="utf-8")
    report(1.0, "done")
    return text


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
        lines.append(f"| {bar.name} | {bar.found:.3g} {bar.unit} | {bar.bar:g} {bar.unit} | {'held' if bar.held else 'missed'} |")
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
        lines += [
            f"Orthophoto: shift median {ortho.shift_median_mm:.2f}, RMSE {ortho.shift_rmse_mm:.2f}, p95 {ortho.shift_p95_mm:.2f} mm "
            f"on {ortho.patches} patches ({ortho.lost_patches} not recognised); {ortho.psnr_db:.1f} dB against the true painting."
        ]
    return "\n".join(lines) + "\n"


def _made_already(folder: Path, make: MakeWallOptions) -> bool:
    try:
        return read_truth(folder).options == make
    except ProblemError:
        return False


def _run_job(photos: Path, job: Path, options: WallOptions) -> None:
    """Do the job as a user does, through the command line in a process of its own."""
    standard = to_flat(WALL_QUALITIES[QUALITY])
    command = [sys.executable, "-m", "grotto.cli", "run", "wall", str(photos), "--out", str(job), "--quality", QUALITY]
    for name, value in to_flat(options).items():
        if value == standard[name]:
            continue
        flag = name.replace("_", "-")
        command += [f"--{flag}" if value else f"--no-{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != EXIT_DONE:
        raise bug(f"the wall job failed: {done.stderr.strip() or done.returncode}", f"see {job}/worker.log")


class _Quiet:
    """Passes a user's wish to stop on to a part of the work, and nothing else."""

    def __init__(self, report: Progress) -> None:
        self._report = report

    def __call__(self, fraction: float, message: str = "") -> None:
        self._report.check()

    def note(self, message: str) -> None:
        self._report.note(message)

    def preview(self, picture: Path) -> None:
        pass

    def check(self) -> None:
        self._report.check()

    @property
    def cancelled(self) -> bool:
        return self._report.cancelled


def main() -> int:
    """The benchmark from a shell."""
    import tyro

    from ..runner import StageInTerminal

    def bench(
        out: Path, make: Annotated[MakeWallOptions, tyro.conf.OmitArgPrefixes] = STANDARD_SET
    ) -> tuple[Path, MakeWallOptions]:
        """Measure the recipe wall on a made wall.

        Args:
            out: the folder of set, job and report
            make: what is painted and how it is photographed
        """
        return out, make

    out, make = tyro.cli(bench)
    try:
        with StageInTerminal("Measuring", sys.stderr) as report:
            text = bench_wall(out.absolute(), make, WALL_QUALITIES[QUALITY], report)
    except ProblemError as error:
        sys.stderr.write(error.problem.sentence() + "\n")
        return error.problem.kind.exit_code
    sys.stdout.write(text)
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
