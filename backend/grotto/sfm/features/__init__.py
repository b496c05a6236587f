"""Local features of photos."""

from .sift import DATABASE, GUESSED_FOCAL, Features, database_name, extract_features, find_features, forecast_features

__all__ = ["DATABASE", "GUESSED_FOCAL", "Features", "database_name", "extract_features", "find_features", "forecast_features"]
