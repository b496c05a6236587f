"""Local features of photos."""

from .sift import DATABASE, Features, database_name, extract_features, find_features, forecast_features

__all__ = ["DATABASE", "Features", "database_name", "extract_features", "find_features", "forecast_features"]
