"""Options of the small recipe, apart from its stages: shell and server start without what the stages load."""

from __future__ import annotations

from grotto.contract import group, option, option_group
from grotto.contract.recipes import RecipeOptions


@option_group
class FirstOptions:
    """The first stage."""

    word: str = option("hello", "Word", "What the first stage writes")
    note: str = option("", "Note", "What the first stage notes besides")
    first_seconds: float = option(0.0, "First seconds", "How long the first stage takes", unit="s", least=0.0, most=100.0)


@option_group
class SecondOptions:
    """The second stage."""

    act: str = option("", "Act", "What the second stage does to its process")
    second_seconds: float = option(0.0, "Second seconds", "How long the second stage takes", unit="s", least=0.0, most=100.0)
    needs_mb: int = option(0, "Needs", "Memory forecast of the second stage", unit="MB", least=0, most=10_000_000)


@option_group
class ThirdOptions:
    """The third stage."""

    third_seconds: float = option(0.0, "Third seconds", "How long the third stage takes", unit="s", least=0.0, most=100.0)
    times: int = option(1, "Times", "How often the text is repeated", least=1, most=10)


@option_group
class SlowOptions(RecipeOptions):
    """A recipe that takes its time."""

    first: FirstOptions = group(default_factory=FirstOptions)
    second: SecondOptions = group(default_factory=SecondOptions)
    third: ThirdOptions = group(default_factory=ThirdOptions)


QUALITIES = {"draft": SlowOptions(), "standard": SlowOptions(third=ThirdOptions(times=2)), "high": SlowOptions()}
