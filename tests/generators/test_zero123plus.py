"""Zero123++ against the tensors that the published pipeline recorded on small random weights, and with what goes wrong.

The tolerances are those of the recording's README: 1e-4, 1e-3 on the enlarged latents that are decoded, one grey level.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from grotto.contract import Cancelled, Kind, ProblemError, Silent
from grotto.generators import Networks, SixViewsOptions, load_networks, six_views, split_sheet
from grotto.generators.zero123plus.condition import framed, on_grey, pixel_values
from grotto.generators.zero123plus.decoding import decode, decoder_input, sheet_of
from grotto.generators.zero123plus.draws import seeded_draws
from grotto.generators.zero123plus.embedding import condition_on, empty_prompt, picture_embedding, posterior, ramped
from grotto.generators.zero123plus.sampling import sample
from grotto.generators.zero123plus.schedule import SAMPLERS, Schedule, make_schedule, scaled, stepped
from grotto.generators.zero123plus.settings import NoiseSettings, read_settings
from grotto.models import install_from

FIXTURES = Path(os.environ.get("GROTTO_FIXTURES", Path(__file__).resolve().parents[3] / "shared" / "fixtures"))
RECORDED = FIXTURES / "zero123plus"
WEIGHTS = RECORDED / "weights"
CASES = {"euler_ancestral": 4.0, "euler": 4.0, "ddim": 4.0, "euler_ancestral_nocfg": 1.0}
TOLERANCE, TOLERANCE_OF_DECODER_INPUT = 1e-4, 1e-3
TINY = SixViewsOptions(steps=2, view_px=16, fill=None)

pytestmark = pytest.mark.skipif(not WEIGHTS.is_dir(), reason=f"no recording at {RECORDED}; GROTTO_FIXTURES names its folder")


@pytest.fixture(scope="module")
def expected() -> dict[str, Tensor]:
    return load_file(RECORDED / "expected.safetensors")


@pytest.fixture(scope="module")
def inputs() -> dict[str, Tensor]:
    return load_file(RECORDED / "inputs.safetensors")


@pytest.fixture(scope="module")
def networks() -> Networks:
    return load_networks(WEIGHTS, "cpu")


@pytest.fixture(scope="module")
def picture() -> NDArray[np.float32]:
    return np.asarray(Image.open(RECORDED / "input_rgba.png"), np.float32) / 255


class Replay:
    """The recorded draws, in their order; without guidance the conditional half of what was drawn for two."""

    def __init__(self, recorded: dict[str, Tensor]) -> None:
        self._recorded, self._steps = recorded, {"cond_noise": 0, "step_noise": 0}

    def __call__(self, name: str, shape: Sequence[int]) -> Tensor:
        drawn = self._recorded[name]
        if name in self._steps:
            drawn = drawn[self._steps[name]]
            self._steps[name] += 1
        drawn = drawn[-shape[0] :]
        assert drawn.shape == tuple(shape)
        return drawn


def near(name: str, found: Tensor | NDArray[np.generic], expected: dict[str, Tensor]) -> str:
    """Holds one recorded tensor against ours, and gives its name back as compared."""
    reference = expected[name]
    ours = found if isinstance(found, Tensor) else torch.from_numpy(np.array(found))
    assert ours.shape == reference.shape, name
    if reference.dtype == torch.uint8:
        assert (ours.int() - reference.int()).abs().max() <= 1, name
    else:
        limit = TOLERANCE_OF_DECODER_INPUT if name.endswith("vae_decode_input") else TOLERANCE
        assert (ours.double() - reference.double()).abs().max() <= limit, name
    return name


def test_what_all_cases_share(networks: Networks, picture: NDArray[np.float32], expected: dict, inputs: dict) -> None:
    rgb = on_grey(picture)
    assert np.array_equal(rgb, expected["common/rgb_on_gray_u8"].numpy())
    for_vae = pixel_values(rgb, networks.settings.vae_picture)
    for_clip = pixel_values(rgb, networks.settings.clip_picture)
    mean, spread = posterior(networks, for_vae)
    mean_of_nothing, spread_of_nothing = posterior(networks, torch.zeros_like(for_vae))
    plain, embedding = empty_prompt(networks), picture_embedding(networks, for_clip)
    condition = condition_on(networks, for_vae, for_clip, True, Replay(inputs))
    schedule = make_schedule(networks.settings.noise, 4, "euler")
    assert list(networks.settings.prompt_ids) == inputs["prompt_input_ids"][0].tolist()
    ours = {
        "rgb_on_gray_u8": rgb, "pixel_values_vae": for_vae, "pixel_values_clip": for_clip, "latent_mean_cond": mean,
        "latent_std_cond": spread, "latent_mean_uncond": mean_of_nothing, "latent_std_uncond": spread_of_nothing,
        "cond_latents": condition.latents, "clip_image_embeds": embedding, "prompt_embeds_empty": plain,
        "prompt_embeds_ramped": ramped(plain, embedding, networks.settings.ramp), "encoder_hidden_states": condition.prompt,
        "timesteps": schedule.timesteps, "alphas_cumprod": schedule.alphas,
    }  # fmt: skip
    compared = {near(f"common/{name}", found, expected) for name, found in ours.items()}
    assert compared == {name for name in expected if name.startswith("common/")}


@pytest.mark.parametrize("case", CASES)
def test_every_recorded_tensor(case: str, networks: Networks, picture: NDArray[np.float32], expected: dict, inputs: dict) -> None:
    draws, guidance = Replay(inputs), CASES[case]
    pixels = [pixel_values(on_grey(picture), p) for p in (networks.settings.vae_picture, networks.settings.clip_picture)]
    condition = condition_on(networks, *pixels, guidance > 1, draws)
    schedule = make_schedule(networks.settings.noise, 4, case.removesuffix("_nocfg"))
    steps = list(sample(networks, condition, schedule, (24, 16), guidance, draws, Silent()))
    decoded = decode(networks, steps[-1].latents)
    sheet = sheet_of(decoded)
    ours: dict[str, Tensor | NDArray[np.generic]] = {
        "init_noise_sigma": np.asarray(schedule.start_scale),
        "cond_sample_in": torch.stack([step.written for step in steps]),
        "unet_sample_in": torch.stack([step.read for step in steps]),
        "unet_out": torch.stack([step.v for step in steps]),
        "guided_v": torch.stack([step.guided_v for step in steps]),
        "latents": torch.stack([step.latents for step in steps]),
        "vae_decode_input": decoder_input(steps[-1].latents, networks.vae.config.scaling_factor),
        "vae_decode_output": decoded,
        "image_01": sheet.transpose(2, 0, 1)[None],
        "image_u8": np.rint(sheet * 255).astype(np.uint8),
    }
    if case != "ddim":
        ours["sigmas"] = schedule.sigmas
    if case == "euler_ancestral":
        ours |= {f"ref_step0/{layer}": tokens for layer, tokens in steps[0].kept.items()}
    compared = {near(f"{case}/{name}", found, expected) for name, found in ours.items()}
    assert compared == {name for name in expected if name.startswith(f"{case}/")}


@pytest.mark.parametrize("beta_schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 7, 28])
def test_samplers_are_those_of_diffusers(sampler: str, steps: int, beta_schedule: str) -> None:
    import diffusers

    name = {"euler_ancestral": "EulerAncestralDiscreteScheduler", "euler": "EulerDiscreteScheduler", "ddim": "DDIMScheduler"}
    settings = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": beta_schedule, "prediction_type": "v_prediction"}
    more = {"clip_sample": False, "set_alpha_to_one": False} if sampler == "ddim" else {}
    twin = getattr(diffusers, name[sampler])(**settings, **more, timestep_spacing="trailing")
    twin.set_timesteps(steps)
    schedule = make_schedule(NoiseSettings(0.00085, 0.012, beta_schedule, 1000), steps, sampler)
    assert np.array_equal(schedule.timesteps, twin.timesteps.double().numpy())
    assert schedule.start_scale == pytest.approx(float(twin.init_noise_sigma), rel=1e-5)

    generator = torch.Generator().manual_seed(5)
    x = theirs = torch.randn(1, 4, 6, 4, generator=generator) * schedule.start_scale
    for step, timestep in enumerate(twin.timesteps):
        assert torch.allclose(scaled(x, schedule, step), twin.scale_model_input(theirs, timestep), atol=1e-4)
        v = torch.sin(scaled(x, schedule, step))
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(step))
        more = {"generator": torch.Generator().manual_seed(step)} if sampler == "euler_ancestral" else {}
        theirs = twin.step(v, timestep, theirs, **more).prev_sample
        x = stepped(x, v, noise, schedule, step)
        assert torch.allclose(x, theirs, atol=2e-4), step


def test_the_empty_prompt_is_what_the_tokenizer_makes() -> None:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(WEIGHTS / "tokenizer", local_files_only=True)
    assert tuple(tokenizer("", padding="max_length", max_length=77)["input_ids"]) == read_settings(WEIGHTS).prompt_ids


@pytest.mark.parametrize(("width", "height"), [(90, 70), (61, 130), (30, 33)])
def test_pictures_are_prepared_as_transformers_does(width: int, height: int) -> None:
    from transformers import CLIPImageProcessor

    settings = read_settings(WEIGHTS)
    rgb = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    for folder, preparation in (("vae", settings.vae_picture), ("clip", settings.clip_picture)):
        held = json.loads((WEIGHTS / f"feature_extractor_{folder}" / "preprocessor_config.json").read_text())
        for resample in (2, 3):
            theirs = CLIPImageProcessor(**{**held, "resample": resample})(images=Image.fromarray(rgb), return_tensors="pt")
            ours = pixel_values(rgb, replace(preparation, resample=resample))
            assert torch.allclose(ours, theirs["pixel_values"], atol=1e-5)


def test_a_framed_object_is_centred_and_untouched(picture: NDArray[np.float32]) -> None:
    thing = np.zeros((40, 100, 4), np.float32)
    thing[5:15, 60:100] = (0.2, 0.4, 0.6, 1.0)
    square, frame = framed(thing, 0.8)
    assert square.shape == (50, 50, 4)
    assert (frame.left_px, frame.top_px, frame.side_px) == (55, -15, 50)
    rows, columns = np.nonzero(square[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 29, 5, 44)
    opaque, frame = framed(np.full((10, 20, 3), 0.5, np.float32), 1.0)
    assert opaque.shape == (20, 20, 4)
    assert (frame.left_px, frame.top_px) == (0, -5)


def test_tiles_lie_row_by_row() -> None:
    sheet = np.zeros((96, 64, 3), np.float32)
    for k in range(6):
        sheet[32 * (k // 2) : 32 * (k // 2) + 32, 32 * (k % 2) : 32 * (k % 2) + 32] = k
    assert [float(tile.min()) for tile in split_sheet(sheet)] == [0, 1, 2, 3, 4, 5]
    for wrong in (sheet[:95], sheet[:, :63], sheet[:64]):
        with pytest.raises(ProblemError, match="no sheet"):
            split_sheet(wrong)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "house"))
    return install_from("zero123plus-v1.1", WEIGHTS).folder


def test_from_the_registry_to_a_sheet(installed: Path, picture: NDArray[np.float32]) -> None:
    told: list[tuple[float, str]] = []

    class Listener(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            told.append((fraction, message))

    options = SixViewsOptions(steps=2, view_px=32)
    made = six_views(picture, installed, "zero123plus-v1.1", options, 3, Listener())
    assert made.sheet.shape == (96, 64, 3)
    assert made.views.shape == (6, 32, 32, 3)
    assert (made.model, made.rig, made.device) == ("zero123plus-v1.1", "v1.1", "cpu float32")
    assert made.frame is not None
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert {"step 1 of 2", "step 2 of 2"} <= {message for _, message in told}
    assert len(told) > 2 * 14

    again = six_views(picture, installed, "v1.1", options, 3, Silent())
    other = six_views(picture, installed, "v1.1", options, 4, Silent())
    assert np.array_equal(again.sheet, made.sheet)
    assert np.abs(other.sheet - made.sheet).max() > 0.01


def test_the_rig_is_not_negotiable(installed: Path, picture: NDArray[np.float32], networks: Networks) -> None:
    with pytest.raises(ProblemError, match=r"of rig v1\.1, and rig v1\.2 is asked for") as error:
        six_views(picture, installed, "zero123plus-v1.2", TINY, 0, Silent())
    assert error.value.problem.kind is Kind.BAD_INPUT
    with pytest.raises(ProblemError, match="do not say of which rig") as error:
        six_views(picture, WEIGHTS, "v1.1", TINY, 0, Silent())
    assert error.value.problem.kind is Kind.MISSING_RESOURCE
    with pytest.raises(ProblemError, match="no weights at"):
        six_views(picture, installed / "nowhere", "v1.1", TINY, 0, Silent())
    with pytest.raises(ProblemError, match="without a name"):
        six_views(picture, networks, "v1.1", TINY, 0, Silent())


@pytest.mark.parametrize(("view_px", "guidance"), [(16, 4.0), (48, 1.0)])
def test_other_sizes(networks: Networks, picture: NDArray[np.float32], view_px: int, guidance: float) -> None:
    options = replace(TINY, view_px=view_px, guidance=guidance)
    made = six_views(picture[:50], networks, "v1.2", options, 0, Silent(), model="zero123plus-v1.2")
    assert made.sheet.shape == (3 * view_px, 2 * view_px, 3)
    assert made.frame is None


def test_a_cancel_is_heard_inside_a_step(networks: Networks, picture: NDArray[np.float32]) -> None:
    class Impatient(Silent):
        calls = 0

        def __call__(self, fraction: float, message: str = "") -> None:
            self.calls += message.startswith("step")
            if self.calls == 3:
                raise Cancelled

    report = Impatient()
    with pytest.raises(Cancelled):
        six_views(picture, networks, "v1.1", TINY, 0, report, model="zero123plus-v1.1")
    assert report.calls == 3
    six_views(picture, networks, "v1.1", TINY, 0, Silent(), model="zero123plus-v1.1")  # nothing of the stopped pass is left


def test_no_numbers_are_told(networks: Networks, picture: NDArray[np.float32]) -> None:
    pixels = [pixel_values(on_grey(picture), p) for p in (networks.settings.vae_picture, networks.settings.clip_picture)]
    honest = seeded_draws(0)

    def draws(name: str, shape: Sequence[int]) -> Tensor:
        return honest(name, shape) * (torch.nan if name == "latents_init" else 1)

    schedule: Schedule = make_schedule(networks.settings.noise, 3, "euler")
    steps = sample(networks, condition_on(networks, *pixels, True, draws), schedule, (12, 8), 4.0, draws, Silent())
    with pytest.raises(ProblemError, match="no numbers at step 1 of 3") as error:
        next(steps)
    assert error.value.problem.kind is Kind.BAD_INPUT


@pytest.mark.parametrize(
    ("picture", "options", "cause"),
    [
        (np.zeros((20, 20, 4), np.float32), TINY, "empty"),
        (np.zeros((20, 20), np.float32), TINY, "no picture"),
        (np.full((20, 20, 3), np.nan, np.float32), TINY, "outside 0 to 1"),
        (np.full((20, 20, 3), 255, np.float32), TINY, "outside 0 to 1"),
        (np.ones((20, 20, 3), np.float32), replace(TINY, view_px=20), "multiple of 16"),
        (np.ones((20, 20, 3), np.float32), replace(TINY, steps=0), "0 steps"),
        (np.ones((20, 20, 3), np.float32), replace(TINY, sampler="heun"), "no sampler"),
        (np.ones((20, 20, 3), np.float32), replace(TINY, guidance=0.5), "guidance"),
        (np.ones((20, 20, 3), np.float32), replace(TINY, fill=0.0), "fill"),
    ],
)
def test_bad_input(networks: Networks, picture: NDArray[np.float32], options: SixViewsOptions, cause: str) -> None:
    with pytest.raises(ProblemError, match=cause) as error:
        six_views(picture, networks, "v1.1", options, 0, Silent(), model="zero123plus-v1.1")
    assert error.value.problem.kind is Kind.BAD_INPUT


def edit(path: Path, **changed: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def truncate(weights: Path) -> None:
    path = weights / "unet/diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def drop_tensor(weights: Path, component: str = "vae") -> None:
    path = next((weights / component).glob("*.safetensors"))
    state = load_file(path)
    state.pop(sorted(state)[0])
    save_file(state, path, metadata={"format": "pt"})


BROKEN = {
    "truncated": (truncate, Kind.BAD_INPUT, "truncated"),
    "component missing": (lambda w: shutil.rmtree(w / "vision_encoder"), Kind.MISSING_RESOURCE, "vision_encoder"),
    "settings missing": (lambda w: (w / "scheduler/scheduler_config.json").unlink(), Kind.MISSING_RESOURCE, "scheduler_config"),
    "settings damaged": (lambda w: (w / "unet/config.json").write_text("{"), Kind.BAD_INPUT, "damaged"),
    "other pipeline": (lambda w: edit(w / "model_index.json", _class_name="StableDiffusionPipeline"), Kind.BAD_INPUT, "version"),
    "other prediction": (
        lambda w: edit(w / "scheduler/scheduler_config.json", prediction_type="epsilon"),
        Kind.BAD_INPUT,
        "epsilon",
    ),
    "other width": (
        lambda w: edit(w / "unet/config.json", block_out_channels=[32, 64, 64]),
        Kind.BAD_INPUT,
        "another shape",
    ),
    "ramp of another length": (lambda w: edit(w / "model_index.json", ramping_coefficients=[0.1]), Kind.BAD_INPUT, "ramp"),
    "tensor missing, vae": (drop_tensor, Kind.BAD_INPUT, "1 tensors are missing"),
    "tensor missing, text": (lambda w: drop_tensor(w, "text_encoder"), Kind.BAD_INPUT, "1 tensors are missing"),
    "other vision": (lambda w: edit(w / "vision_encoder/config.json", hidden_size=64), Kind.BAD_INPUT, "another shape"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_weights(tmp_path: Path, fault: str) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(WEIGHTS, weights, copy_function=shutil.copyfile)
    weights.chmod(0o755)
    for folder in weights.iterdir():
        folder.chmod(0o755 if folder.is_dir() else 0o644)
    spoil, kind, cause = BROKEN[fault]
    spoil(weights)  # type: ignore[operator]
    with pytest.raises(ProblemError, match=cause) as error:
        load_networks(weights, "cpu")
    assert error.value.problem.kind is kind


def test_published_settings_and_former_names_are_understood(tmp_path: Path, networks: Networks) -> None:
    """One number for three means, bilinear resizing, tokens as objects, and an autoencoder saved before 2023."""
    weights = tmp_path / "weights"
    shutil.copytree(WEIGHTS, weights, copy_function=shutil.copyfile)
    for folder in [weights, *(path for path in weights.iterdir() if path.is_dir())]:
        folder.chmod(0o755)
    edit(weights / "feature_extractor_vae/preprocessor_config.json", image_mean=0.5, image_std=0.8, resample=2)
    edit(weights / "tokenizer/tokenizer_config.json", pad_token=None, bos_token={"content": "<|startoftext|>"})
    (weights / "tokenizer/special_tokens_map.json").write_text(json.dumps({"pad_token": "!"}))
    path = weights / "vae/diffusion_pytorch_model.safetensors"
    names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    state = {}
    for key, value in load_file(path).items():
        for later, former in names.items():
            key = key.replace(f".{later}.", f".{former}.")
        state[key] = value
    save_file(state, path, metadata={"format": "pt"})
    older = load_networks(weights, "cpu")
    assert older.settings.vae_picture.mean == networks.settings.vae_picture.mean
    assert older.settings.vae_picture.resample == 2
    assert older.settings.prompt_ids == networks.settings.prompt_ids
    pixels = torch.linspace(-0.6, 0.6, 3 * 48 * 48).reshape(1, 3, 48, 48)
    assert torch.equal(posterior(older, pixels)[0], posterior(networks, pixels)[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA")
def test_half_precision_on_cuda_stays_near(installed: Path, picture: NDArray[np.float32]) -> None:
    fast = six_views(picture, installed, "v1.1", TINY, 1, Silent())
    assert fast.device == "cuda float16"
    slow = six_views(picture, installed, "v1.1", replace(TINY, device="cpu"), 1, Silent())
    assert np.abs(fast.sheet - slow.sheet).mean() < 0.02


def test_cuda_is_not_promised(installed: Path, picture: NDArray[np.float32]) -> None:
    if torch.cuda.is_available():
        pytest.skip("CUDA is there")
    with pytest.raises(ProblemError, match="CUDA is not there") as error:
        six_views(picture, installed, "v1.1", replace(TINY, device="cuda"), 0, Silent())
    assert error.value.problem.kind is Kind.MISSING_RESOURCE
