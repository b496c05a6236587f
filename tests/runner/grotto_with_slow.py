"""The command line with the tests' recipe beside the real ones: `python grotto_with_slow.py run slow ...`"""

import sys

import slow_options

from grotto.cli import main
from grotto.recipes import RECIPES, Entry

RECIPES["slow"] = Entry("slow_recipe", slow_options.SlowOptions, slow_options.QUALITIES)
sys.exit(main())
