"""The bench of the matcher: its verdicts, and that its tables are those that it names."""

from __future__ import annotations

import dataclasses

from grotto.evaluation import tables_in
from grotto.evaluation.wall import MATCHER, WayScores, matcher_bars

RATIO = WayScores(
    way="nearest neighbours, ratio",
    pairs=24,
    accuracy=0.9,
    recall=0.6,
    strict_recall=0.8,
    recall_at=(0.55, 0.5),
    turned_pairs=4,
    turned_recall_at=0.5,
    apart_pairs=24,
    apart_verified=9,
    upright_accuracy=0.9,
    upright_found=0.8,
    turned_accuracy=0.8,
    turned_found=0.7,
    pair_cpu_s=0.1,
    view_cpu_s=float("nan"),
)


def verdicts(gains: dict[str, float], false: int) -> list[str]:
    found = {
        name: [RATIO, dataclasses.replace(RATIO, way="attention", recall_at=(0.55 + gain, 0.5), apart_verified=false)]
        for name, gain in gains.items()
    }
    (table,) = tables_in(matcher_bars(found))
    assert table.heads == tuple(head.removeprefix(":") for head in MATCHER.tables[0])
    return [row[-1] for row in table.rows]


def test_each_set_has_its_own_bar() -> None:
    gains = {"thousand figures, little grain": 0.09, "thousand figures, grainy": 0.09, "real paint": 0.06, "a style": 0.075}
    assert verdicts(gains, 3)[:-1] == ["missed", "held", "missed", "held"]


def test_a_third_of_the_ratio_tests_false_pairs_is_allowed() -> None:
    assert [verdicts({"real paint": 0.1}, false)[-1] for false in (3, 4)] == ["held", "missed"]
