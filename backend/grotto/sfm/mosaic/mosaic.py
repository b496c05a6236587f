"""The stage `mosaic`: every picture of a flat wall in one plane, by the pairs that agree with one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...photos import PhotoSet
from .audit import out_of_place, share_of, witnesses
from .bundle import Solution
from .features import MosaicFeatures
from .graph import Link, components, robust_layout
from .homography import Floats, inverse
from .links import adjusted, agrees, consistent, final_solution, guided_links, merged, overlapping_pairs, read_links
from .matching import Side
from .pairs import MosaicPairs, read_sides
from .pixels import KEPT, GreyPictures
from .placed import Mosaic, MosaicPicture
from .words import doubt_lone, doubt_twins, left_out_pictures, say

GUIDED_REACH = (12.0, 3.0)  # tolerances: after the layout by a tree, and after the first bundle


def forecast_mosaic(photos: PhotoSet, features: MosaicFeatures, pairs: MosaicPairs) -> int:
    """Bytes: all points, a block of distances, the normal equations, and the grey pictures that are kept."""
    unknowns = 9 * len(photos.photos)
    largest = max(photo.width * photo.height / part**2 for photo, part in zip(photos.photos, features.reduced, strict=True))
    grey = int(1.4 * largest * min(KEPT, len(photos.photos)))
    return sum(features.counts) * 128 * 4 + 512 * max(features.counts) * 64 + 4 * 8 * unknowns**2 + grey + 300_000_000


def find_mosaic(photos: PhotoSet, features: MosaicFeatures, pairs: MosaicPairs, folder: Path, report: Progress) -> Mosaic:
    """Choose the pairs that agree, match again where they put each picture, adjust all homographies together, and look again.

    A picture that is unlike what it covers is left out and named. Raises bad input where no two pictures hang together.
    """
    sides, pictures = read_sides(photos, features), GreyPictures(photos, features.reduced)
    links = read_links(pairs, sides)
    removed: dict[int, float] = {}
    while True:
        left = [link for link in links if link.first not in removed and link.second not in removed]
        joined = _join(left, sides, pictures, pairs.alike_level, report)
        found = witnesses(sides, pictures, (joined.places, joined.component), joined.links, report)
        wrong = out_of_place(found)
        if not wrong:
            break
        removed |= wrong
    degree = np.bincount(np.array([(link.first, link.second) for link in joined.links]).ravel(), minlength=len(sides))
    placed = tuple(
        MosaicPicture(
            index=int(index),
            name=photos.photos[index].name,
            picture_from_plane=tuple(tuple(float(v) for v in row) for row in _upright_depth(matrix)),
            radial=float(radial),
            links=int(degree[index]),
            alike=round(share_of(int(index), found), 3),
        )
        for index, matrix, radial in zip(joined.members, joined.solution.picture_from_wall, joined.solution.radial, strict=True)
    )
    parts = tuple(
        tuple(photos.photos[i].name for i in np.flatnonzero(joined.component == label))
        for label in range(int(joined.component.max()) + 1)
        if (joined.component == label).sum() > 1
    )
    left_out = left_out_pictures(photos, pairs, links, joined.component, removed)
    inside = [link for link in links if joined.component[link.first] == 0 and joined.component[link.second] == 0]
    dropped = [link for link in inside if not agrees(link, joined.places, joined.component)]
    say(report, parts, left_out, len(dropped) + len(pairs.unlike))
    doubt_lone(report, placed, joined.links)
    doubt_twins(report, placed, dropped)
    report(1.0, f"{len(placed)} of {len(sides)} pictures, {joined.residual_px:.2f} px")
    return Mosaic(
        folder=folder,
        pictures=placed,
        left_out=left_out,
        parts=parts,
        pairs=len(joined.links),
        dropped=len(dropped) + len(pairs.unlike),
        residual_px=joined.residual_px,
        flat_share=pairs.flat_share,
    )


@dataclass(frozen=True)
class _Joined:
    """A layout that its links agree with."""

    places: Floats  # (n, 3, 3): root_from_picture of each component
    component: NDArray[np.int64]  # (n,)
    members: NDArray[np.int64]  # of the largest component
    solution: Solution  # of the members
    links: list[Link]  # of the members
    residual_px: float


def _join(links: list[Link], sides: list[Side], pictures: GreyPictures, level: float, report: Progress) -> _Joined:
    layout = robust_layout(len(sides), links)
    places, component = layout.root_from_picture, layout.component
    first: list[Link] = []
    for reach in GUIDED_REACH:
        chosen = overlapping_pairs(sides, places, component)
        found = guided_links(sides, pictures, places, chosen, reach, level, report)
        honest = merged([link for link in links if agrees(link, places, component)], found)
        places = adjusted(honest, places, component)
        first = consistent(honest, places, sides)
        component = components(len(sides), [(link.first, link.second) for link in first])
    members = np.flatnonzero(component == 0)
    if len(members) < 2:
        raise bad_input(
            "no two pictures hang together as one flat wall",
            "add a picture that shows both of what others show in part",
        )
    own = [link for link in first if component[link.first] == 0]
    solution, own, px = final_solution(own, places, members, sides)
    places[members] = inverse(solution.picture_from_wall)
    return _Joined(places, component, members, solution, own, px)


def _upright_depth(picture_from_plane: Floats) -> Floats:
    """The same map with a positive depth at the picture's middle."""
    plane = inverse(picture_from_plane)[:, 2]
    depth = picture_from_plane[2] @ (plane / plane[2])
    return np.asarray(picture_from_plane * np.sign(depth), np.float64)
