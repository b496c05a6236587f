"""Real spherical harmonics to degree 3, in the order and with the signs of splat files, of numpy arrays or tensors alike.

Constants: Sloan, Stupid Spherical Harmonics Tricks, 2008, appendix A2; signs and order as in the 3DGS PLY layout
(utils/sh_utils.py of graphdeco-inria/gaussian-splatting).
"""

from __future__ import annotations

from typing import Any

DEGREE_0 = 0.28209479177387814
_DEGREE_1 = 0.4886025119029199
_DEGREE_2 = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
_DEGREE_3 = (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154, 1.445305721320277)


def harmonic_terms(x: Any, y: Any, z: Any, degree: int) -> list[Any]:
    """The (degree + 1)^2 - 1 functions of degrees 1 to `degree` at unit directions, coordinates of any one shape."""
    terms: list[Any] = []
    if degree >= 1:
        terms += [-_DEGREE_1 * y, _DEGREE_1 * z, -_DEGREE_1 * x]
    if degree >= 2:
        a, b, c = _DEGREE_2
        xx, yy, zz = x * x, y * y, z * z
        terms += [a * x * y, -a * y * z, b * (2 * zz - xx - yy), -a * x * z, c * (xx - yy)]
    if degree >= 3:
        a, b, c, d, e = _DEGREE_3
        terms += [
            -a * y * (3 * xx - yy),
            b * x * y * z,
            -c * y * (4 * zz - xx - yy),
            d * z * (2 * zz - 3 * xx - 3 * yy),
            -c * x * (4 * zz - xx - yy),
            e * z * (xx - yy),
            -a * x * (xx - 3 * yy),
        ]
    return terms
