"""The stage `layers` of an element: its parts as a stack of cut-outs at distances, for viewers that move their heads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ....contract import Progress
from ....contract.options import LayerOptions
from ....formats import BLEND, MASK, Artefact, GlbNode, TexturedMesh, write_glb_nodes
from ....masks import box_slices
from ....meshes.texture import vertex_normals
from ....metrics import psnr, ssim
from ....relief.body import Placement, place_by_height
from ....relief.outline import working_cut
from ....relief.parts import LayerMesh, LayerPicture, bulges_m, group_layers, layer_map, layer_mesh, layer_picture
from ....render.mesh import flat_layer, layer_strip, render_layers
from ....scene import picture_camera, picture_over_white, write_picture
from ..cut import CutElement
from ..preview import INPUT_PX, LAYERS_PX
from .find import ElementOrder

GLB, PREVIEW = "element.glb", "preview.png"


@dataclass(frozen=True, kw_only=True)
class ElementLayers(Artefact):
    """The stack in the element's frame: metres, x right, z up, the nearest layer at the smallest y, its foot's middle at 0."""

    names: tuple[str, ...]  # of the layers, the backmost first
    faces: int
    vertices: int
    depth_m: float  # from the first to the last
    scale_px_per_m: float  # of the whole picture
    left_px: float  # where x = 0 is in the picture
    bottom_px: float  # where z = 0 is
    input_view_psnr_db: float  # over white, against the cut-out picture
    input_view_ssim: float
    file: str = GLB
    preview: str = PREVIEW

    @property
    def placement(self) -> Placement:
        """Where the whole picture lies in the element's frame."""
        return Placement(scale_px_per_m=self.scale_px_per_m, left_px=self.left_px, bottom_px=self.bottom_px)


def make_layers(
    cut: CutElement,
    order: ElementOrder,
    height_m: float,
    provenance: Mapping[str, Any],
    options: LayerOptions,
    folder: Path,
    report: Progress,
) -> ElementLayers:
    """Cut the picture into layers by the order of its parts, continue what nearer ones hide, and write a GLB with a node each."""
    report(0.0, "cutting layers")
    picture, alpha, labels = cut.colour(), cut.alpha(), order.part_labels()
    work = working_cut(picture, alpha, cut.box)
    placement = place_by_height(work.in_picture(np.concatenate(list(work.curves))), height_m)
    layers = group_layers(order.order, order.level, options.layers)
    window = _window(cut, order)
    width, height = window[2] - window[0], window[3] - window[1]
    inside = box_slices(window)
    colour, opacity = (picture[inside] * 255 + np.float32(0.5)).astype(np.uint8), alpha[inside]
    shown = layer_map(labels, layers, (width, height))
    heights = bulges_m(labels, layers, order.scale_px * placement.scale_px_per_m, options.layer_bulge, options.layer_gap_m)
    nodes: dict[str, GlbNode] = {}
    flat = []
    names = dict(zip(order.order, order.names, strict=True))
    for number, parts in enumerate(layers, start=1):
        report(0.1 + 0.6 * (number - 1) / len(layers), f"layer {number} of {len(layers)}")
        drawn = layer_picture(colour, opacity, shown, number, options.layer_under * max(width, height))
        if drawn is None:
            continue  # thinner than a pixel of the picture
        y = (0.5 * (len(layers) - 1) - (number - 1)) * options.layer_gap_m
        name = f"{number:02} {', '.join(names[part] for part in parts)}"[:60]
        mesh = _textured(layer_mesh(drawn, heights[number - 1], window, placement), drawn, options)
        nodes[name] = GlbNode(parts={name: mesh}, place=(0.0, y, 0.0))
        flat.append(flat_layer(mesh, drawn.rgba, y))
    extras = {**provenance, "layers": list(nodes), "gap_m": options.layer_gap_m, "hidden_parts": "invented (continued)"}
    write_glb_nodes(folder / GLB, nodes, Path(GLB).stem, extras)
    report(0.8, "rendering the preview")
    write_picture(folder / PREVIEW, layer_strip(flat, LAYERS_PX))
    report.preview(folder / PREVIEW)
    origin_px = placement.left_px, placement.bottom_px
    camera = picture_camera((cut.width, cut.height), placement.scale_px_per_m, origin_px, INPUT_PX)
    seen, truth = render_layers(flat, camera, 1.0), picture_over_white(picture, alpha, INPUT_PX)
    return ElementLayers(
        folder=folder,
        names=tuple(nodes),
        faces=sum(len(layer.mesh.faces) for layer in flat),
        vertices=sum(len(layer.mesh.vertices) for layer in flat),
        depth_m=(len(layers) - 1) * options.layer_gap_m,
        input_view_psnr_db=psnr(seen, truth),
        input_view_ssim=float(ssim(seen, truth)),
        **vars(placement),
    )


def forecast_layers(
    cut: CutElement, order: ElementOrder, height_m: float, provenance: Mapping[str, Any], options: LayerOptions
) -> int:
    """Bytes: the picture, its map of layers, and a layer at a time with what is painted under nearer ones."""
    return 400_000_000 + 70 * cut.width * cut.height


def _window(cut: CutElement, order: ElementOrder) -> tuple[int, int, int, int]:
    """The window of the picture, left, top, right, bottom, that the parts' labels cover."""
    height, width = order.part_labels().shape
    right, bottom = order.left + round(width / order.scale_px), order.top + round(height / order.scale_px)
    return order.left, order.top, min(cut.width, right), min(cut.height, bottom)


def _textured(mesh: LayerMesh, picture: LayerPicture, options: LayerOptions) -> TexturedMesh:
    encoded = io.BytesIO()
    Image.fromarray(picture.rgba, "RGBA").save(encoded, "PNG", compress_level=4)
    return TexturedMesh(
        vertices=mesh.vertices,
        faces=mesh.faces.astype(np.uint32),
        uv=mesh.uv,
        normals=vertex_normals(mesh.vertices, mesh.faces.astype(np.int32)),
        texture=encoded.getvalue(),
        alpha=MASK if options.layer_alpha == "mask" else BLEND,
    )
