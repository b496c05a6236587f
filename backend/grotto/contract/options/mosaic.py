"""Options of a mosaic: a flat wall from pictures of unlike sizes and scales, without cameras."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class MosaicOptions:
    """Put pictures of a flat wall into one plane."""

    shape: str = option(
        default="auto",
        label="Wall's shape",
        text="relief finds cameras and a height map; mosaic takes the wall as flat and needs no cameras; auto takes the mosaic "
        "for pictures of unlike sizes that fit one plane, and where no cameras can be found",
        choices=("auto", "relief", "mosaic"),
    )
    straighten: bool = option(
        default=True,
        label="Straighten by lines",
        text="Mosaic: stand upright by level and plumb lines painted on the wall, where there are enough",
    )
    wall_corners: str = option(
        default="",
        label="Corners",
        text="Mosaic: four places that form an upright rectangle, clockwise from the top left, as PHOTO:x,y PHOTO:x,y PHOTO:x,y "
        "PHOTO:x,y, in pixels from the photo's top left",
    )
    mosaic_mp: float = option(
        default=100.0,
        label="Mosaic size",
        text="Mosaic: most pixels of the orthophoto; below that it has the resolution of the finest picture",
        unit="megapixels",
        least=0.1,
        most=100_000.0,
    )
