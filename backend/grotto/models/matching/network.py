"""The attention-guided matcher of the mural paper (001, equations 1 to 4), with what this project adds as options.

Embed, then several loops of self and cross attention; after each loop S_ij = Linear(x_i)^T Linear(x_j). The last S becomes
probabilities by a dual softmax, and the gate scales them. `MatcherDesign` names the parts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .assignment import dual_softmax, sinkhorn
from .attention import Loop, RotaryPositions
from .design import MatcherDesign
from .feedback import Feedback, PositionTerm, expect
from .gate import SpatialGate, evidence
from .points import PointBatch

_SLOW = 10.0  # see `feedback`
_FIRST_TAU = 32.0  # of the descriptors' term: a soft ratio test
_DESCRIPTOR_SCALE = 4.0
_DUSTBIN = 10.0


@dataclass(frozen=True)
class Sought:
    """Where one side's points seek their partners."""

    place: Tensor  # (b, n, 2) in the other picture
    sharpness: Tensor  # (b, n)


@dataclass(frozen=True)
class LoopScores:
    """What one loop ends with."""

    similarity: Tensor  # S, (b, n, m)
    gate_a: Tensor | None  # logits of sigma, (b, n); None without a gate, and in all loops but the last
    gate_b: Tensor | None
    sought_a: Sought | None  # None in the first loop, and without a position term
    sought_b: Sought | None


@dataclass(frozen=True)
class Assigned:
    """Logs of probabilities."""

    match: Tensor  # (b, n, m) that two points match
    lonely_a: Tensor | None  # (b, n) that a point goes to the dustbin; None without dustbins
    lonely_b: Tensor | None


class Embedding(nn.Module):
    """First embeddings: the descriptor projected, and what place, size and orientation add to it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.descriptor = nn.Linear(128, width, bias=False)
        first, last = nn.Linear(5, width), nn.Linear(width, width)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.place = nn.Sequential(first, nn.GELU(), last)

    def forward(self, points: PointBatch) -> Tensor:
        """Embeddings (b, n, width)."""
        placed: Tensor = self.place(torch.cat([points.place, points.shape], dim=-1))
        return _DESCRIPTOR_SCALE * self.descriptor(points.descriptors) + placed


class Similarity(nn.Module):
    """Equation 1, with a learnt gain, and the descriptors' own term where the design has it."""

    def __init__(self, design: MatcherDesign) -> None:
        super().__init__()
        self.project = nn.Linear(design.width, design.width)
        self._scale = design.width**-0.5
        self.log_gain = nn.Parameter(torch.tensor(0.0))
        self.log_tau = nn.Parameter(torch.tensor(math.log(_FIRST_TAU) / _SLOW)) if design.descriptor_skip else None

    def forward(self, xa: Tensor, xb: Tensor, likeness: Tensor) -> Tensor:
        """S (b, n, m); `likeness` holds the products of descriptors."""
        gain = self._scale * (_SLOW * self.log_gain).exp()
        similarity: Tensor = gain * self.project(xa) @ self.project(xb).transpose(-1, -2)
        if self.log_tau is not None:
            similarity = similarity + (_SLOW * self.log_tau).exp() * likeness
        return similarity


class Matcher(nn.Module):
    """The network. Build it, then load weights into it; building reads no file."""

    def __init__(self, design: MatcherDesign) -> None:
        super().__init__()
        self.design = design
        width, between = design.width, design.loops - 1
        self.embedding = Embedding(width)
        self.positions = RotaryPositions(width // design.heads)
        self.loops = nn.ModuleList(Loop(width, design.heads) for _ in range(design.loops))
        self.similarities = nn.ModuleList(Similarity(design) for _ in range(design.loops))
        self.feedbacks = nn.ModuleList(Feedback(width) for _ in range(between if design.feedback else 0))
        self.position_terms = nn.ModuleList(PositionTerm(width) for _ in range(between if design.position_term else 0))
        self.gate = None if design.gate == "none" else SpatialGate(design)
        self.dustbin = nn.Parameter(torch.tensor(_DUSTBIN)) if design.assignment == "sinkhorn" else None

    def forward(self, a: PointBatch, b: PointBatch) -> list[LoopScores]:
        """The scores of every loop, the last of which count."""
        xa, xb = self.embedding(a), self.embedding(b)
        turns_a, turns_b = self.positions(a.place), self.positions(b.place)
        likeness = a.descriptors @ b.descriptors.transpose(-1, -2)
        scores: list[LoopScores] = []
        for number, loop in enumerate(self.loops):
            before = scores[-1].similarity if scores else None
            expected = None
            if before is not None and (len(self.feedbacks) or len(self.position_terms)):
                expected = expect(before, b.place, xb), expect(before.transpose(-1, -2), a.place, xa)
                if len(self.feedbacks):
                    feedback = self.feedbacks[number - 1]
                    xa, xb = feedback(xa, a.place, expected[0]), feedback(xb, b.place, expected[1])
            xa, xb = loop(xa, xb, turns_a, turns_b)
            similarity = self.similarities[number](xa, xb, likeness)
            sought_a = sought_b = None
            if expected is not None and len(self.position_terms):
                term: Any = self.position_terms[number - 1]
                sought_a, sought_b = Sought(*term.sought(xa, expected[0])), Sought(*term.sought(xb, expected[1]))
                similarity = similarity - term(sought_a.place, sought_a.sharpness, b.place)
                similarity = similarity - term(sought_b.place, sought_b.sharpness, a.place).transpose(-1, -2)
            gate_a = gate_b = None
            if self.gate is not None and number == len(self.loops) - 1:
                heard_a, heard_b = evidence(similarity) if self.gate.informed else (None, None)
                gate_a, gate_b = self.gate(xa, a.place, heard_a), self.gate(xb, b.place, heard_b)
            scores.append(LoopScores(similarity, gate_a, gate_b, sought_a, sought_b))
        return scores

    def assign(self, scores: LoopScores) -> Assigned:
        """Equation 4: the assignment, and the gates of both points."""
        lonely_a = lonely_b = None
        if self.dustbin is not None:
            table = sinkhorn(scores.similarity, self.dustbin, self.design.sinkhorn_iterations)
            log_probability, lonely_a, lonely_b = table[:, :-1, :-1], table[:, :-1, -1], table[:, -1, :-1]
        else:
            log_probability = dual_softmax(scores.similarity)
        if scores.gate_a is not None and scores.gate_b is not None:
            log_probability = log_probability + functional.logsigmoid(scores.gate_a)[..., None]
            log_probability = log_probability + functional.logsigmoid(scores.gate_b)[..., None, :]
        return Assigned(log_probability, lonely_a, lonely_b)
