"""Are a model's files whole, and are they those that were published?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ...contract import Part, Problem, ProblemError, Progress, Silent
from .entries import Model, ModelFile, megabytes
from .folder import find, size_of
from .weights_file import broken, check_weights_file

_BLOCK = 8 * 1024 * 1024  # bytes; some hundred blocks a second, so a job can be cancelled
_ALLOWED = 0.1  # of the published size, which is rounded, and for some files that of a sister


@dataclass(frozen=True)
class Verification:
    """What was found out about an installed model."""

    name: str
    problems: tuple[Problem, ...]
    compared: tuple[str, ...]  # weights files that have their published hash: known here, or in the list they were fetched by
    not_comparable: tuple[str, ...]  # weights files of which no published hash is known
    unlike: str = ""  # a sentence where the size differs from that of the published files
    revision: str = ""  # the publisher's commit that was fetched

    @property
    def sound(self) -> bool:
        return not self.problems

    def text(self) -> str:
        """For people, some lines."""
        lines = [problem.sentence() for problem in self.problems]
        if self.sound:
            lines.append(f"{self.name} is whole: every file is there, lengths agree with headers, nothing changed since it came.")
        if self.unlike:
            lines.append(self.unlike)
        if self.compared:
            at = f", at revision {self.revision[:12]}" if self.revision else ""
            lines.append(f"Has its published hash{at}: {', '.join(self.compared)}.")
        if self.not_comparable:
            lines.append(f"Not possible, since no published hash is known: comparing {', '.join(self.not_comparable)}.")
        return "\n".join(lines) + "\n"


def verify(name: str, report: Progress | None = None) -> Verification:
    """Read every weights file of an installed model: headers, lengths, published hashes, and the hashes of its installation.

    Raises the problems of `find` where the model is not there; what is wrong with its files stands in the result.
    """
    report = report or Silent()
    installed = find(name)
    weights = [file for file in installed.model.files if file.is_weights]
    problems: list[Problem] = []
    compared: list[str] = []
    for index, file in enumerate(weights):
        try:
            check_weights_file(installed.folder / file.path, f"{name}/{file.path}")
            found = hash_of(installed.folder / file.path, Part(report, index / len(weights), (index + 1) / len(weights)))
            check_hash(name, file, found)
            if file.sha256 is None and installed.record.sha256.get(file.path, found) != found:
                raise broken(f"{name}/{file.path}", "it changed after it was installed")
            if file.sha256 is not None or file.path in installed.record.as_listed:
                compared.append(file.path)
        except ProblemError as error:
            problems.append(error.problem)
    unknown = tuple(file.path for file in weights if file.sha256 is None and file.path not in installed.record.as_listed)
    unlike = unlike_published(installed.model, size_of(installed.folder))
    return Verification(name, tuple(problems), tuple(compared), unknown, unlike, installed.record.revision)


def unlike_published(model: Model, size_bytes: int) -> str:
    """A sentence where the files are not of the published size; tuned or converted weights may rightly differ."""
    if abs(size_bytes - model.size_bytes) <= _ALLOWED * model.size_bytes:
        return ""
    found, published = megabytes(size_bytes), megabytes(model.size_bytes)
    return f"These files take {found}, the published ones of {model.name} {published}: they are others."


def check_hash(name: str, file: ModelFile, found: str) -> None:
    """Raise a bad-input problem where the file has a published hash and `found` is another."""
    if file.sha256 is not None and found != file.sha256:
        raise broken(f"{name}/{file.path}", f"its sha256 is {found[:12]}..., the published one {file.sha256[:12]}...")


def check_pickle(name: str, file: ModelFile, found: str) -> None:
    """Raise a bad-input problem where the pickle that a file is made of has another sha256 than `found`."""
    if found != file.pickled_sha256:
        cause = f"its sha256 is {found[:12]}..., the published one {file.pickled_sha256[:12]}..."
        raise broken(f"{name}/{file.pickled}", cause)


def hash_of(path: Path, report: Progress) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    digest, done, size = hashlib.sha256(), 0, max(path.stat().st_size, 1)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            report(done / size, f"reading {path.name}")
    return digest.hexdigest()
