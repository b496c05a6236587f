"""Options of training a segmenter."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class TrainOptions:
    """Train a segmenter on sets of elements whose classes the artist has corrected."""

    base: str = option(
        default="",
        label="Base",
        text="Folder of the Mask2Former to start from; empty takes the installed one (non-commercial)",
        path=True,
    )
    train_steps: int = option(default=3000, label="Steps", text="Steps of the optimiser", least=1, most=1_000_000)
    tile_px: int = option(
        default=1024,
        label="Tile",
        text="Side of the part of the mural in one example; the same as when cutting",
        unit="px",
        least=64,
        most=4096,
    )
    train_px: int = option(
        default=512, label="Tile's size", text="Side to which the tile is reduced", unit="px", least=32, most=2048
    )
    train_batch: int = option(default=2, label="Batch", text="Tiles in a step", least=1, most=64)
    train_rate: float = option(
        default=1e-4, label="Rate", text="AdamW's rate for the decoder; the backbone has a tenth of it", least=1e-7, most=1.0
    )
    train_seed: int = option(
        default=0, label="Seed", text="Seed of the order, the mirroring and the sampled points", least=0, most=2**31 - 1
    )


@option_group
class MatcherTrainOptions:
    """Train the attention-guided matcher on made walls."""

    train_steps: int = option(default=6000, label="Steps", text="Steps of the optimiser", least=1, most=1_000_000)
    train_batch: int = option(default=3, label="Batch", text="Pairs of views in a step", least=1, most=64)
    train_points: int = option(default=384, label="Points", text="Largest number of points of a view", least=16, most=4096)
    train_walls: int = option(default=24, label="Walls", text="Walls that are painted to train on", least=1, most=800)
    train_rate: float = option(
        default=1e-3, label="Rate", text="AdamW's rate in the first half of the steps", least=1e-7, most=1.0
    )
    train_seed: int = option(
        default=0, label="Seed", text="Seed of walls, views, the network's start and the order", least=0, most=2**31 - 1
    )
    start_from: str = option(
        default="",
        label="Start from",
        text="Folder of a trained matcher to go on from; empty starts from random weights",
        path=True,
    )
    parts: str = option(
        default="full",
        label="Parts",
        text="full is the matcher that ships; paper has the parts of the paper alone; the others leave one part out",
        choices=("full", "paper", "no_feedback", "no_position", "no_skip", "paper_gate", "no_gate"),
    )
    assignment: str = option(
        default="dual_softmax",
        label="Assignment",
        text="How similarities become probabilities",
        choices=("dual_softmax", "sinkhorn"),
    )
    device: str = option(
        default="auto", label="Device", text="auto takes CUDA where there is any", choices=("auto", "cuda", "cpu")
    )
