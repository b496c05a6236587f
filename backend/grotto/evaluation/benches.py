"""All benches by name."""

from __future__ import annotations

from .bench import Bench


def all_benches() -> dict[str, Bench]:
    """Collect the benches of all sub-rooms; loads what they measure."""
    from .core import BENCHES as core
    from .cut import BENCH as cut
    from .element import BENCHES as element
    from .faults import BENCHES as faults
    from .gpu import BENCH as gpu
    from .scan import BENCHES as scan
    from .wall import ARCHIVE as archive
    from .wall import BENCH as wall
    from .wall import CROPS as crops
    from .wall import EDGES as edges
    from .wall import LENSES as lenses
    from .wall import MATCHER as matcher
    from .wall import RAIL as rail

    walls = (wall, lenses, edges, archive, matcher, crops, rail)
    return {bench.name: bench for bench in (*core, *element, *faults, *scan, cut, gpu, *walls)}
