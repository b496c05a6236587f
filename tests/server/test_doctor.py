"""What the doctor says of the GPU, for offers of machines that are not here."""

from __future__ import annotations

from grotto.fitting import CUDA_PACKAGES, CudaOffer
from grotto.server import gpu_rows


def test_each_recipe_says_which_stages_would_use_the_gpu() -> None:
    whole = dict(gpu_rows(CudaOffer(driver=True, built=True, usable=True, packages=frozenset(CUDA_PACKAGES))))
    assert "field" in whole["GPU in scan"] and "splats" in whole["GPU in scan"] and "not" not in whole["GPU in scan"]
    assert whole["GPU in wall"] == "matches (with --matcher attention)"
    lacking = dict(gpu_rows(CudaOffer(driver=True, built=True, usable=True)))
    assert "splats not: gsplat is not installed" in lacking["GPU in scan"]
    none = dict(gpu_rows(CudaOffer(driver=False, built=False, usable=False)))
    assert none["GPU in element"].startswith("none here (no GPU with an NVIDIA driver was found)")
    assert "generate would" in none["GPU in element"] or "generate" in none["GPU in element"]
