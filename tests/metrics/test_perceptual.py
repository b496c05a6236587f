"""LPIPS with random weights of the usual layout, against the networks built from torch's own layers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from grotto.contract import Kind, ProblemError
from grotto.metrics.perceptual import load_lpips

CHANNELS = {"alex": (4, 6, 5, 7, 3), "vgg": (2, 3, 4, 5, 6)}


def alex(widths: tuple[int, ...]) -> nn.Sequential:
    a, b, c, d, e = widths
    return nn.Sequential(
        nn.Conv2d(3, a, 11, 4, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(a, b, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(b, c, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(c, d, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(d, e, 3, padding=1),
        nn.ReLU(),
    )


def vgg(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 3
    for width, depth in zip(widths, (2, 2, 3, 3, 3), strict=True):
        for _ in range(depth):
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


TAPS = {"alex": (1, 4, 7, 9, 11), "vgg": (3, 8, 15, 22, 29)}
BUILD = {"alex": alex, "vgg": vgg}


def slow_twin(network: nn.Sequential, taps: tuple[int, ...], heads: list[Tensor], first: Tensor, second: Tensor) -> float:
    mean, spread = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    both = ((torch.stack([first, second]) - mean) / spread).permute(0, 3, 1, 2)
    total, tap = 0.0, 0
    for index, layer in enumerate(network):
        both = layer(both)
        if index in taps:
            unit = both / both.norm(dim=1, keepdim=True).clamp_min(1e-10)
            total += float(((unit[0] - unit[1]) ** 2 * heads[tap].view(-1, 1, 1)).sum(0).mean())
            tap += 1
    return total


@pytest.mark.parametrize("name", ["alex", "vgg"])
@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_it_is_the_network_of_the_usual_layout(name: str, ending: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = BUILD[name](CHANNELS[name]).requires_grad_(False)
    heads = [torch.rand(width) for width in CHANNELS[name]]
    features = {f"features.{key}": value for key, value in network.state_dict().items()}
    lin = {f"lin{index}.model.1.weight": head.view(1, -1, 1, 1) for index, head in enumerate(heads)}
    for stem, state in (("backbone", features), ("heads", lin)):
        path = tmp_path / (stem + ending)
        torch.save(state, path) if ending == ".pth" else save_file(state, path)
    measure = load_lpips(name, [tmp_path / ("backbone" + ending), tmp_path / ("heads" + ending)])
    first, second = torch.rand(64, 70, 3), torch.rand(64, 70, 3)
    assert float(measure(first, second)) == pytest.approx(slow_twin(network, TAPS[name], heads, first, second), rel=2e-3)
    assert float(measure(first, first)) == 0.0
    moved = first.clone().requires_grad_()
    measure(moved, second).backward()
    assert moved.grad is not None and bool(torch.isfinite(moved.grad).all()) and float(moved.grad.abs().sum()) > 0
    with pytest.raises(ValueError, match="pixels"):
        measure(torch.rand(8, 8, 3), torch.rand(8, 8, 3))


def test_the_file_that_lpips_itself_saves(tmp_path: Path) -> None:
    torch.manual_seed(1)
    features = alex(CHANNELS["alex"]).state_dict()
    slices = {"0": 1, "3": 2, "6": 3, "8": 4, "10": 5}
    state = {f"net.slice{slices[key.split('.')[0]]}.{key}": value for key, value in features.items()}
    state |= {f"lins.{index}.model.1.weight": torch.rand(1, width, 1, 1) for index, width in enumerate(CHANNELS["alex"])}
    torch.save(state, tmp_path / "whole.pth")
    assert float(load_lpips("alex", [tmp_path / "whole.pth"])(torch.rand(40, 40, 3), torch.rand(40, 40, 3))) > 0


def test_without_weights_there_is_no_number(tmp_path: Path) -> None:
    for files in ([], [tmp_path / "missing.pth"]):
        with pytest.raises(ProblemError) as caught:
            load_lpips("alex", files)
        assert caught.value.problem.kind is Kind.MISSING_RESOURCE
        assert "not available" in caught.value.problem.sentence()


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("not weights")
    (tmp_path / "text.safetensors").write_text("not weights at all, but words")
    torch.save({"features.0.weight": torch.rand(4, 3, 3, 3), "features.0.bias": torch.rand(4)}, tmp_path / "other.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    for name in ("text.pth", "text.safetensors", "other.pth", "list.pth"):
        with pytest.raises(ProblemError) as caught:
            load_lpips("alex", [tmp_path / name])
        assert caught.value.problem.kind is Kind.BAD_INPUT
    with pytest.raises(ProblemError, match="alex, vgg"):
        load_lpips("squeeze", [tmp_path / "other.pth"])
