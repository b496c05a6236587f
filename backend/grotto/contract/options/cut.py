"""Options of cutting out: one element of a picture, or all elements of a mural."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class CutOptions:
    """Cut the element out of the picture."""

    cut_strokes: str = option(
        default="",
        label="Strokes",
        text="Picture of strokes over the picture: white on the element, black on the background, clear elsewhere",
        path=True,
    )
    cut_box: str = option(
        default="", label="Box", text="left,top,right,bottom in pixels around the element; empty searches for it", unit="px"
    )
    segmenter: str = option(
        default="auto",
        label="Segmenter",
        text="classical needs no weights; sam2 outlines what box and strokes mark; mask2former finds elements by itself, "
        "weights for non-commercial use only; vitmatte softens classical's edge; auto takes sam2 for busy pictures where it "
        "is installed, else classical",
        choices=("auto", "classical", "sam2", "mask2former", "vitmatte"),
    )
    element: int = option(
        default=0,
        label="Element",
        text="Which of several elements, counted from the largest; 0 takes all of them",
        least=0,
        most=9999,
        zero="All",
    )


@option_group
class FindOptions:
    """Find the elements of a mural: resize, divide, segment."""

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
        text="Folder written by grotto train segmenter; replaces mask2former's weights",
        path=True,
    )
    mural_px: int = option(
        default=4096,
        label="Mural size",
        text="Longer side of the mural when looking for elements",
        unit="px",
        least=256,
        most=16384,
    )
    tile_px: int = option(
        default=1024, label="Tile", text="Side of the tiles that the mural is divided into", unit="px", least=64, most=4096
    )
    tile_overlap: float = option(
        default=0.25, label="Tile overlap", text="Part of a tile that its neighbour shares", least=0.05, most=0.75
    )
    least_element: float = option(
        default=0.001, label="Smallest element", text="As a part of the mural's area", least=1e-6, most=0.5
    )
    element_gap: float = option(
        default=0.008,
        label="Gap",
        text="classical, on plain ground: join parts nearer to each other than this part of the mural's longer side",
        least=0.0,
        most=0.2,
    )
    most_elements: int = option(default=200, label="Most elements", text="Keep the largest elements only", least=1, most=10000)
    least_score: float = option(
        default=0.5, label="Least score", text="mask2former: smallest confidence of an element", least=0.0, most=1.0
    )


@option_group
class SetOptions:
    """Write the set of elements."""

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
