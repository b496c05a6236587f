"""Reference attention: the UNet attends to the condition picture through its own self-attention.

Zero123++ (2310.15110), section 2.2, after Zhang's reference-only ControlNet. A writing pass over the condition stores the tokens
that enter each self-attention; in the reading pass each self-attention takes its keys and values from its own tokens followed by
the stored ones of the same layer. Cross-attention is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

_SELF_ATTENTION = "attn1.processor"  # diffusers' name of a transformer block's self-attention


class Reference:
    """The stored tokens of one condition, and the current pass. One per UNet; made by `attach_reference`."""

    def __init__(self, layers: int) -> None:
        self.layers = layers  # calls of `on_layer` in one pass
        self._stored: dict[str, Tensor] = {}
        self._writing = False
        self._on_layer: Callable[[], None] | None = None

    @contextmanager
    def writing(self, stored: dict[str, Tensor], on_layer: Callable[[], None]) -> Iterator[None]:
        """Store the tokens of every self-attention in `stored`; call `on_layer`, which may raise, before each layer."""
        with self._pass(stored, on_layer, writing=True):
            yield

    @contextmanager
    def reading(self, stored: dict[str, Tensor], on_layer: Callable[[], None]) -> Iterator[None]:
        """Add the tokens in `stored` to the keys and values of every self-attention; call `on_layer` before each layer."""
        with self._pass(stored, on_layer, writing=False):
            yield

    @contextmanager
    def _pass(self, stored: dict[str, Tensor], on_layer: Callable[[], None], *, writing: bool) -> Iterator[None]:
        self._stored, self._writing, self._on_layer = stored, writing, on_layer
        try:
            yield
        finally:
            self._stored, self._writing, self._on_layer = {}, False, None

    def before_layer(self, *_: object) -> None:
        """Run before each layer with weights, as a forward hook."""
        if self._on_layer is not None:
            self._on_layer()

    def keys_of(self, layer: str, tokens: Tensor) -> Tensor:
        """Tokens (b, n + m, c) for keys and values of a layer whose own are `tokens` (b, n, c); stores these while writing."""
        if self._writing:
            self._stored[layer] = tokens
            return tokens
        return torch.cat([tokens, self._stored[layer]], dim=1) if layer in self._stored else tokens


class _Processor:
    """diffusers' processor of a self-attention, with keys and values that the reference extends."""

    def __init__(self, layer: str, reference: Reference, plain: Any) -> None:
        self._layer, self._reference, self._plain = layer, reference, plain

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        return self._plain(attn, hidden_states, self._reference.keys_of(self._layer, hidden_states), attention_mask, temb)


def attach_reference(unet: Any) -> Reference:
    """Give every self-attention of a UNet2DConditionModel a processor that writes to and reads from one reference."""
    from diffusers.models import attention_processor

    processors: Any = attention_processor  # its classes carry no types
    plain = processors.AttnProcessor2_0()
    with_weights = [module for module in unet.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    reference = Reference(len(with_weights))
    for module in with_weights:  # a pass takes a minute on a slow machine: a job can be cancelled within one
        module.register_forward_pre_hook(reference.before_layer)
    extended = {
        name: _Processor(name.removesuffix(".processor"), reference, plain)
        for name in unet.attn_processors
        if name.endswith(_SELF_ATTENTION)
    }
    unet.set_attn_processor({name: extended.get(name, plain) for name in unet.attn_processors})
    return reference
