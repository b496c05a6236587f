"""The stage `layers` of an element: its parts as a stack of cut-outs at distances, for viewers that move their heads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract import Progress
from ....contract.options import LayerOptions
from ....formats import BLEND, MASK, Artefact, GlbNode, TexturedMesh, write_glb_nodes
from ....meshes.texture import vertex_normals
from ....metrics import psnr, ssim
from ....relief.outline import outline
from ....relief.parts import LayerPicture, bulge, grouped, layer_map, layer_picture, sheet
from ....scene import write_picture
from ..cut import CutElement
from ..work import work_cut
from .find import ElementOrder
from .layers_view import FlatLayer, flat_layer, over_white, stack_strip

GLB, PREVIEW = "element.glb", "preview.png"
_CELLS = 40  # of a layer's net along its longer side
_CLEAR_GAP = 0.8  # of the gap that the bulge of a layer may take: what lies behind never comes through
_PREVIEW_PX = 400
_PREVIEW_TURNS_DEG = (0, 35, 70, 180)
_INPUT_PX = 512  # as the other shapes are compared with the picture


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
    input_view_psnr_db: float  # over white, beside the cut-out picture
    input_view_ssim: float
    file: str = GLB
    preview: str = PREVIEW


@dataclass(frozen=True)
class _Frame:
    """Where the picture lies in the element's frame."""

    scale_px_per_m: float
    left_px: float
    bottom_px: float


def make_layers(
    cut: CutElement, order: ElementOrder, height_m: float, provenance: Mapping[str, Any], options: LayerOptions,
    folder: Path, report: Progress,
) -> ElementLayers:  # fmt: skip
    """Cut the picture into layers by the order of its parts, paint on what nearer ones hide, and write a GLB with a node each."""
    report(0.0, "cutting layers")
    labels, frame = order.part_labels(), _frame(cut, height_m)
    layers = grouped(order.order, order.level, options.layers)
    left, top, right, bottom = _window(cut, order)
    colour, alpha = _picture(cut)[top:bottom, left:right], cut.alpha()[top:bottom, left:right]
    shown = layer_map(labels, layers, (right - left, bottom - top))
    bulges = [bulge(labels, parts) / (order.scale_px * frame.scale_px_per_m) for parts in layers]
    highest = max(float(one.max()) for one in bulges)
    part = min(options.layer_bulge, _CLEAR_GAP * options.layer_gap_m / highest) if highest > 0 else 0.0
    nodes: dict[str, GlbNode] = {}
    flat: list[FlatLayer] = []
    names = dict(zip(order.order, order.names, strict=True))
    reach_px = options.layer_under * max(bottom - top, right - left)
    for number, parts in enumerate(layers, start=1):
        report(0.1 + 0.6 * (number - 1) / len(layers), f"layer {number} of {len(layers)}")
        picture = layer_picture(colour, alpha, shown, number, reach_px)
        if picture is None:
            continue  # thinner than a pixel of the picture
        y = (0.5 * (len(layers) - 1) - (number - 1)) * options.layer_gap_m
        name = f"{number:02} {', '.join(names[one] for one in parts)}"[:60]
        wide = cv2.resize(bulges[number - 1], (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
        made = _layer(picture, part * np.asarray(wide, np.float32), (left, top), frame, options)
        nodes[name] = GlbNode(parts={name: made}, place=(0.0, y, 0.0))
        flat.append(flat_layer(made, picture.rgba, y))
    told = {**provenance, "layers": list(nodes), "gap_m": options.layer_gap_m, "hidden_parts": "invented (continued)"}
    write_glb_nodes(folder / GLB, nodes, Path(GLB).stem, told)
    report(0.8, "looking at it")
    write_picture(folder / PREVIEW, stack_strip(flat, _PREVIEW_PX, _PREVIEW_TURNS_DEG))
    report.preview(folder / PREVIEW)
    seen, truth = over_white(flat, cut, frame.scale_px_per_m, (frame.left_px, frame.bottom_px), _INPUT_PX)
    return ElementLayers(
        folder=folder, names=tuple(nodes), faces=sum(len(layer.mesh.faces) for layer in flat),
        vertices=sum(len(layer.mesh.vertices) for layer in flat), depth_m=(len(layers) - 1) * options.layer_gap_m,
        scale_px_per_m=frame.scale_px_per_m, left_px=frame.left_px, bottom_px=frame.bottom_px,
        input_view_psnr_db=psnr(seen, truth), input_view_ssim=float(ssim(seen, truth)),
    )  # fmt: skip


def forecast_layers(
    cut: CutElement, order: ElementOrder, height_m: float, provenance: Mapping[str, Any], options: LayerOptions
) -> int:  # fmt: skip
    """Bytes: the picture, its map of layers, and a layer at a time with what is painted under nearer ones."""
    return 400_000_000 + 70 * cut.width * cut.height


def _picture(cut: CutElement) -> NDArray[np.uint8]:
    with Image.open(cut.folder / cut.picture) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def _window(cut: CutElement, order: ElementOrder) -> tuple[int, int, int, int]:
    """The part of the picture, left, top, right, bottom, that the parts' labels cover."""
    height, width = order.part_labels().shape
    right, bottom = order.left + round(width / order.scale_px), order.top + round(height / order.scale_px)
    return order.left, order.top, min(cut.width, right), min(cut.height, bottom)


def _frame(cut: CutElement, height_m: float) -> _Frame:
    work = work_cut(cut)
    places = work.in_picture(np.concatenate(list(outline(work.alpha))))
    lowest, highest = places.min(0), places.max(0)
    return _Frame(float(highest[1] - lowest[1]) / height_m, 0.5 * float(lowest[0] + highest[0]), float(highest[1]))


def _layer(
    picture: LayerPicture, height_m: NDArray[np.float32], corner: tuple[int, int], frame: _Frame, options: LayerOptions
) -> TexturedMesh:  # fmt: skip
    """A net with the layer's picture, standing out by `height_m` (h, w) over the window that begins at `corner`."""
    rows, columns = picture.rgba.shape[:2]
    places, faces = sheet(picture.rgba[..., 3], _CELLS)
    inner = places + np.array([picture.left, picture.top])
    row = np.clip(inner[:, 1].astype(int), 0, height_m.shape[0] - 1)
    column = np.clip(inner[:, 0].astype(int), 0, height_m.shape[1] - 1)
    whole = inner + np.array(corner)
    x, z = (whole[:, 0] - frame.left_px) / frame.scale_px_per_m, (frame.bottom_px - whole[:, 1]) / frame.scale_px_per_m
    vertices = np.stack([x, -height_m[row, column], z], axis=1).astype(np.float32)
    kept = io.BytesIO()
    Image.fromarray(picture.rgba, "RGBA").save(kept, "PNG", compress_level=4)
    return TexturedMesh(
        vertices=vertices, faces=faces.astype(np.uint32), uv=(places / np.array([columns, rows])).astype(np.float32),
        normals=vertex_normals(vertices, faces.astype(np.int32)), texture=kept.getvalue(),
        alpha=MASK if options.layer_alpha == "mask" else BLEND,
    )  # fmt: skip
