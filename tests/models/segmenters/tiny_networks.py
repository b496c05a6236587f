"""Networks of the real kinds with tiny, random weights, saved as their publishers save theirs."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    Sam2Config,
    Sam2Model,
    SwinConfig,
    VitDetConfig,
    VitMatteConfig,
    VitMatteForImageMatting,
)
from transformers.models.sam2.configuration_sam2 import (
    Sam2HieraDetConfig,
    Sam2MaskDecoderConfig,
    Sam2PromptEncoderConfig,
    Sam2VisionConfig,
)

COCO = {0: "person", 1: "bicycle", 2: "bird"}


def save_mask2former(folder: Path) -> Path:
    torch.manual_seed(0)
    swin = SwinConfig(
        image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = Mask2FormerConfig(
        backbone_config=swin, feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_layers=1, decoder_layers=2,
        num_attention_heads=2, encoder_feedforward_dim=16, dim_feedforward=16, num_queries=6, train_num_points=48,
        id2label=COCO, label2id={name: number for number, name in COCO.items()},
    )  # fmt: skip
    Mask2FormerForUniversalSegmentation(config).save_pretrained(folder)
    return folder


def save_sam2(folder: Path) -> Path:
    torch.manual_seed(0)
    hiera = Sam2HieraDetConfig(
        hidden_size=8, num_attention_heads=1, image_size=[64, 64], blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64], num_attention_heads_per_stage=[1, 1, 1, 1], window_size_per_stage=[8, 4, 8, 4],
        window_positional_embedding_background_size=[4, 4], global_attention_blocks=[3],
    )  # fmt: skip
    vision = Sam2VisionConfig(
        backbone_config=hiera, backbone_channel_list=[64, 32, 16, 8], backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
        fpn_hidden_size=32,
    )  # fmt: skip
    prompt = Sam2PromptEncoderConfig(hidden_size=32, image_size=64, patch_size=16, mask_input_channels=4)
    decoder = Sam2MaskDecoderConfig(
        hidden_size=32, mlp_dim=32, num_hidden_layers=1, num_attention_heads=2, iou_head_hidden_dim=32
    )
    Sam2Model(Sam2Config(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder)).save_pretrained(folder)
    return folder


def save_vitmatte(folder: Path) -> Path:
    torch.manual_seed(0)
    backbone = VitDetConfig(
        num_channels=4, image_size=64, pretrain_image_size=64, patch_size=16, hidden_size=16, num_hidden_layers=1,
        num_attention_heads=2, mlp_ratio=2, use_absolute_position_embeddings=True, use_relative_position_embeddings=True,
        out_features=["stage1"],
    )  # fmt: skip
    config = VitMatteConfig(
        backbone_config=backbone, hidden_size=16, convstream_hidden_sizes=[8, 8, 8], fusion_hidden_sizes=[16, 8, 8, 8]
    )
    VitMatteForImageMatting(config).save_pretrained(folder)
    return folder


def spoiled(folder: Path) -> Path:
    """The same with a weight that is no number."""
    from safetensors.torch import load_file, save_file

    held = load_file(folder / "model.safetensors")
    bad = {key: torch.full_like(value, float("nan")) if value.is_floating_point() else value for key, value in held.items()}
    save_file(bad, folder / "model.safetensors", {"format": "pt"})
    return folder
