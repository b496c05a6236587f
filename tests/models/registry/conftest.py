"""The tests of this folder share `local_hub`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
