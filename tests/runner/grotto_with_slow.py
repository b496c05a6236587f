"""The command line with the tests' recipe beside the real ones: `python grotto_with_slow.py run slow ...`"""

import sys

import slow_recipe

from grotto.cli import main
from grotto.recipes import RECIPES, Entry

RECIPES["slow"] = Entry("slow_recipe", slow_recipe.SlowOptions, slow_recipe.QUALITIES)
sys.exit(main())
