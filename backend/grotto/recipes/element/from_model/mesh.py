"""The stage `model` of an element: an installed copy of somebody's image-to-3D model makes a textured mesh of the cut-out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....contract import Progress
from ....contract.options import GeneratorOptions
from ....formats import Artefact, Mesh, TexturedMesh, read_glb_parts, read_mesh_ply, write_glb_parts, write_mesh_ply
from ....meshes.texture import Coloured, joined_colours
from ....models.outside import OutsideSettings, generate_mesh
from ....models.registry import Connection, outside_model
from ..cut import CutElement

TEXTURED, COLOURED = "model.glb", "model.ply"
_RAW = "raw"


@dataclass(frozen=True, kw_only=True)
class ModelMesh(Artefact):
    """The mesh of a model. Frame: z up, its front towards -y; the model's own size and place."""

    generator: str
    device: str  # on which it ran, by its own report
    faces: int
    textured: bool  # whether any part has a texture
    coloured: bool  # whether any part has colours at its vertices

    def parts(self) -> tuple[Coloured, ...]:
        """Its parts, each with a texture or with colours at its vertices."""
        textured = tuple(read_glb_parts(self.folder / TEXTURED).values()) if self.textured else ()
        return (*textured, read_mesh_ply(self.folder / COLOURED)) if self.coloured else textured


def make_model_mesh(
    cut: CutElement, connection: Connection, options: GeneratorOptions, folder: Path, report: Progress
) -> ModelMesh:
    """Run the model that `connection` names on the cut-out, and keep its mesh; raises what `generate_mesh` does."""
    picture = np.dstack([cut.colour(), cut.alpha()]).astype(np.float32)
    settings = OutsideSettings(seed=options.generator_seed, texture_px=options.generator_px, device=options.generator_device)
    raw = folder / _RAW
    raw.mkdir()
    left = generate_mesh(picture, connection, settings, raw, report)
    if left.metadata.get("seeded") is False and options.generator_seed:
        report.note(f"{outside_model(connection.name).title} uses no random numbers: every seed gives the same")
    textured = {f"part {number}": part for number, part in enumerate(left.parts) if isinstance(part, TexturedMesh)}
    coloured = [part for part in left.parts if isinstance(part, Mesh)]
    if textured:
        write_glb_parts(folder / TEXTURED, textured, connection.name)
    if coloured:
        write_mesh_ply(folder / COLOURED, joined_colours(coloured))
    return ModelMesh(
        folder=folder,
        generator=connection.name,
        device=str(left.metadata.get("device", "unknown")),
        faces=sum(len(part.faces) for part in left.parts),
        textured=bool(textured),
        coloured=bool(coloured),
    )


def forecast_model(cut: CutElement, connection: Connection, options: GeneratorOptions) -> int:
    """Bytes of ours: the cut-out, and the mesh that is read back. The model's own memory is not counted: its card has it."""
    return 1_500_000_000 + 40 * cut.width * cut.height


def model_used(connection: Connection) -> dict[str, str]:
    """Name and licence, as the result manifest has them; the weights are the copy's own, and nobody's hash is known."""
    model = outside_model(connection.name)
    return {"name": model.title, "licence": model.licence, "use": model.use}


def model_provenance(source: Path, cut: CutElement, made: ModelMesh, options: GeneratorOptions) -> Mapping[str, Any]:
    """Extras that the mesh carries in its files."""
    model = outside_model(made.generator)
    return {
        "recipe": "element",
        "source": source.name,
        "route": "model",
        "generator": model.title,
        "licence": model.licence,
        "seed": options.generator_seed,
        "cut_out_by": cut.way,
        "shape_and_colours": "invented by the model",
    }
