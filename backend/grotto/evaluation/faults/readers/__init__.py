"""Every reader of files that others may have written, given damaged ones: it refuses them in words or reads them."""

from .cases import Case, run_cases
from .reader import Reader
from .registry import READERS
from .table import READER_HEADS, run_readers
from .trials import READER_TRIALS

__all__ = ["READERS", "READER_HEADS", "READER_TRIALS", "Case", "Reader", "run_cases", "run_readers"]
