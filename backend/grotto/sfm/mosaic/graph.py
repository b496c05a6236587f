"""Which pairs to believe: pictures and pairs as a graph, in which false pairs contradict the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from .homography import Floats, scale_of, transfer

SAMPLE = 40  # matches of a pair that are looked at
AGREES = 0.03  # of the smaller picture's half diagonal, by which an honest pair may miss a layout that is not yet adjusted


@dataclass(frozen=True)
class Link:
    """A pair of pictures with its matches; coordinates of a picture are in half diagonals from its middle."""

    first: int
    second: int
    first_from_second: Floats  # (3, 3)
    first_place: Floats  # (m, 2)
    second_place: Floats  # (m, 2)
    first_spread: Floats  # (m,) standard deviation of a match, in the first picture's half diagonals
    weight: float  # evidence: the number of matches, times the square of `alike`
    alike: float = 1.0  # of the overlap's windows, those that are alike
    windows: int = 0

    @property
    def size(self) -> float:
        """The smaller picture's half diagonal in half diagonals of the first."""
        return min(1.0, scale_of(self.first_from_second))

    def sampled(self) -> tuple[Floats, Floats]:
        """Some matches, spread over the list."""
        chosen = np.linspace(0, len(self.first_place) - 1, min(SAMPLE, len(self.first_place))).astype(int)
        return self.first_place[chosen], self.second_place[chosen]


@dataclass(frozen=True)
class Layout:
    """Where pictures lie by the pairs that agree."""

    root_from_picture: Floats  # (n, 3, 3): to the picture that each component starts from
    component: NDArray[np.int64]  # (n,), the largest first
    agrees: NDArray[np.bool_]  # per link


def misfit(link: Link, first_from_second: Floats) -> float:
    """Median distance of the matches from a map, in half diagonals of the smaller picture; infinite where it is mirrored."""
    if np.linalg.det(first_from_second) <= 0:
        return np.inf
    p, q = link.sampled()
    miss = np.linalg.norm(transfer(first_from_second, q) - p, axis=1)
    return float(np.median(np.where(np.isfinite(miss), miss, np.inf))) / link.size


def robust_layout(count: int, links: list[Link], tolerance: float = AGREES) -> Layout:
    """A spanning tree with which most of the evidence agrees, and the links that agree with it.

    It starts from the tree of most matches. Each link of the tree divides its component in two; if the other links between
    both parts agree with one another, and not with it, and hold more matches, the best of them takes its place.
    """
    tree = _heaviest_tree(count, links)
    for _ in range(4 * count):
        places, component = _placed(count, links, tree)
        agrees = _agreeing(links, places, component, tolerance)
        better = _exchange(count, links, tree, places, agrees, tolerance)
        if better is None:
            break
        tree = better
    places, component = _placed(count, links, tree)
    return Layout(places, component, _agreeing(links, places, component, tolerance))


def _heaviest_tree(count: int, links: list[Link]) -> list[int]:
    if not links:
        return []
    number = {}
    for index in sorted(range(len(links)), key=lambda i: links[i].weight):  # of a pair of pictures the heaviest
        number[links[index].first, links[index].second] = index
    first, second = zip(*number, strict=True)
    # by rank, as the minimum spanning tree takes zeros for no edge
    order = np.argsort([-links[index].weight for index in number.values()], kind="stable")
    cost = np.argsort(order, kind="stable") + 1.0
    graph = sparse.coo_matrix((cost, (first, second)), shape=(count, count))
    found = csgraph.minimum_spanning_tree(graph).tocoo()
    return [number[int(i), int(j)] for i, j in zip(found.row, found.col, strict=True)]


def _placed(count: int, links: list[Link], tree: list[int]) -> tuple[Floats, NDArray[np.int64]]:
    """Every picture by the tree, and its component; a component starts from the picture with most matches in the tree."""
    component = components(count, [(links[index].first, links[index].second) for index in tree])
    around: list[list[tuple[int, Floats]]] = [[] for _ in range(count)]
    weight = np.zeros(count)
    for index in tree:
        link = links[index]
        around[link.first].append((link.second, link.first_from_second))
        around[link.second].append((link.first, np.asarray(np.linalg.inv(link.first_from_second), np.float64)))
        weight[[link.first, link.second]] += link.weight
    places = np.tile(np.eye(3), (count, 1, 1))
    for label in range(int(component.max()) + 1):
        members = np.flatnonzero(component == label)
        root = int(members[np.argmax(weight[members])])
        waiting, seen = [root], {root}
        while waiting:
            at = waiting.pop(0)
            for other, at_from_other in around[at]:
                if other not in seen:
                    matrix = places[at] @ at_from_other
                    places[other] = matrix / np.cbrt(abs(np.linalg.det(matrix)))
                    seen.add(other)
                    waiting.append(other)
    return places, component


def components(count: int, pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    """The component (n,) of each picture, the largest numbered 0, of equally large ones that of the first picture."""
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    graph = sparse.coo_matrix((np.ones(len(pairs)), (first, second)), shape=(count, count))
    _, labels = csgraph.connected_components(graph, directed=False)
    sizes = np.bincount(labels)
    return np.asarray(np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")[labels], np.int64)


def _agreeing(links: list[Link], places: Floats, component: NDArray[np.int64], tolerance: float) -> NDArray[np.bool_]:
    return np.array(
        [
            bool(component[link.first] == component[link.second])
            and misfit(link, np.linalg.inv(places[link.first]) @ places[link.second]) < tolerance
            for link in links
        ],
        bool,
    )


def _exchange(
    count: int, links: list[Link], tree: list[int], places: Floats, agrees: NDArray[np.bool_], tolerance: float
) -> list[int] | None:
    """The tree with one false link replaced by the link with which most evidence across the same cut agrees; None if none is."""
    for number, index in enumerate(tree):
        rest = tree[:number] + tree[number + 1 :]
        part = components(count, [(links[i].first, links[i].second) for i in rest])
        inside = part == part[links[index].first]
        reach = components(count, [(links[i].first, links[i].second) for i in tree])
        whole = reach == reach[links[index].first]
        crossing = [
            i
            for i, link in enumerate(links)
            if whole[link.first] and whole[link.second] and inside[link.first] != inside[link.second]
        ]
        against = sum(links[i].weight for i in crossing if not agrees[i])
        support = sum(links[i].weight for i in crossing if agrees[i])
        if against <= support:
            continue
        best, best_support = index, support
        for chosen in (i for i in crossing if not agrees[i]):
            evidence = _support(links, crossing, chosen, places, inside, tolerance)
            if evidence > best_support:
                best, best_support = chosen, evidence
        if best != index:
            return [*rest, best]
    return None


def _support(
    links: list[Link], crossing: list[int], chosen: int, places: Floats, inside: NDArray[np.bool_], tolerance: float
) -> float:
    """The evidence across the cut that agrees with one of its links."""
    shift = _across(links[chosen], places, inside)
    total = 0.0
    for index in crossing:
        link = links[index]
        first, second = places[link.first], places[link.second]
        between = shift if inside[link.first] else np.linalg.inv(shift)
        if misfit(link, np.linalg.inv(first) @ between @ second) < tolerance:
            total += link.weight
    return total


def _across(link: Link, places: Floats, inside: NDArray[np.bool_]) -> Floats:
    """From the outer part's coordinates to the inner part's, by one link."""
    matrix = places[link.first] @ link.first_from_second @ np.linalg.inv(places[link.second])
    return matrix if inside[link.first] else np.linalg.inv(matrix)
