"""Refusals: problems with the HTTP status that tells a client what became of its request."""

from __future__ import annotations

from ..contract import Action, Kind, Problem, ProblemError

STATUS = {Kind.BAD_INPUT: 422, Kind.MISSING_RESOURCE: 503, Kind.BUG: 500}


class Refusal(ProblemError):
    """A problem of the request itself: no such job, not in this state, no right."""

    def __init__(self, status: int, cause: str, remedy: str, action: Action = Action.NONE) -> None:
        super().__init__(Problem(Kind.BAD_INPUT, cause, remedy, action))
        self.status = status


def status_of(error: ProblemError) -> int:
    return error.status if isinstance(error, Refusal) else STATUS[error.problem.kind]
