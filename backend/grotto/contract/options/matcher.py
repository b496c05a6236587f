"""Options of the wall's choice of matcher."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class MatcherOptions:
    """Choose how the points of two photos of a wall are matched."""

    matcher: str = option(
        default="sift",
        label="Matcher",
        text="sift takes nearest neighbours with a ratio test; attention lets a trained network judge each pair as a whole",
        choices=("sift", "attention"),
    )
    matcher_points: int = option(
        default=2048,
        label="Matcher's points",
        text="attention: the largest points of a photo that the network looks at; the others follow its matches",
        least=64,
        most=16384,
    )
    match_probability: float = option(
        default=0.3,
        label="Match probability",
        text="attention: drop matches below this probability; lower gives more matches and more false ones",
        least=0.001,
        most=0.99,
    )
    matcher_folder: str = option(
        default="",
        label="Matcher's folder",
        text="attention: folder that grotto train matcher made; empty takes the matcher that comes with Grotto",
        path=True,
    )
