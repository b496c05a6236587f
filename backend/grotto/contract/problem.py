"""Problems: what went wrong, what to do, and one action; the same in the shell, over HTTP and in Blender."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The three kinds of problem; `exit_code` is what a shell sees."""

    BAD_INPUT = "bad_input"
    MISSING_RESOURCE = "missing_resource"
    BUG = "bug"

    @property
    def exit_code(self) -> int:
        return {Kind.BUG: 1, Kind.BAD_INPUT: 2, Kind.MISSING_RESOURCE: 3}[self]


EXIT_DONE = 0
EXIT_CANCELLED = 130


class Action(StrEnum):
    """What a button beside the problem does; NONE draws no button."""

    NONE = ""
    RETRY = "retry"
    CHOOSE_FOLDER = "choose_folder"
    CHANGE_OPTIONS = "change_options"
    START_BACKEND = "start_backend"
    OPEN_PREFERENCES = "open_preferences"
    OPEN_LOG = "open_log"


@dataclass(frozen=True)
class Problem:
    """Cause and remedy are plain phrases without an end stop: "the folder holds no photo", "choose a folder of photos"."""

    kind: Kind
    cause: str
    remedy: str
    action: Action = Action.NONE
    option: str = ""  # flat name of the option to change, where the cause is a single one

    def sentence(self) -> str:
        """The one sentence that users read."""
        cause = self.cause[:1].upper() + self.cause[1:]
        return f"{cause}: {self.remedy}." if self.remedy else f"{cause}."

    def as_json(self) -> dict[str, Any]:
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Problem:
        return cls(Kind(data["kind"]), data["cause"], data["remedy"], Action(data.get("action", "")), data.get("option", ""))


class ProblemError(Exception):
    """Raised where the fault is; carries the problem to the shell, HTTP or Blender."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem


class Cancelled(Exception):
    """The user asked to stop. Not a problem: raised by `Progress` inside a stage."""


def bad_input(cause: str, remedy: str, action: Action = Action.CHANGE_OPTIONS, *, option: str = "") -> ProblemError:
    """The user's files or options cannot be used; `option` names the one option that causes it."""
    return ProblemError(Problem(Kind.BAD_INPUT, cause, remedy, action, option))


def missing_resource(cause: str, remedy: str, action: Action = Action.NONE, *, option: str = "") -> ProblemError:
    """Memory, disk, a program, weights or a right that the work needs is missing; `option` names the one that asks for it."""
    return ProblemError(Problem(Kind.MISSING_RESOURCE, cause, remedy, action, option))


def bug(cause: str, remedy: str = "open the log, and send it with a report", action: Action = Action.OPEN_LOG) -> ProblemError:
    """A fault of ours."""
    return ProblemError(Problem(Kind.BUG, cause, remedy, action))
