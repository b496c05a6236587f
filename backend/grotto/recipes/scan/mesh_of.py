"""Whether a scan meshes the scene as one, or the subject in it, with or without its surroundings."""

from __future__ import annotations

from typing import Literal

from ...contract import bad_input
from ...contract.recipes import ScanOptions
from ...runner import AnyStage
from ...views import ViewSet
from ..stages import BACKDROP, SUBJECT

MeshOf = Literal["scene", "subject", "both"]


def choose_mesh_of(options: ScanOptions, views: ViewSet) -> MeshOf:
    """What is meshed of these views. Raises bad input where a subject is asked for and the cameras look at none together.

    An object with masks is its own subject: there is one mesh of it. Without a choice of the user's, the surroundings are
    told from a subject that cameras stand all round; rooms from within and subjects from one side are meshed as one scene.
    """
    if views.region.bounded or options.mesh_of == "scene":
        return "scene"
    if options.mesh_of == "auto":
        return "both" if views.subject is not None and views.all_round else "scene"
    if views.subject is None:
        raise bad_input(
            "no subject was found in the scene: the cameras do not look at one place together, or few points are there",
            "choose --mesh-of scene, or give the subject's box (--subject-box)",
            option="mesh_of",
        )
    return "subject" if options.mesh_of == "subject" else "both"


def has_subject(mesh_of: MeshOf, views: ViewSet) -> bool:
    """Whether the result can say how much of a subject the mesh covers."""
    return mesh_of != "scene" or (views.subject is not None and views.all_round)


def needless_stages(mesh_of: MeshOf, views: ViewSet) -> tuple[AnyStage, ...]:
    """The planned stages that these views do not need."""
    subject = () if has_subject(mesh_of, views) else (SUBJECT,)
    return (*subject, *(() if mesh_of == "both" else (BACKDROP,)))
