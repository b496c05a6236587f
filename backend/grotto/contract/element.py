"""Options of the recipe `element`, one group a stage."""

from __future__ import annotations

from .option import from_flat, group, option, options
from .scan import BakeOptions, FieldOptions, SurfaceOptions


@options
class CutOptions:
    """What of the picture is the element."""

    cut_strokes: str = option(
        default="",
        label="Strokes",
        text="Picture of strokes over the picture: white on the element, black on what is not, clear elsewhere",
        path=True,
    )
    cut_box: str = option(
        default="", label="Box", text="left,top,right,bottom in pixels around the element; empty looks for it", unit="px"
    )
    segmenter: str = option(
        default="auto",
        label="Segmenter",
        text="classical needs no weights; sam2 outlines what box and strokes mean; mask2former finds elements by itself, "
        "weights for non-commercial use only; vitmatte softens classical's edge; auto takes sam2 for busy pictures where it "
        "is installed, else classical",
        choices=("auto", "classical", "sam2", "mask2former", "vitmatte"),
    )
    element: int = option(
        default=0,
        label="Element",
        text="Which of several elements on one picture, counted from the largest; 0 takes all that was found",
        least=0,
        most=9999,
    )


@options
class ReliefOptions:
    """The body that the cut-out becomes."""

    shape: str = option(
        default="figure",
        label="Shape",
        text="figure: padded, front and back; slab: a bas-relief on a plate; standee: a flat cut-out with thickness; layers: "
        "its parts as a stack of cut-outs, for VR",
        choices=("figure", "slab", "standee", "layers"),
    )
    roundness: float = option(
        default=1.0,
        label="Roundness",
        text="How far the front stands out; with 1 a disc becomes half a ball. Slabs take a quarter of it",
        least=0.02,
        most=3.0,
    )
    least_thickness: float = option(
        default=0.1,
        label="Least thickness",
        text="Of figures, as a part of their width: rows of small things are made rounder until they have it",
        least=0.0,
        most=1.0,
    )
    back_depth: float = option(
        default=0.6, label="Depth of the back", text="The back's height as a part of the front's", least=0.0, most=2.0
    )
    detail: float = option(
        default=0.15,
        label="Painted detail",
        text="Let dark lines sink in and light ones stand out; shadows that are painted become relief, too",
        least=0.0,
        most=2.0,
    )
    thickness: float = option(
        default=0.04, label="Thickness", text="Of standees and slabs, as a part of the longer side", least=0.002, most=0.5
    )
    element_faces: int = option(
        default=20_000, label="Faces", text="Triangles of the whole body, about", least=100, most=2_000_000
    )
    depth_weight: float = option(
        default=0.5,
        label="Depth",
        text="How far a model's estimate of depth shapes the front, where its weights are installed; 0 leaves it out",
        least=0.0,
        most=1.0,
    )
    wall: str = option(
        default="",
        label="Wall",
        text="Folder of a finished job of the recipe wall: a slab follows that wall. The picture is its orthophoto, an element "
        "that grotto cut made of that, or lies where wall_box says",
        path=True,
    )
    wall_box: str = option(
        default="",
        label="Place on the wall",
        text="left,top,right,bottom of the picture in pixels of the wall's orthophoto; empty looks it up",
        unit="px",
    )
    relief_lods: int = option(
        default=2, label="Levels of detail", text="Lighter copies, each with a quarter of the faces", least=0, most=6
    )
    height_m: float = option(default=1.0, label="Height", text="Real height of the element", unit="m", least=0.001, most=1000.0)


@options
class PartOptions:
    """What of the element lies before what."""

    parts: str = option(
        default="off",
        label="Parts",
        text="auto tells parts apart by ink lines and colours, and lets each stand out before what it hides; off inflates the "
        "element in one piece. Layers have parts in any case",
        choices=("off", "auto"),
    )
    part_order: str = option(
        default="",
        label="Order of parts",
        text="Numbers of all parts from back to front, like 3,1,2, or the path of an edited parts.json; empty goes by junctions",
    )
    most_parts: int = option(default=12, label="Most parts", text="No more parts than this are told apart", least=1, most=60)
    part_step: float = option(
        default=0.012,
        label="Step",
        text="How far a part stands before what it hides, as a part of the longer side",
        least=0.0,
        most=0.2,
    )


@options
class LayerOptions:
    """The stack of cut-outs of the shape layers."""

    layers: int = option(default=6, label="Layers", text="No more layers than this", least=1, most=60)
    layer_gap_m: float = option(
        default=0.05, label="Gap of layers", text="From one layer to the next", unit="m", least=0.0, most=100.0
    )
    layer_bulge: float = option(
        default=0.25,
        label="Bulge of layers",
        text="How far layers stand out in their middles, as a part of a figure's height; 0 leaves them flat",
        least=0.0,
        most=1.0,
    )
    layer_under: float = option(
        default=0.08,
        label="Painted under",
        text="How far a layer is painted on beneath nearer ones, as a part of the longer side: heads may move that far",
        least=0.0,
        most=1.0,
    )
    layer_alpha: str = option(
        default="blend",
        label="Edges of layers",
        text="blend: soft; mask: cut hard, where a viewer draws soft edges in the wrong order",
        choices=("blend", "mask"),
    )


@options
class PaintOptions:
    """Sides and back, which the picture does not show."""

    back: str = option(
        default="mirrored",
        label="Back",
        text="mirrored shows the picture again, painted its colours without lines, plain one colour",
        choices=("mirrored", "painted", "plain"),
    )
    sides_px: int = option(
        default=2048, label="Texture of sides", text="Side of the texture of sides and back", unit="px", least=64, most=16384
    )
    normals_px: int = option(
        default=1024,
        label="Normal map",
        text="Side of the front's map of finer normals, which light few faces like many; 0 makes none",
        unit="px",
        least=0,
        most=8192,
    )
    occlusion: bool = option(default=True, label="Occlusion", text="Bake which part of all light reaches folds and gaps")
    collider: bool = option(default=True, label="Collider", text="Write a convex body of at most 64 corners for game engines")


@options
class SheetOptions:
    """Six views: drawn by a model, or a finished sheet."""

    rig: str = option(
        default="zero123plus-v1.1",
        label="Rig",
        text="The cameras of the sheet's views: those of the model that made it",
        choices=("zero123plus-v1.1", "zero123plus-v1.2"),
    )
    view_steps: int = option(
        default=28, label="Steps of views", text="Of the sampler that draws six views; 75 for faces", least=1, most=1000
    )
    view_guidance: float = option(
        default=4.0, label="Guidance", text="How strictly views keep to the picture; 1 is not at all", least=1.0, most=50.0
    )
    view_seed: int = option(default=0, label="Seed of views", text="Another seed invents other views", least=0, most=2**31 - 1)
    view_tries: int = option(
        default=3, label="Tries", text="Sheets with faults are drawn again with the next seed, so often in all", least=1, most=50
    )


@options
class GeneratorOptions:
    """Somebody else's image-to-3D model, installed and connected by you."""

    generator: str = option(
        default="none",
        label="Model",
        text="Which installed model makes the figure on the route model, see `grotto models list`",
        choices=("none", "triposr", "trellis", "instantmesh", "hunyuan3d"),
    )
    generator_seed: int = option(
        default=0, label="Seed of the model", text="Another seed makes another figure", least=0, most=2**31 - 1
    )
    generator_px: int = option(
        default=2048, label="Texture of the model", text="Side of its texture", unit="px", least=256, most=8192
    )
    generator_device: str = option(
        default="auto",
        label="Device",
        text="Where the model works; auto looks for CUDA",
        choices=("auto", "cuda", "cpu"),
    )
    generator_turn_deg: float = option(
        default=0.0,
        label="Turn",
        text="Turns the figure about the vertical, where the model put its front elsewhere",
        unit="deg",
        least=-360.0,
        most=360.0,
    )


@options
class OrbitOptions:
    """The element seen from all around, as six views' field shows it."""

    orbit_frames: int = option(
        default=100, label="Frames of the orbit", text="Round it, as a video and as views; 0 makes none", least=0, most=2000
    )
    orbit_px: int = option(default=320, label="Size of frames", text="Side of the orbit's frames", unit="px", least=32, most=4096)
    via_sfm: bool = option(
        default=False,
        label="COLMAP's cameras",
        text="For comparison: estimate the orbit's cameras with COLMAP, as the paper does, and write its LLFF dataset",
    )
    front_picture: bool = option(
        default=True, label="Picture on the front", text="Lay the input picture last onto what it sees of the model's mesh"
    )


@options
class ElementOptions:
    """One picture of one painted figure becomes a light, textured model."""

    route: str = option(
        default="auto",
        label="Route",
        text="relief: from the outline, anywhere; views: a model draws six views; sheet: the picture is a finished sheet of "
        "such views; model: another model that you installed makes the whole; auto takes views where the rig's weights are "
        "installed, else relief",
        choices=("auto", "relief", "views", "sheet", "model"),
    )
    cut: CutOptions = group(default_factory=CutOptions)
    relief: ReliefOptions = group(default_factory=ReliefOptions)
    parting: PartOptions = group(default_factory=PartOptions)
    stack: LayerOptions = group(default_factory=LayerOptions)
    paint: PaintOptions = group(default_factory=PaintOptions)
    sheet: SheetOptions = group(default_factory=SheetOptions)
    orbit: OrbitOptions = group(default_factory=OrbitOptions)
    generator: GeneratorOptions = group(default_factory=GeneratorOptions)
    radiance: FieldOptions = group(default_factory=FieldOptions)
    surface: SurfaceOptions = group(default_factory=SurfaceOptions)
    bake: BakeOptions = group(default_factory=BakeOptions)
    memory_limit_mb: int = option(
        default=0,
        label="Memory limit",
        text="Refuse stages that would need more; 0 takes what is free",
        unit="MB",
        least=0,
        most=10_000_000,
    )


_OF_SIX_VIEWS = {"mesh_resolution": 160, "scan_faces": 20_000, "refine_steps": 600, "bake_px": 2048, "lods": 1}

ELEMENT_QUALITIES: dict[str, ElementOptions] = {
    "draft": from_flat(ElementOptions, {"sides_px": 1024, "texture_steps": 6, "orbit_px": 160, **_OF_SIX_VIEWS}),
    "standard": ElementOptions(),
    "high": from_flat(
        ElementOptions,
        {"element_faces": 100_000, "sides_px": 4096, "mesh_resolution": 512, "scan_faces": 100_000, "refine_steps": 2000},
    ),
}
