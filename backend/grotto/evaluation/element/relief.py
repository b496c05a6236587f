"""The relief route on a folder of painted figures. Each job stays, so that a stopped run continues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...formats import Mesh, read_glb_parts
from ..bench import Bench
from ..markdown import markdown_table
from .figures import figures_in
from .front import FrontError, front_error
from .jobs import asset, relief_job

_SHOWN_PX = 230  # of a tile in the picture
_LARGE_PX = 4000
HEADS = (
    ":picture",
    "asked",
    "faces",
    "SSIM",
    "PSNR dB",
    ":closed",
    "UV overlap",
    "front p95, % of the relief's height",
    "front points not covered",
    "thickness %",
    "s",
)


@dataclass(frozen=True, kw_only=True)
class ReliefScore:
    """One picture with one budget of faces."""

    name: str
    asked: int
    seconds: float  # wall time of the stages
    facts: dict[str, Any]
    front: FrontError | None = None  # against the body with most faces; None where that is this one


def relief_score(source: Path, faces: int, out: Path) -> tuple[ReliefScore, dict[str, Any]]:
    """Run the recipe on one picture; returns the score and the job's manifest. Raises bad input where the job was refused."""
    result = relief_job(source, {"faces": faces}, out)
    seconds = sum(result["timings"].values())
    return ReliefScore(name=source.stem, asked=faces, seconds=seconds, facts=result["facts"]), result


def run(pictures: Path, /, out: Path, faces: tuple[int, ...] = (700, 5000, 20_000), large: int = 2) -> str:
    """Make every picture of a folder into an element with each number of faces, and write table and picture.

    Args:
        pictures: folder of painted figures
        out: the folder of jobs, table and picture
        faces: budgets
        large: number of pictures that are also enlarged to 4000 px and timed
    """
    sources = figures_in(pictures)
    scores, strips = [], []
    for source in sources:
        dense: Mesh | None = None
        for count in sorted(faces, reverse=True):
            folder = out / f"{source.stem}-{count}"
            score, result = relief_score(source, count, folder)
            body = _mesh(asset(result, folder, "mesh"))
            dense = body if dense is None else dense
            scores.append(score if body is dense else replace(score, front=front_error(body, dense)))
            if body is dense:
                strips.append(asset(result, folder, "preview"))
    for source in sources[:large]:
        score, _ = relief_score(_enlarged(source, out), max(faces), out / f"{source.stem}-large")
        scores.append(score)
    _sheet(strips).save(out / "relief.jpg", quality=82)
    text = relief_table(scores)
    (out / "relief.md").write_text(text, encoding="utf-8")
    return text


def relief_table(scores: Sequence[ReliefScore]) -> str:
    """Markdown: a row a picture and budget, then means by budget and the worst of each."""
    rows = []
    for score in scores:
        facts = score.facts
        rows.append(
            (
                score.name,
                str(score.asked),
                str(facts["faces"]),
                f"{facts['input_view_ssim']:.4f}",
                f"{facts['input_view_psnr_db']:.1f}",
                "yes" if facts["watertight"] else "NO",
                str(facts["uv_overlap"]),
                f"{100 * facts['relief_error_p95']:.2f}",
                _uncovered(score.front),
                f"{100 * facts['thickness_of_width']:.0f}",
                f"{score.seconds:.1f}",
            )
        )
    for asked in sorted({score.asked for score in scores}):
        own = [score.facts for score in scores if score.asked == asked]
        similar = [facts["input_view_ssim"] for facts in own]
        fronts = [score.front for score in scores if score.asked == asked and score.front is not None]
        worst = max(fronts, key=lambda front: front.uncovered / front.points, default=None)
        rows.append(
            (
                f"all {len(own)}",
                str(asked),
                f"{np.mean([facts['faces'] for facts in own]):.0f}",
                f"{np.mean(similar):.4f} (least {min(similar):.4f})",
                f"{np.mean([facts['input_view_psnr_db'] for facts in own]):.1f}",
                "",
                "",
                f"{100 * np.max([facts['relief_error_p95'] for facts in own]):.2f} (most)",
                f"{_uncovered(worst)} (most)" if worst else "-",
                "",
                "",
            )
        )
    return markdown_table(HEADS, rows)


def _uncovered(front: FrontError | None) -> str:
    """The number of points and their percentage; "-" for the body that the others are compared with."""
    return "-" if front is None else f"{front.uncovered} ({100 * front.uncovered / front.points:.2f} %)"


def _mesh(glb: Path) -> Mesh:
    """A body in the element's frame, whose front looks along -y; all parts as one mesh."""
    parts = list(read_glb_parts(glb).values())
    starts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    return Mesh(
        vertices=np.concatenate([part.vertices for part in parts]).astype(np.float32),
        faces=np.concatenate([part.faces.astype(np.int32) + start for part, start in zip(parts, starts, strict=True)]),
    )


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
    """Draw two columns of previews, each from 0, 35, 70 and 180 degrees."""
    opened = [Image.open(path).convert("RGB") for path in strips]
    width, height = 4 * _SHOWN_PX // 2, _SHOWN_PX // 2
    sheet = Image.new("RGB", (2 * width, -(-len(opened) // 2) * height), (209, 209, 209))
    for number, image in enumerate(opened):
        sheet.paste(image.resize((width, height), Image.Resampling.LANCZOS), (number % 2 * width, number // 2 * height))
    return sheet


BENCH = Bench(name="element.relief", title="Reliefs of painted figures", run=run, tables=(HEADS,))
