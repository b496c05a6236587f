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
