"""The tests of this folder share `stand_in` and `stand_in_checkouts`: processes in place of models."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
