"""Files of results, for every recipe."""

from .asset_list import AssetList
from .elements_file import LIST_FILE

__all__ = ["LIST_FILE", "AssetList"]
