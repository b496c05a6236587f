"""What installed weights take on a GPU, and how a result lists them."""

from __future__ import annotations

from pathlib import Path

from ...models.registry import Installed

GPU_CONTEXT = 600_000_000  # bytes on a GPU of CUDA's context and torch's kernels


def gpu_of_weights(weights: Path | None) -> int:
    """Bytes on a GPU of a network whose weights lie in a folder, without what it computes; 0 where there are none."""
    if weights is None:
        return 0
    return GPU_CONTEXT + sum(file.stat().st_size for file in weights.rglob("*.safetensors"))


def models_used(weights: Installed) -> tuple[dict[str, str], ...]:
    """Name, licence and hash of each file of installed weights, as the result manifest lists them."""
    licence, name = weights.model.licence, weights.model.name
    return tuple({"name": f"{name}/{file}", "licence": licence, "sha256": found} for file, found in weights.record.sha256.items())
