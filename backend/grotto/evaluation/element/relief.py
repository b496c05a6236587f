"""`python -m grotto.evaluation.element.relief PICTURES --out DIR`: the relief route on a folder of painted figures.

Leaves DIR/relief.md and DIR/relief.jpg; each job stays in DIR, so a run that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..bench_command import bench_command
from .figures import figures_in
from .jobs import asset, relief_job

_SHOWN_PX = 230  # of a tile in the picture
_LARGE_PX = 4000


@dataclass(frozen=True, kw_only=True)
class ReliefScore:
    """One picture with one budget of faces."""

    name: str
    asked: int
    seconds: float  # wall time of the stages
    facts: dict[str, Any]


def relief_score(source: Path, faces: int, out: Path) -> tuple[ReliefScore, Path]:
    """Run the recipe on one picture; the score, and the preview's path. Raises bad input where the job was refused."""
    result = relief_job(source, {"faces": faces}, out)
    seconds = sum(result["timings"].values())
    return ReliefScore(name=source.stem, asked=faces, seconds=seconds, facts=result["facts"]), asset(result, out, "preview")


def bench(pictures: Path, /, out: Path, faces: tuple[int, ...] = (700, 5000, 20_000), large: int = 2) -> str:
    """Make every picture of a folder into an element with each number of faces, and write table and picture.

    Args:
        pictures: folder of painted figures
        out: where jobs, table and picture go
        faces: budgets
        large: so many pictures are also enlarged to 4000 px and timed
    """
    sources = figures_in(pictures)
    scores, strips = [], []
    for source in sources:
        for count in faces:
            score, preview = relief_score(source, count, out / f"{source.stem}-{count}")
            scores.append(score)
        strips.append(preview)
    for source in sources[:large]:
        score, _ = relief_score(_enlarged(source, out), max(faces), out / f"{source.stem}-large")
        scores.append(score)
    _sheet(strips).save(out / "relief.jpg", quality=82)
    text = relief_table(scores)
    (out / "relief.md").write_text(text, encoding="utf-8")
    return text


def relief_table(scores: Sequence[ReliefScore]) -> str:
    """Markdown: a row a picture and budget, then means by budget."""
    lines = [
        "| picture | asked | faces | SSIM | PSNR dB | closed | overlap | front p95 % | thickness % | s |",
        "|---|---:|---:|---:|---:|---|---:|---:|---:|---:|",
    ]
    for score in scores:
        facts = score.facts
        closed = "yes" if facts["watertight"] else "NO"
        lines.append(
            f"| {score.name} | {score.asked} | {facts['faces']} | {facts['input_view_ssim']:.4f} "
            f"| {facts['input_view_psnr_db']:.1f} | {closed} | {facts['uv_overlap']} | {100 * facts['relief_error_p95']:.2f} "
            f"| {100 * facts['thickness_of_width']:.0f} | {score.seconds:.1f} |"
        )
    for asked in sorted({score.asked for score in scores}):
        own = [score.facts for score in scores if score.asked == asked]
        similar = [facts["input_view_ssim"] for facts in own]
        lines.append(
            f"| all {len(own)} | {asked} | {np.mean([facts['faces'] for facts in own]):.0f} | {np.mean(similar):.4f} "
            f"(least {min(similar):.4f}) | {np.mean([facts['input_view_psnr_db'] for facts in own]):.1f} | | | "
            f"{100 * np.max([facts['relief_error_p95'] for facts in own]):.2f} (most) | | |"
        )
    return "\n".join(lines) + "\n"


def _enlarged(source: Path, out: Path) -> Path:
    path = out / "large" / source.name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(source) as image:
            scale = _LARGE_PX / max(image.size)
            size = (round(image.width * scale), round(image.height * scale))
            image.resize(size, Image.Resampling.BICUBIC).save(path)
    return path


def _sheet(strips: Sequence[Path]) -> Image.Image:
    """Two columns of previews, each 0, 35, 70 and 180 degrees."""
    opened = [Image.open(path).convert("RGB") for path in strips]
    width, height = 4 * _SHOWN_PX // 2, _SHOWN_PX // 2
    sheet = Image.new("RGB", (2 * width, -(-len(opened) // 2) * height), (209, 209, 209))
    for number, image in enumerate(opened):
        sheet.paste(image.resize((width, height), Image.Resampling.LANCZOS), (number % 2 * width, number // 2 * height))
    return sheet


if __name__ == "__main__":
    bench_command(bench)
