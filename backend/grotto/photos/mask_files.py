"""Which pictures are masks, and of which photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..formats import is_regular
from .finding import Found, files_below
from .mask_names import MaskName, is_for_all, mask_folder, mask_name, without_reduced
from .photo import Skipped

Looks = Callable[[Path], bool]


@dataclass(frozen=True)
class MaskFile:
    """A mask's file. Black is left out, or white where it is inverted."""

    path: Path
    inverted: bool = False


@dataclass
class Split:
    """Pictures told apart."""

    photos: list[Found]
    masks: dict[str, MaskFile] = field(default_factory=dict)  # by the photo's name
    skipped: list[Skipped] = field(default_factory=list)  # masks that belong to no photo
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    """A picture that may be a mask."""

    path: Path
    at: PurePosixPath  # in lower case, relative to the source; of a mask beside the source, to the source's parent
    above: bool  # whether it lies beside the source
    name: MaskName
    folder: PurePosixPath | None  # the folder of masks in which it lies

    @property
    def trusted(self) -> bool:
        """Whether its name and place leave no doubt; else it is a mask only if it is black and white."""
        if self.folder is not None:
            return "mask" in self.folder.name
        return self.at.suffix == ".png" and ("mask" in self.at.name or self.name.ending != "")


def split_masks(
    found: list[Found], source: Path, is_black_and_white: Looks, beside: bool = True, photos: frozenset[Path] = frozenset()
) -> Split:
    """The photos among the pictures found, and the masks' files.

    Beside a photo NAME.jpg, its mask is NAME_mask.png, NAME.mask.png, NAME.jpg.png, NAME.jpg.mask.png, mask_NAME.png or, with
    black and white exchanged, dynamic_mask_NAME.png, or these with the ending of another format. In a folder `masks` (or mask,
    .mask, segmentation, matte, masks_2 ...) beside the photo, in or beside the source or between, it has the photo's name, with
    or without the photo's extension and such a word, below the photo's own sub-folders or, where no other photo is named alike,
    directly. A folder of masks of which no file belongs to a photo is a folder of photos like any other.

    Folders of masks beside the source count where `beside` says so. What `photos` lists is a photo, whatever its name and looks.

    What has other names or endings, or lies in a folder of segmentations or mattes, must be black and white.
    A black and white picture that shares a photo's stem is no photo: it is that photo's mask. One named `mask` is that of all.
    """
    doubtful = [picture for picture in found if picture.path not in photos]
    inside = [picture for picture in doubtful if mask_folder(picture.name) is not None]
    in_folders = {picture.name for picture in inside}
    outside = [picture for picture in found if picture.name not in in_folders]
    candidates = _by_stem(
        [*(_candidate(p, PurePosixPath(p.name.casefold())) for p in doubtful), *(_beside_source(source) if beside else ())]
    )
    alone = _alone(outside)
    split = Split(photos=[])
    passed_over: dict[Path, str] = {}  # in folders of masks, with the reason
    for photo in outside:
        for mask in _ranked(photo, candidates, alone):
            if photo.name in split.masks:
                passed_over.setdefault(mask.path, f"{photo.name} has another mask")
            elif mask.trusted or is_black_and_white(mask.path):
                split.masks[photo.name] = MaskFile(mask.path, mask.name.inverted)
            else:
                passed_over[mask.path] = "is not black and white"
    used = {mask.path for mask in split.masks.values()}
    _take_black_and_white(outside, used, split, lambda path: path not in photos and is_black_and_white(path))
    for_all = [p for p in doubtful if is_for_all(p.name) and p.path not in used and len(found) > 2 and is_black_and_white(p.path)]
    _take_for_all(for_all, outside, used, split)
    folders = {mask_folder(picture.name) for picture in inside if picture.path in used or picture.path in passed_over}
    stray = [picture for picture in inside if picture.path not in used and mask_folder(picture.name) in folders]
    for picture in stray:
        why = passed_over.get(picture.path, "belongs to no photo")
        split.skipped.append(Skipped(name=picture.name, reason=f"it lies among masks and {why}"))
    gone = used | {picture.path for picture in stray}
    split.photos = [picture for picture in found if picture.path not in gone]
    kept = {photo.name for photo in split.photos}
    split.masks = {name: mask for name, mask in split.masks.items() if name in kept}
    return split


def _candidate(picture: Found, at: PurePosixPath, above: bool = False) -> _Candidate:
    return _Candidate(picture.path, at, above, mask_name(at.name), mask_folder(str(at)))


def _by_stem(candidates: Iterable[_Candidate]) -> dict[str, list[_Candidate]]:
    """Candidates by the stems of the photos whose masks they may be; a plain name is one in a folder of masks only."""
    found: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        if candidate.name.marked or candidate.folder is not None:
            found.setdefault(candidate.name.stem, []).append(candidate)
    return found


def _alone(photos: list[Found]) -> set[str]:
    """Stems that one photo has, reduced copies of it in folders of their own not counted."""
    names = without_reduced({PurePosixPath(photo.name.casefold()) for photo in photos})
    return {stem for stem, count in Counter(name.stem for name in names).items() if count == 1}


def _ranked(photo: Found, candidates: dict[str, list[_Candidate]], alone: set[str]) -> list[_Candidate]:
    """What may be the photo's mask, the nearest place first."""
    path = PurePosixPath(photo.name.casefold())
    ranked = []
    for candidate in candidates.get(path.stem, []):
        if candidate.path == photo.path or candidate.name.ending not in ("", path.suffix):
            continue
        rank = _rank(path, candidate, alone)
        if rank is not None:
            ranked.append((rank, len(candidate.at.name), str(candidate.at), candidate))
    return [item[3] for item in sorted(ranked, key=lambda item: item[:3])]


def _rank(photo: PurePosixPath, candidate: _Candidate, alone: set[str]) -> int | None:
    """How far from the photo the candidate's place is, None where it is no place for the photo's mask."""
    if candidate.folder is None:
        return 0 if candidate.at.parent == photo.parent else None
    start = candidate.folder.parent
    if not candidate.above and start != photo.parent and start not in photo.parent.parents:
        return None
    mine = photo.parent if candidate.above else photo.parent.relative_to(start)
    below = candidate.at.parent.relative_to(candidate.folder)
    distance = 1000 if candidate.above else 2 * (len(photo.parent.parts) - len(start.parts) + 1)
    if below == mine:
        return distance
    return distance + 1 if below == PurePosixPath(".") and photo.stem in alone else None


def files_of_masks_beside(source: Path) -> list[Path]:
    """Files in folders of masks beside the source, by the usual names of such folders; none where the source is one itself."""
    if mask_folder(f"{source.name}/x") is not None or source.parent == source:
        return []
    folders = [folder for folder in sorted(source.parent.iterdir()) if mask_folder(f"{folder.name}/x") and folder.is_dir()]
    return [path for folder in folders for path in sorted(files_below(folder)) if is_regular(path)]


def _beside_source(source: Path) -> list[_Candidate]:
    found = []
    for path in files_of_masks_beside(source):
        at = PurePosixPath(path.relative_to(source.parent).as_posix().casefold())
        found.append(_candidate(Found(str(at), path), at, above=True))
    return found


def _take_black_and_white(photos: list[Found], used: set[Path], split: Split, is_black_and_white: Looks) -> None:
    """Pictures that share a photo's stem and are only black and white: masks in places of their own."""
    by_stem: dict[str, list[Found]] = {}
    for photo in photos:
        if photo.path not in used:
            by_stem.setdefault(mask_name(photo.name).stem, []).append(photo)
    for alike in by_stem.values():
        if len(alike) < 2:
            continue
        plain = [photo for photo in alike if is_black_and_white(photo.path)]
        others = [photo for photo in alike if photo not in plain]
        if not others:
            continue
        for mask in plain:
            used.add(mask.path)
            bare = [photo for photo in others if photo.name not in split.masks]
            for photo in bare:
                split.masks[photo.name] = MaskFile(mask.path, mask_name(mask.name).inverted)
            if not bare:
                reason = f"it is black and white and named like {others[0].name}, which has a mask already"
                split.skipped.append(Skipped(name=mask.name, reason=reason))
        if plain:
            split.remarks.append(f"{plain[0].name} is black and white and named like {others[0].name}, so it is used as its mask")


def _take_for_all(masks: list[Found], photos: list[Found], used: set[Path], split: Split) -> None:
    """The one mask of all photos that have none of their own."""
    for mask in masks:
        bare = [photo for photo in photos if photo.name not in split.masks and photo.path != mask.path and photo.path not in used]
        if not bare:
            split.skipped.append(Skipped(name=mask.name, reason="it is a mask, and all photos have masks of their own"))
        for photo in bare:
            split.masks[photo.name] = MaskFile(mask.path)
        split.remarks.append(f"{mask.name} is used as the mask of {len(bare)} photos")
        used.add(mask.path)
