"""A device that exists nowhere: tensors on it compute on the CPU, and say that they are elsewhere.

Its name is torch's `meta`, the only other device of a build without CUDA; unlike real meta tensors these hold values. As on CUDA,
an operation on tensors of two devices is refused (scalars excepted), so are random numbers of a generator of the CPU, and every
copy to the CPU is counted. So a default device, a forgotten `device=` and a hidden `.cpu()` are found without a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = torch.device("meta")
_FEW = 16


class Elsewhere(Tensor):
    """A tensor on the stand-in device; its values are in `values`, on the CPU."""

    values: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, values: Tensor) -> Elsewhere:
        return Tensor._make_wrapper_subclass(
            cls, values.shape, strides=values.stride(), storage_offset=values.storage_offset(), dtype=values.dtype, device=DEVICE,
        )  # fmt: skip

    def __init__(self, values: Tensor) -> None:
        self.values = values

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        raise AssertionError("a tensor of the stand-in device is used outside of `stand_in_device`")


class Copies:
    """Copies of tensors to the CPU, by the number of their values."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    @property
    def large(self) -> list[int]:
        """Copies of more than a few numbers, which control the flow."""
        return [size for size in self.sizes if size > _FEW]


class _Dispatch(TorchDispatchMode):
    """Runs operations on the values, and watches over devices."""

    def __init__(self, copies: Copies) -> None:
        super().__init__()
        self._copies = copies

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        kwargs = dict(kwargs or {})
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        elsewhere = [leaf for leaf in given if isinstance(leaf, Elsewhere)]
        target = kwargs.get("device")
        moved = target is not None and torch.device(target) != DEVICE
        on_it = (bool(elsewhere) and not moved) or (target is not None and torch.device(target) == DEVICE)
        copies = func is torch.ops.aten._to_copy.default or func is torch.ops.aten.copy_.default
        strangers = [leaf for leaf in given if not isinstance(leaf, Elsewhere) and leaf.ndim > 0]
        if elsewhere and strangers and not copies:
            raise RuntimeError(f"{func} mixes tensors of the stand-in device with tensors of {strangers[0].device}")
        if target is not None and torch.device(target) == DEVICE:
            kwargs["device"] = torch.device("cpu")
            generator = kwargs.get("generator")
            if generator is not None:
                raise RuntimeError(f"{func} draws on the stand-in device with a generator of {generator.device}")
        if elsewhere and (moved or func is torch.ops.aten._local_scalar_dense.default):
            self._copies.sizes.append(elsewhere[0].numel())
        result = func(*tree_map(_values, args), **tree_map(_values, kwargs))
        if not on_it or func is torch.ops.aten._local_scalar_dense.default:
            return result
        by_values = {id(leaf.values): leaf for leaf in elsewhere}  # operations in place give back the tensor that they were given
        return tree_map(lambda leaf: by_values.get(id(leaf), Elsewhere(leaf)) if isinstance(leaf, Tensor) else leaf, result)


class _Functions(TorchFunctionMode):
    """Constructors from Python values bypass dispatch: made on the CPU, then moved."""

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") is not None:
            target = torch.device(kwargs.pop("device"))
            made = func(*args, **kwargs)
            return made if target == made.device else made.detach().to(target).requires_grad_(made.requires_grad)
        if func is Tensor.new_tensor and isinstance(args[0], Elsewhere):
            return args[0].values.new_tensor(*args[1:], **kwargs).to(DEVICE)
        if func is Tensor.__getitem__ and isinstance(args[0], Elsewhere):
            index = args[1] if isinstance(args[1], tuple) else (args[1],)
            return args[0][tuple(torch.tensor(part).to(DEVICE) if isinstance(part, list) else part for part in index)]
        if func is Tensor.tolist and isinstance(args[0], Elsewhere):
            return args[0].cpu().tolist()
        return func(*args, **kwargs)


def _values(leaf: Any) -> Any:
    return leaf.values if isinstance(leaf, Elsewhere) else leaf


@contextmanager
def stand_in_device() -> Iterator[tuple[Callable[[Tensor], Tensor], Copies]]:
    """Within it, tensors can be moved onto the stand-in device; yields the move, and the copies back to the CPU."""
    copies = Copies()
    with _Functions(), _Dispatch(copies):
        yield lambda tensor: tensor.to(DEVICE), copies


def values_of(tensor: Tensor) -> Tensor:
    """The values of a tensor on the stand-in device. Fails for a tensor on any other."""
    assert isinstance(tensor, Elsewhere), f"a result is on {tensor.device} and not on the device of its input"
    return tensor.values.detach()
