"""`python -m grotto` is `grotto`."""

import sys

from .cli import main

sys.exit(main())
