"""Where fits compute: the choice, and what the user reads when a GPU is not used."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from grotto.contract import ProblemError, Silent
from grotto.fitting import CUDA_PACKAGES, CudaOffer, choose_device, cuda_offer, describe_cuda

NO_GPU = CudaOffer(driver=False, built=True, usable=False)
CPU_TORCH = CudaOffer(driver=True, built=False, usable=False)
OLD_DRIVER = CudaOffer(driver=True, built=True, usable=False)
BARE = CudaOffer(driver=True, built=True, usable=True)
COMPLETE = CudaOffer(driver=True, built=True, usable=True, packages=frozenset(CUDA_PACKAGES))


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.mark.parametrize(
    ("offer", "package", "kind", "words"),
    [
        (NO_GPU, "", "cpu", ()),
        (CPU_TORCH, "", "cpu", ("although a GPU is present", "built without CUDA", "install")),
        (OLD_DRIVER, "", "cpu", ("although a GPU is present", "update the NVIDIA driver")),
        (BARE, "", "cuda", ()),
        (BARE, "gsplat", "cpu", ("although a GPU is present", "gsplat is not installed", "extra `cuda`")),
        (COMPLETE, "gsplat", "cuda", ()),
    ],
)
def test_a_present_gpu_that_is_not_used_is_noted(offer: CudaOffer, package: str, kind: str, words: tuple[str, ...]) -> None:
    report = Notes()
    assert choose_device(report, package=package, offer=offer).type == kind
    assert len(report.notes) == (1 if words else 0)
    assert all(word in report.notes[0] for word in words)


def test_the_cpu_is_taken_without_a_note_where_it_is_requested() -> None:
    report = Notes()
    assert choose_device(report, "cpu", offer=COMPLETE) == torch.device("cpu")
    assert report.notes == []


def test_cuda_carries_its_index_as_tensors_do() -> None:
    assert choose_device(Silent(), "cuda", offer=COMPLETE) == torch.device("cuda:0")


@pytest.mark.parametrize("offer", [NO_GPU, CPU_TORCH, OLD_DRIVER])
def test_requested_cuda_that_cannot_be_used_is_a_problem(offer: CudaOffer) -> None:
    with pytest.raises(ProblemError, match="CUDA cannot be used"):
        choose_device(Silent(), "cuda", offer=offer)


def test_another_device_is_bad_input() -> None:
    with pytest.raises(ProblemError, match="no device 'tpu'"):
        choose_device(Silent(), "tpu")


def test_the_choice_agrees_with_torch_here() -> None:
    assert choose_device(Silent()).type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert cuda_offer().usable == torch.cuda.is_available()
    assert describe_cuda()


def test_hidden_gpus_are_not_used() -> None:
    script = "from grotto.fitting import cuda_is_present, cuda_offer; print(cuda_is_present(), cuda_offer().driver)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": ":".join(sys.path)}, capture_output=True
    )
    assert done.stdout.split() == [b"False", b"False"]


def test_looking_for_cuda_loads_no_torch() -> None:
    script = "import sys; from grotto.runner import has_cuda; has_cuda(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]
