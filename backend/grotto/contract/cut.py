"""Options of the recipe `cut`: a whole mural becomes a set of its elements."""

from __future__ import annotations

from .option import from_flat, group, option, options

ELEMENT_CLASSES = ("character", "animal", "plant", "architecture")
UNKNOWN_CLASS = "unknown"


@options
class FindOptions:
    """Looking for elements: resize, divide, segment."""

    segmenter: str = option(
        default="auto",
        label="Segmenter",
        text="classical: what is not plain ground, or proposals on a wall painted all over, no weights, no classes; mask2former: "
        "classes, weights for non-commercial use only; sam2: what classical finds, outlined anew; auto takes sam2 where it is "
        "installed",
        choices=("auto", "classical", "mask2former", "sam2"),
    )
    segmenter_folder: str = option(
        default="",
        label="Own segmenter",
        text="Folder that grotto train segmenter wrote; takes the place of mask2former's weights",
        path=True,
    )
    mural_px: int = option(
        default=4096, label="Mural size", text="Longer side of the mural in which elements are looked for", unit="px",
        least=256, most=16384,
    )  # fmt: skip
    tile_px: int = option(default=1024, label="Tile", text="Side of the tiles it is divided into", unit="px", least=64, most=4096)
    tile_overlap: float = option(
        default=0.25, label="Tile overlap", text="Part of a tile that its neighbour shares", least=0.05, most=0.75
    )
    least_element: float = option(
        default=0.001, label="Smallest element", text="As a part of the mural's area", least=1e-6, most=0.5
    )
    element_gap: float = option(
        default=0.008,
        label="Gap",
        text="classical, on plain ground: parts nearer to each other are one element; as a part of the mural's longer side",
        least=0.0,
        most=0.2,
    )
    most_elements: int = option(default=200, label="Most elements", text="The largest are kept", least=1, most=10000)
    least_score: float = option(
        default=0.5, label="Least score", text="mask2former: how sure it must be of an element", least=0.0, most=1.0
    )


@options
class SetOptions:
    """The set of elements that is written."""

    element_px: int = option(
        default=512,
        label="Element size",
        text="Side of the square copies; Zero123++ and CME have 512",
        unit="px",
        least=64,
        most=4096,
    )
    element_margin: float = option(
        default=0.05, label="Margin", text="Clear margin of the square copies, as a part of their side", least=0.0, most=0.4
    )


@options
class CutMuralOptions:
    """A whole mural becomes a set of its elements, each cut out."""

    find: FindOptions = group(default_factory=FindOptions)
    set: SetOptions = group(default_factory=SetOptions)
    memory_limit_mb: int = option(
        default=0,
        label="Memory limit",
        text="Refuse stages that would need more; 0 takes what is free",
        unit="MB",
        least=0,
        most=10_000_000,
    )


CUT_QUALITIES: dict[str, CutMuralOptions] = {
    "draft": from_flat(CutMuralOptions, {"mural_px": 2048}),
    "standard": CutMuralOptions(),
    "high": from_flat(CutMuralOptions, {"mural_px": 8192, "least_element": 0.0003}),
}


@options
class TrainOptions:
    """A segmenter learns from sets of elements whose classes the artist has set right."""

    base: str = option(
        default="",
        label="Base",
        text="Folder of the Mask2Former to begin with; empty takes the installed one (non-commercial)",
        path=True,
    )
    train_steps: int = option(default=3000, label="Steps", text="Of the optimiser", least=1, most=1_000_000)
    tile_px: int = option(
        default=1024, label="Tile", text="Part of the mural that it sees at once; the same as when cutting", unit="px",
        least=64, most=4096,
    )  # fmt: skip
    train_px: int = option(
        default=512, label="Tile's size", text="Side to which such a part is reduced", unit="px", least=32, most=2048
    )
    train_batch: int = option(default=2, label="Batch", text="Tiles a step", least=1, most=64)
    train_rate: float = option(
        default=1e-4, label="Rate", text="AdamW's rate for the decoder; a tenth of it for the backbone", least=1e-7, most=1.0
    )
    train_seed: int = option(default=0, label="Seed", text="Of the order, the mirroring and the points", least=0, most=2**31 - 1)
