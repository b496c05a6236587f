"""The gate sigma (equation 3): whether a point has a partner at all, from its embedding and the places of all points."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .assignment import dual_softmax
from .design import MatcherDesign

_EVIDENCE = 4  # numbers that S gives about a point
_LEAST_LOG = -30.0


def spatial_interaction(embedded: Tensor, score: Tensor) -> Tensor:
    """W W^T s (b, n) for position embeddings W (b, n, k) and scores s (b, n), divided by n.

    The paper has no division: without it the logits grow with the number of points.
    """
    return (embedded @ (embedded.transpose(-1, -2) @ score[..., None]))[..., 0] / max(embedded.shape[-2], 1)


def evidence(similarity: Tensor) -> tuple[Tensor, Tensor]:
    """What S (b, n, m) says about each point of both sides: (b, n, 4) and (b, m, 4).

    The best similarity, by how much it stands out, the best probability, and the mean of that over the picture: low where the
    pictures show different things.
    """
    log_probability = dual_softmax(similarity)
    sides = []
    for dim in (-1, -2):
        best = similarity.amax(dim)
        clear = best - similarity.logsumexp(dim)
        likely = log_probability.amax(dim).clamp(min=_LEAST_LOG)
        overall = likely.exp().mean(-1, keepdim=True).expand_as(likely)
        sides.append(torch.stack([best / 16 - 2, clear, likely / 4, 2 * overall], dim=-1))
    return sides[0], sides[1]


class SpatialGate(nn.Module):
    """Logits of sigma; the same weights for both pictures."""

    def __init__(self, design: MatcherDesign, positions: int = 16) -> None:
        super().__init__()
        self.place = nn.Linear(2, positions)
        self.score = nn.Linear(design.width, 1)
        self.informed = design.gate == "informed"
        if self.informed:
            self.own = nn.Linear(design.width, 1)
            self.heard = nn.Sequential(nn.Linear(_EVIDENCE, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, x: Tensor, place: Tensor, heard: Tensor | None) -> Tensor:
        """Logits (b, n) from embeddings (b, n, width), places (b, n, 2) and, for the informed gate, `evidence`."""
        logit = spatial_interaction(self.place(place), self.score(x)[..., 0])
        if self.informed and heard is not None:
            logit = logit + self.own(x)[..., 0] + self.heard(heard)[..., 0]
        return logit
