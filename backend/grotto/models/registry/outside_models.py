"""Other people's models that Grotto runs as they are: an installed copy in its own environment, in a process of its own.

Facts are the publishers' (their READMEs and licence files). None of these models is a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...contract import bad_input


@dataclass(frozen=True, kw_only=True)
class OutsideModel:
    """What there is to know of a model before it is run."""

    name: str
    title: str  # as its publisher writes it
    task: str
    licence: str  # of code and weights
    use: str  # what the licence allows, in a phrase
    memory: str  # what it needs while it works, and whose figure that is
    memory_mb: (
        int  # free on the graphics card (10^6 bytes), the least with which it is tried: a figure for a card less its own use
    )
    memory_of: tuple[tuple[str, str, int], ...] = ()  # versions of other needs: a folder of the checkout, `memory`, `memory_mb`
    needs_cuda: bool
    package: str  # a file or folder by which a checkout is known
    install: str  # how to get it, in sentences

    def terms(self) -> str:
        """Licence and use in one phrase."""
        return f"licence {self.licence} ({self.use})"

    def memory_in(self, checkout: Path) -> tuple[str, int]:
        """Memory in words and the least in MB of the version that lies in `checkout`."""
        found = [(words, least) for folder, words, least in self.memory_of if (checkout / folder).exists()]
        return found[0] if found else (self.memory, self.memory_mb)

    def how_to_get(self) -> str:
        """What to do where it is not connected."""
        return f"{self.install}. Then `grotto models connect {self.name} --folder CHECKOUT --python ITS_PYTHON`"


_TASK = "a textured model from one picture"

_ENTRIES = (
    OutsideModel(
        name="triposr", title="TripoSR", task=_TASK, licence="MIT", use="commercial use allowed",
        memory="about 6 GB on a graphics card (its publisher's figure); runs on processors, too",
        memory_mb=6_000, needs_cuda=False, package="tsr",
        install="clone github.com/VAST-AI-Research/TripoSR, make an environment in it, and install torch and its "
        "requirements.txt there; run its run.py once, which fetches the weights",
    ),
    OutsideModel(
        name="trellis", title="TRELLIS", task=_TASK, licence="MIT; parts that it compiles have licences of their own",
        use="commercial use allowed by its own licence", memory="a graphics card of 16 GB (its publisher's figure)",
        memory_mb=14_000, needs_cuda=True, package="trellis",
        install="clone github.com/microsoft/TRELLIS with its submodules and run its setup.sh as its README says (Linux); run its "
        "example.py once, which fetches the weights",
    ),
    OutsideModel(
        name="instantmesh", title="InstantMesh", task=_TASK, licence="Apache-2.0; the Zero123++ weights in it CC BY-NC 4.0",
        use="NO commercial use, because of Zero123++",
        memory="a graphics card of 24 GB (its users' reports; its publisher used one of 32 GB)",
        memory_mb=20_000, needs_cuda=True, package="src/models/lrm_mesh.py",
        install="clone github.com/TencentARC/InstantMesh, make an environment in it, and install torch and its requirements.txt "
        "there; put its two files of weights into its folder ckpts and run its run.py once, which fetches Zero123++",
    ),
    OutsideModel(
        name="hunyuan3d", title="Hunyuan3D 2", task=_TASK, licence="Tencent Hunyuan 3D community licence",
        use="NO use in the European Union, the United Kingdom and South Korea; elsewhere under conditions",
        memory="2.0: 16 GB on a graphics card; 2.1: 21 GB, since the shape is freed before the texture (its publisher's figures)",
        memory_mb=14_000, needs_cuda=True,
        memory_of=(("hy3dshape", "21 GB on a graphics card: 10 for the shape, then 21 for the texture (publisher's)", 20_000),),
        package="hy3dgen or hy3dshape",
        install="clone github.com/Tencent/Hunyuan3D-2 or github.com/Tencent-Hunyuan/Hunyuan3D-2.1, install its requirements and "
        "its compiled parts as its README says; run its minimal_demo.py (2.1: demo.py) once, which fetches the weights",
    ),
)  # fmt: skip

OUTSIDE_MODELS = {model.name: model for model in _ENTRIES}


def outside_model(name: str) -> OutsideModel:
    """The entry of that name; raises a bad-input problem where there is none."""
    if name not in OUTSIDE_MODELS:
        raise bad_input(f"there is no model {name!r} to connect", f"choose one of {', '.join(OUTSIDE_MODELS)}")
    return OUTSIDE_MODELS[name]
