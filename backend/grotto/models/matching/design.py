"""Which parts a matcher has: the paper's own, and what this project adds to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ...contract import Action, bad_input

Gate = Literal["informed", "paper", "none"]
Assignment = Literal["dual_softmax", "sinkhorn"]
GATES: tuple[str, ...] = get_args(Gate)
ASSIGNMENTS: tuple[str, ...] = get_args(Assignment)


@dataclass(frozen=True, kw_only=True)
class MatcherDesign:
    """The parts of a matcher. `PAPER` is equations 1 to 4 and nothing else; the defaults are the weights that ship."""

    width: int = 64  # of an embedding
    heads: int = 4
    loops: int = 4  # of self and cross attention
    descriptor_skip: bool = True  # S has a term of the raw descriptors: the untrained net is a soft ratio test
    feedback: bool = True  # after a loop each point learns where its partner is expected
    position_term: bool = True  # S falls with the distance from the expected place
    gate: Gate = "informed"  # "paper" is equation 3; "informed" adds a term of the point and of what S says about it
    assignment: Assignment = "dual_softmax"
    sinkhorn_iterations: int = 100

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them."""
        return asdict(self)


PAPER = MatcherDesign(descriptor_skip=False, feedback=False, position_term=False, gate="paper")


def design_of(fields: dict[str, Any], name: str) -> MatcherDesign:
    """Read a design that was written with weights. Raises bad input where it is none; `name` is for the problem's text."""
    try:
        design = MatcherDesign(**fields)
        whole = all(isinstance(size, int) and size > 0 for size in (design.width, design.heads, design.loops))
        known = design.gate in GATES and design.assignment in ASSIGNMENTS
        if not whole or not known or design.width % (4 * design.heads):
            raise ValueError("unknown value")
    except (TypeError, ValueError) as error:
        remedy = "train the matcher again, or take the one that ships"
        raise bad_input(f"{name} describes no matcher of this version ({error})", remedy, Action.NONE) from error
    return design
