"""Every few-view field on made objects, from six views.

Each fit's score is kept as JSON, so that a stopped run continues, and `--most 1` does one fit a process.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ...contract import Silent
from ...contract.options import FieldOptions
from ...fields import Field, fit_field, fit_plain, fitting_device, load_field, render_field
from ...fields.few_views import fit_published_zerorf
from ...fitting import choose_device
from ...formats import write_glb
from ...render.mesh import render_textured
from ...scene import RIGS, Region, View, camera_around, write_picture, zero123plus_rig
from ...synthetic import disturb, photograph
from ...synthetic.objects import OBJECTS, make_object
from ..bench import Bench
from ..scores import heldout_scores
from .six_view_asset import six_view_asset
from .six_view_picture import objects_picture
from .six_view_table import MESH_HEADS, SixViewScore, method_heads, six_view_table

INPUT_PX, HELDOUT_PX = 256, 128
HELDOUT_ELEVATIONS_DEG = (0, 25, 10, -15, 35, 5, 15, -5, 30, 20, -10, 40)  # at azimuths 15, 45, ... 345
PUBLISHED = "zerorf as published"
METHODS = ("zerorf", "voxel", "vm", PUBLISHED, "voxel, plain", "vm, plain")
REGION = Region(lowest=(-1.0,) * 3, highest=(1.0,) * 3, bounded=True)  # made objects lie in it
_PLAIN_STEPS = {"voxel, plain": 400, "vm, plain": 300}  # where more bring nothing: clear starts need longer
_SHOWN = 4  # which held-out view the sheet shows


@dataclass(frozen=True, kw_only=True)
class SixViewSet:
    """One set of six views."""

    name: str
    rig: str
    seed: int
    inconsistent: bool

    @property
    def label(self) -> str:
        """Name of its files."""
        return f"{self.name}-{self.rig}-{self.seed}-{'inconsistent' if self.inconsistent else 'clean'}"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of the fits, shared by all methods."""

    resolution: int  # nodes along the region's side; 0 takes the product's
    steps: dict[str, int]  # by method; those that are absent take what suits the field


def rig_views(name: str, rig: str, seed: int) -> tuple[list[View], list[View]]:
    """Photograph a made object: six input views, and twelve held-out ones between and above them, at the rig's distance."""
    made = make_object(name, seed)
    inputs = zero123plus_rig(rig, INPUT_PX)
    field_of_view_deg = float(np.degrees(2 * np.arctan(0.5 * INPUT_PX / inputs[0].focal_x)))
    distance = float(np.linalg.norm(inputs[0].position))
    others = [
        camera_around(15.0 + 30.0 * number, elevation, HELDOUT_PX, field_of_view_deg, distance)
        for number, elevation in enumerate(HELDOUT_ELEVATIONS_DEG)
    ]
    return photograph(made, inputs), photograph(made, others)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted field of one method."""

    field: Field
    steps: int
    resolution: int
    engine: str


def fit_method(method: str, views: Sequence[View], sizes: Sizes, seed: int) -> Fit:
    """Fit a field to six views by one of `METHODS`; nothing of it stays on the disk."""
    options = FieldOptions(
        field=method.split()[0].rstrip(","),
        field_steps=sizes.steps.get(method, 0),
        field_resolution=sizes.resolution,
        field_seed=seed,
    )
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        if method == PUBLISHED:
            direct = fit_published_zerorf(views, REGION, options, choose_device(Silent()), Path(folder), Silent())
            resolution = int(direct.field.settings()["resolution"])
            return Fit(field=direct.field, steps=direct.steps, resolution=resolution, engine=direct.engine)
        fit = fit_plain if method.endswith("plain") else fit_field
        made = fit(views, REGION, options, Path(folder), Silent())
        field = load_field(made, fitting_device(made, Silent()))
        return Fit(field=field, steps=made.steps, resolution=int(made.settings["resolution"]), engine=made.engine)


def score_fit(
    chosen: SixViewSet,
    method: str,
    inputs: Sequence[View],
    heldout: Sequence[View],
    out: Path,
    sizes: Sizes,
    with_mesh: bool,
) -> SixViewScore:
    """Fit one set with one method and score it, and the textured mesh if wanted. Pictures and GLB go into `out`."""
    began = time.process_time()
    fit = fit_method(method, inputs, sizes, chosen.seed)
    cpu_s, field = time.process_time() - began, fit.field
    found = heldout_scores(lambda camera: render_field(field, camera), heldout)
    shown = heldout[_SHOWN]
    tile = out / f"{chosen.label}-{method.replace(' ', '-')}.png"
    write_picture(tile, np.clip(render_field(field, shown.camera).over(1.0), 0, 1))
    write_picture(out / f"{chosen.label}-truth.png", shown.over(1.0))
    plain = refined = mesh_cpu_s = None
    islands = None
    if with_mesh:
        began = time.process_time()
        asset = six_view_asset(field, inputs, Silent())
        mesh_cpu_s = time.process_time() - began
        plain = heldout_scores(lambda camera: render_textured(asset.plain, camera), heldout).psnr_db
        refined = heldout_scores(lambda camera: render_textured(asset.refined, camera), heldout).psnr_db
        islands = asset.facts.islands
        write_glb(out / f"{chosen.label}.glb", asset.refined, chosen.name)
        write_picture(out / f"{chosen.label}-mesh.png", np.clip(render_textured(asset.refined, shown.camera).over(1.0), 0, 1))
    return SixViewScore(
        name=chosen.name,
        rig=chosen.rig,
        seed=chosen.seed,
        inconsistent=chosen.inconsistent,
        method=method,
        psnr_db=found.psnr_db,
        ssim=found.ssim,
        iou=found.iou,
        lpips=found.lpips,
        cpu_s=cpu_s,
        steps=fit.steps,
        resolution=fit.resolution,
        engine=fit.engine,
        mesh_plain_db=plain,
        mesh_refined_db=refined,
        mesh_islands=islands,
        mesh_cpu_s=mesh_cpu_s,
    )


def wanted_fits(objects: Sequence[str], rigs: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[SixViewSet, str]]:
    """Yield all fits: clean and inconsistent views of the first seed, then other seeds, then baselines of the first seed."""
    own, published = METHODS[:3], METHODS[3:]
    for seed in seeds:
        for rig in rigs:
            for name in objects:
                for inconsistent in (False, True) if seed == seeds[0] else (False,):
                    chosen = SixViewSet(name=name, rig=rig, seed=seed, inconsistent=inconsistent)
                    yield from ((chosen, method) for method in own)
    for rig in rigs:
        for name in objects:
            chosen = SixViewSet(name=name, rig=rig, seed=seeds[0], inconsistent=False)
            yield from ((chosen, method) for method in published)


def run(
    out: Path,
    objects: tuple[str, ...] = tuple(OBJECTS),
    rigs: tuple[str, ...] = tuple(RIGS),
    seeds: tuple[int, ...] = (0, 1),
    resolution: int = 0,
    steps: int = 0,
    meshes: bool = True,
    most: int = 0,
) -> str:
    """Fit what has no score yet, write six_views.md and six_views.jpg of all scores, and return the table.

    Args:
        out: the folder of scores, pictures, meshes and table
        objects: which made objects
        rigs: which rigs of six cameras
        seeds: of object, distortion and fit; meshes, inconsistent views and the baselines' fits are made with the first
        resolution: nodes along the region's side; 0 takes the product's
        steps: of ZeroRF; 0 takes the product's. The others use their own
        meshes: make textured meshes of ZeroRF's fields of the first seed
        most: make at most this many fits; 0 makes all
    """
    out.mkdir(parents=True, exist_ok=True)
    sizes = Sizes(resolution=resolution, steps={"zerorf": steps, **_PLAIN_STEPS})
    fits = list(wanted_fits(objects, rigs, seeds))
    made = 0
    kept: tuple[tuple[str, str, int], tuple[list[View], list[View]]] | None = None
    for chosen, method in fits:
        path = _score_path(out, chosen, method)
        if path.is_file() or (most and made >= most):
            continue
        key = (chosen.name, chosen.rig, chosen.seed)
        if kept is None or kept[0] != key:
            kept = (key, rig_views(*key))
        inputs, heldout = kept[1]
        if chosen.inconsistent:
            inputs = disturb(inputs, chosen.seed)
        with_mesh = meshes and method == "zerorf" and chosen.seed == seeds[0] and not chosen.inconsistent
        score = score_fit(chosen, method, inputs, heldout, out, sizes, with_mesh)
        path.write_text(json.dumps(asdict(score), indent=1) + "\n", encoding="utf-8")
        made += 1
    scores = [SixViewScore(**json.loads(path.read_text())) for path in (_score_path(out, *fit) for fit in fits) if path.is_file()]
    text = six_view_table(scores)
    (out / "six_views.md").write_text(text, encoding="utf-8")
    _sheet(out, [chosen for chosen, _ in fits if chosen.seed == seeds[0]])
    files = {name: out / f"{name}-{rigs[-1]}-{seeds[0]}-clean.glb" for name in objects}
    if all(path.is_file() for path in files.values()):
        objects_picture(files, seeds[0]).save(out / "objects.jpg", quality=85)
    left = len(fits) - len(scores)
    return text + (f"\n{left} of {len(fits)} fits are still to be made\n" if left else "")


def _sheet(out: Path, sets: Sequence[SixViewSet]) -> None:
    """Write six_views.jpg: a row a set that has all pictures: truth, the methods, ZeroRF's mesh."""
    columns = ("truth", *(method.replace(" ", "-") for method in METHODS[:3]), "mesh")
    rows = []
    for label in dict.fromkeys(chosen.label for chosen in sets):
        tiles = [out / f"{label}-{column}.png" for column in columns]
        if all(tile.is_file() for tile in tiles):
            rows.append(np.concatenate([np.asarray(Image.open(tile).convert("RGB")) for tile in tiles], axis=1))
    if rows:
        Image.fromarray(np.concatenate(rows)).save(out / "six_views.jpg", quality=80)


def _score_path(out: Path, chosen: SixViewSet, method: str) -> Path:
    return out / f"{chosen.label}-{method.replace(' ', '-')}.json"


BENCH = Bench(
    name="core.six_views", title="Few-view fields from six views", run=run, tables=(method_heads(tuple(OBJECTS)), MESH_HEADS)
)
