"""Reference attention: the UNet looks at the condition picture through its own self-attention.

Zero123++ (2310.15110), section 2.2, after Zhang's reference-only ControlNet. A writing pass over the condition keeps the tokens
that enter each self-attention; in the reading pass each self-attention takes its keys and values from its own tokens followed by
the kept ones of the same layer. Cross-attention is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

_SELF_ATTENTION = "attn1.processor"  # diffusers' name of a transformer block's self-attention


class Reference:
    """The tokens of one condition, and which pass is on. One per UNet; made by `attach_reference`."""

    def __init__(self) -> None:
        self.told_a_pass = 0  # how often `heard` is called in one pass
        self._kept: dict[str, Tensor] = {}
        self._writing = False
        self._heard: Callable[[], None] | None = None

    @contextmanager
    def writing(self, kept: dict[str, Tensor], heard: Callable[[], None]) -> Iterator[None]:
        """Within it, every self-attention puts its tokens into `kept`; `heard` is called at each layer, and may raise."""
        with self._on(kept, heard, writing=True):
            yield

    @contextmanager
    def reading(self, kept: dict[str, Tensor], heard: Callable[[], None]) -> Iterator[None]:
        """Within it, every self-attention reads its tokens in `kept`."""
        with self._on(kept, heard, writing=False):
            yield

    @contextmanager
    def _on(self, kept: dict[str, Tensor], heard: Callable[[], None], *, writing: bool) -> Iterator[None]:
        self._kept, self._writing, self._heard = kept, writing, heard
        try:
            yield
        finally:
            self._kept, self._writing, self._heard = {}, False, None

    def tell(self, *_: object) -> None:
        """Called before each layer with weights."""
        if self._heard is not None:
            self._heard()

    def seen(self, layer: str, tokens: Tensor) -> Tensor:
        """Told the tokens (b, n, c) that enter a layer; what its keys and values are to be made of, (b, n + m, c)."""
        if self._writing:
            self._kept[layer] = tokens
            return tokens
        return torch.cat([tokens, self._kept[layer]], dim=1) if layer in self._kept else tokens


class _Processor:
    """A self-attention's processor in diffusers' sense: the usual one, with keys and values from what the reference says."""

    def __init__(self, layer: str, reference: Reference) -> None:
        from diffusers.models.attention_processor import AttnProcessor2_0

        self._layer, self._reference, self._usual = layer, reference, AttnProcessor2_0()  # type: ignore[no-untyped-call]

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        read = self._reference.seen(self._layer, hidden_states)
        return self._usual(attn, hidden_states, read, attention_mask, temb)


def attach_reference(unet: Any) -> Reference:
    """Give every self-attention of a UNet2DConditionModel a processor that writes to and reads from one reference."""
    from diffusers.models.attention_processor import AttnProcessor2_0

    reference = Reference()
    layers = tuple(name.removesuffix(".processor") for name in unet.attn_processors if name.endswith(_SELF_ATTENTION))
    weighty = [module for module in unet.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    for module in weighty:  # a pass takes a minute on a slow machine: a cancel is to be heard within
        module.register_forward_pre_hook(reference.tell)
    reference.told_a_pass = len(weighty)
    usual = AttnProcessor2_0()  # type: ignore[no-untyped-call]
    ours = {f"{layer}.processor": _Processor(layer, reference) for layer in layers}
    unet.set_attn_processor({name: ours.get(name, usual) for name in unet.attn_processors})
    return reference
