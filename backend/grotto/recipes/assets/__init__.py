"""Assets of a result, for every recipe."""

from .asset_list import AssetList

__all__ = ["AssetList"]
