"""Gaussian splats as SPZ, about a tenth of the PLY's size.

Gzipped, little endian: a header of 16 bytes (NGSP, version, count, degree, fractional bits, flags, 0), then all positions
(24-bit fixed point), opacities (8 bit), base colours (8 bit), sizes (log, 8 bit), rotations and harmonics (8 bit, terms by
degree, red green blue inside of a term). Version 3 keeps the smallest three of a quaternion in 10 bits each, version 2 x, y, z
in 8 bits. Source: src/cc/load-spz.cc of nianticlabs/spz.

SPZ is y-up with x to the right, like glTF; our z is up again when it is read.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input, malformed_as_bad_input
from .harmonics import harmonic_terms
from .inflation import refuse_inflated
from .ply import SplatCloud

_MAGIC, _VERSION = 0x5053474E, 3
_HEADER = struct.Struct("<IIIBBBB")
_EXTENDED = 2  # flag: records of other makers lie between header and positions
_COLOUR_SCALE = 0.15  # of base coefficients
_MOST_BITS = 18  # fractional bits of positions; a scene of 32 units still fits
_COUNTS = (0, 3, 8, 15)  # terms above degree 0
_FLOATS = 14  # of a splat, without its terms above degree 0
_AT_ONCE = 65536  # splats; on the way their numbers are doubles
_STEPS = (8, 16, 16)  # of the 256 levels of terms of degrees 1 to 3: 5 bits, then 4 (the reference's defaults)
_TURN = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # file (y up) from world (z up)
_TURN_QUATERNION = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])  # the same, w x y z

Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]


def write_spz(path: Path, cloud: SplatCloud) -> None:
    """Write splats as SPZ version 3. Positions keep as many fractional bits as the scene's size leaves.

    What does not fit is clipped: harmonics above degree 0 to -1 .. 1, base coefficients to 3.3, sizes to e^-10 .. e^5.9.
    """
    degree = _COUNTS.index(cloud.harmonics.shape[1] - 1)
    means = cloud.means @ _TURN.T
    reach = float(np.abs(means).max(initial=1e-6))
    bits = int(np.clip(np.floor(np.log2((2**23 - 1) / reach)), 0, _MOST_BITS))
    rest = _turned_terms(cloud.harmonics[:, 1:], _TURN)
    levels = np.concatenate([np.full(2 * d + 3, _STEPS[d]) for d in range(degree)]) if degree else np.zeros(0)
    step = levels[None, :, None]
    quantised = np.floor((np.round(rest * 128) + 128 + step // 2) / np.maximum(step, 1)) * step
    parts = [
        _HEADER.pack(_MAGIC, _VERSION, len(cloud), degree, bits, 0, 0),
        _fixed_24(np.round(means * 2.0**bits).astype(np.int32)),
        _byte(255 / (1 + np.exp(-cloud.opacity_logits.astype(np.float64)))).tobytes(),
        _byte(cloud.harmonics[:, 0] * (_COLOUR_SCALE * 255) + 127.5).tobytes(),
        _byte((cloud.log_scales + 10) * 16).tobytes(),
        _smallest_three(_product(_TURN_QUATERNION, cloud.quaternions)).tobytes(),
        _byte(quantised).tobytes(),
    ]
    path.write_bytes(gzip.compress(b"".join(parts), compresslevel=6, mtime=0))


def read_spz(path: Path) -> SplatCloud:
    """Read SPZ of versions 2 and 3.

    Raises a bad-input problem where it is no such file, is cut short, or would take more than ten times its size and 100 MB.
    """
    with malformed_as_bad_input(f"{path.name} is no SPZ file, or is cut short", "choose an SPZ file of splats"):
        packed = path.read_bytes()
        stream = zlib.decompressobj(wbits=31)  # gzip
        head = stream.decompress(packed, _HEADER.size)
        magic, version, count, degree, bits, flags, _ = _HEADER.unpack(head)
    if magic != _MAGIC or version not in (2, 3) or degree > 3 or flags & _EXTENDED:
        raise bad_input(f"{path.name} is not plain SPZ of version 2 or 3", "save the splats as SPZ version 3 or as PLY")
    terms = _COUNTS[degree]
    widths = (9, 1, 3, 3, 4 if version == 3 else 3, 3 * terms)
    with malformed_as_bad_input(f"the splats of {path.name} cannot be read", "copy or make the file again"):
        refuse_inflated(count * (sum(widths) + _FLOATS * 4 + 12 * terms), len(packed))
        wanted = count * sum(widths)
        data = stream.decompress(stream.unconsumed_tail, wanted) if wanted else b""
        more = stream.decompress(stream.unconsumed_tail, 1)  # reads the checksum where nothing is left
        if more:
            raise ValueError("it holds more than its header says")
    if len(data) < wanted or not stream.eof:
        raise bad_input(f"{path.name} is cut short", "copy or make the file again")
    columns, at = [], 0
    for width in widths:
        columns.append(np.frombuffer(data, np.uint8, count * width, at).reshape(count, width))
        at += count * width
    cloud = SplatCloud(
        means=np.empty((count, 3), np.float32),
        quaternions=np.empty((count, 4), np.float32),
        log_scales=np.empty((count, 3), np.float32),
        opacity_logits=np.empty(count, np.float32),
        harmonics=np.empty((count, 1 + terms, 3), np.float32),
    )
    for start in range(0, count, _AT_ONCE):
        _unpack(cloud, slice(start, start + _AT_ONCE), columns, bits, version)
    return cloud


def _unpack(cloud: SplatCloud, rows: slice, columns: Sequence[Bytes], bits: int, version: int) -> None:
    """Fill some rows of the cloud."""
    places, opacity, base, size, rotation, rest = (column[rows] for column in columns)
    inverse = _TURN_QUATERNION * (1, -1, -1, -1)
    alpha = np.clip(opacity[:, 0] / 255.0, 0.5 / 255, 254.5 / 255)  # 0 and 255 stand for all that rounds to them
    cloud.means[rows] = _from_fixed_24(places) / 2.0**bits @ _TURN
    cloud.quaternions[rows] = _product(inverse, _from_smallest_three(rotation) if version == 3 else _from_first_three(rotation))
    cloud.log_scales[rows] = size / 16.0 - 10
    cloud.opacity_logits[rows] = np.log(alpha / (1 - alpha))
    cloud.harmonics[rows, 0] = (base / 255.0 - 0.5) / _COLOUR_SCALE
    cloud.harmonics[rows, 1:] = _turned_terms((rest.reshape(len(rest), rest.shape[1] // 3, 3) - 128.0) / 128.0, _TURN.T)


def _byte(values: Floats) -> Bytes:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _fixed_24(values: NDArray[np.int32]) -> bytes:
    return values.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()


def _from_fixed_24(places: Bytes) -> NDArray[np.float64]:
    three = places.reshape(-1, 3, 3).astype(np.int32)
    whole = three[..., 0] | three[..., 1] << 8 | three[..., 2] << 16
    return np.where(whole >= 1 << 23, whole - (1 << 24), whole).astype(np.float64)


def _smallest_three(quaternions: Floats) -> NDArray[np.uint32]:
    """(n,) of unit quaternions (n, 4) w x y z: 2 bits say which of x y z w is largest, 10 bits hold each other one."""
    ordered = quaternions[:, [1, 2, 3, 0]]
    largest = np.abs(ordered).argmax(1)
    flipped = np.take_along_axis(ordered, largest[:, None], 1)[:, 0] < 0
    packed = largest.astype(np.uint32)
    for axis in range(4):
        negative = ((ordered[:, axis] < 0) ^ flipped).astype(np.uint32)
        size = np.minimum(511 * np.abs(ordered[:, axis]) * np.sqrt(2) + 0.5, 511).astype(np.uint32)
        packed = np.where(axis == largest, packed, packed << 10 | negative << 9 | size)
    return packed.astype("<u4")


def _from_smallest_three(rotation: Bytes) -> NDArray[np.float64]:
    packed = np.ascontiguousarray(rotation).view("<u4")[:, 0]
    largest = packed >> 30
    ordered = np.zeros((len(packed), 4))
    for axis in (3, 2, 1, 0):  # the last one written lies in the lowest bits
        other = axis != largest
        size = (packed & 511) / 511 * np.sqrt(0.5)
        ordered[:, axis] = np.where(other, np.where(packed >> 9 & 1, -size, size), 0)
        packed = np.where(other, packed >> 10, packed)
    rest = np.sqrt(np.maximum(0, 1 - np.square(ordered).sum(1)))
    np.put_along_axis(ordered, largest[:, None].astype(np.int64), rest[:, None], 1)
    return ordered[:, [3, 0, 1, 2]]


def _from_first_three(rotation: Bytes) -> NDArray[np.float64]:
    xyz = rotation / 127.5 - 1
    w = np.sqrt(np.maximum(0, 1 - np.square(xyz).sum(1, keepdims=True)))
    return np.concatenate([w, xyz], 1)


def _product(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Quaternions (n, 4) w x y z of turning by `second` (n, 4), then by `first` (4,)."""
    a, b, c, d = first
    w, x, y, z = second.astype(np.float64).T
    real = a * w - b * x - c * y - d * z
    return np.stack([real, a * x + b * w + c * z - d * y, a * y - b * z + c * w + d * x, a * z + b * y - c * x + d * w], 1)


def _turned_terms(rest: Floats, turn: Floats) -> NDArray[np.float64]:
    """Coefficients (n, k, 3) of harmonics above degree 0 in a frame turned by `turn` (3, 3), new from old.

    Found by least squares over directions: within a degree, turned harmonics are sums of harmonics, so the fit is exact.
    """
    degree = _COUNTS.index(rest.shape[1])
    if not degree:
        return rest.astype(np.float64)
    directions = np.random.default_rng(0).normal(size=(64, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    old, new = _basis(directions, degree), _basis(directions @ turn.T, degree)
    matrix = np.linalg.lstsq(new, old, rcond=None)[0]  # new basis @ matrix = old basis
    return np.einsum("jk,nkc->njc", matrix, rest.astype(np.float64))


def _basis(directions: Floats, degree: int) -> NDArray[np.float64]:
    return np.stack(harmonic_terms(directions[:, 0], directions[:, 1], directions[:, 2], degree), 1)
