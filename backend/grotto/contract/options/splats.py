"""Options of Gaussian splats."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class SplatOptions:
    """Fit Gaussian splats."""

    splat_kind: str = option(
        default="3d", label="Splats", text="3d: ellipsoids; 2d: discs that lie on surfaces", choices=("3d", "2d")
    )
    splat_steps: int = option(default=7000, label="Splat steps", text="Steps of the fit", least=10, most=1_000_000)
    splats_most: int = option(
        default=500_000, label="Maximum splats", text="Largest number of splats", least=100, most=20_000_000
    )
    densify: str = option(
        default="mcmc",
        label="Densification",
        text="mcmc relocates dead splats; default splits and clones by gradient; none keeps the sparse points",
        choices=("mcmc", "default", "none"),
    )
    sh_degree: int = option(
        default=2, label="View dependence", text="Degree of the spherical harmonics of colour", least=0, most=3
    )
    align_splats: bool = option(
        default=False,
        label="Align to surfaces",
        text="Flatten ellipsoids onto surfaces: a better mesh from splats, slower, slightly worse pictures",
    )
    exposure: bool = option(default=True, label="Even out exposure", text="Fit a brightness and tint for each photo")
    splat_seed: int = option(default=0, label="Splat seed", text="Seed of the fit's random choices", least=0, most=2**31 - 1)
