"""PSNR and SSIM against scikit-image and hand values; silhouettes by counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from grotto.metrics import psnr, silhouette_iou, ssim


def pair(seed: int = 0, height: int = 33, width: int = 47) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    image = rng.random((height, width, 3)).cumsum(0).cumsum(1)
    image /= image.max()
    return image, np.clip(image + 0.08 * rng.standard_normal(image.shape), 0, 1)


def test_psnr_by_hand_and_by_scikit_image() -> None:
    assert psnr(np.zeros((4, 5, 3)), np.full((4, 5, 3), 0.1)) == pytest.approx(20.0)
    image, noisy = pair()
    assert psnr(torch.tensor(image), torch.tensor(noisy)) == pytest.approx(peak_signal_noise_ratio(image, noisy, data_range=1))
    assert psnr(image, image) == math.inf


def test_psnr_weights_pixels_by_the_mask() -> None:
    image, reference = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    reference[0, 0] = 1.0
    mask = np.zeros((2, 2))
    mask[0] = 1.0
    assert psnr(image, reference, mask) == pytest.approx(10 * math.log10(2))
    mask[0, 0] = 0.0
    assert psnr(image, reference, mask) == math.inf
    with pytest.raises(ValueError, match="no pixel"):
        psnr(image, reference, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="mask"):
        psnr(image, reference, np.ones((1, 2)))


@pytest.mark.parametrize("seed", [0, 1])
def test_ssim_is_that_of_scikit_image(seed: int) -> None:
    image, noisy = pair(seed)
    theirs = structural_similarity(
        image, noisy, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0
    )
    assert float(ssim(torch.tensor(image), torch.tensor(noisy))) == pytest.approx(theirs, abs=1e-7)
    assert float(ssim(image, image)) == pytest.approx(1.0)


def test_ssim_of_two_greys_by_hand() -> None:
    # Flat pictures have no variance: (2 a b + C1) / (a^2 + b^2 + C1).
    dark, light = torch.full((11, 12, 3), 0.25, dtype=torch.double), torch.full((11, 12, 3), 0.75, dtype=torch.double)
    assert float(ssim(dark, light)) == pytest.approx((2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4))


def test_ssim_has_a_gradient() -> None:
    image, noisy = (torch.tensor(value[:12, :13]) for value in pair())
    assert torch.autograd.gradcheck(lambda values: ssim(values, noisy), image.requires_grad_())


def test_unequal_and_tiny_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="compared"):
        ssim(np.zeros((12, 12, 3)), np.zeros((12, 13, 3)))
    with pytest.raises(ValueError, match="compared"):
        psnr(np.zeros((12, 12, 3)), np.zeros((12, 13, 3)))
    with pytest.raises(ValueError, match="smaller"):
        ssim(np.zeros((10, 12, 3)), np.zeros((10, 12, 3)))


def test_silhouettes() -> None:
    first, second = np.zeros((4, 6)), np.zeros((4, 6))
    assert silhouette_iou(first, second) == 1.0
    first[:2], second[1:3] = 0.9, 0.7
    assert silhouette_iou(first, second) == pytest.approx(6 / 18)
    assert silhouette_iou(torch.tensor(first), torch.tensor(first)) == 1.0


def test_ssim_without_a_gradient_is_that_with_one() -> None:
    """Sums of shifted copies against torch's convolution."""
    image, noisy = (torch.tensor(value, dtype=torch.float32) for value in pair(3, 60, 41))
    assert float(ssim(image, noisy)) == pytest.approx(float(ssim(image.requires_grad_(), noisy).detach()), abs=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_arrays_and_tensors_have_the_same_values(kind: type) -> None:
    image, noisy = (value.astype(kind) for value in pair(4, 40, 31))
    mask = np.linspace(0, 1, 40 * 31).reshape(40, 31)
    tensors = [torch.tensor(value) for value in (image, noisy)]
    assert ssim(image, noisy) == pytest.approx(float(ssim(*tensors)), abs=1e-12 if kind is np.float64 else 2e-6)
    assert psnr(image, noisy) == pytest.approx(psnr(*tensors), abs=1e-9)
    assert psnr(image, noisy, mask) == pytest.approx(psnr(*tensors, torch.tensor(mask)), abs=1e-9)
    assert silhouette_iou(image[..., 0], noisy[..., 0]) == silhouette_iou(tensors[0][..., 0], tensors[1][..., 0]) < 1
