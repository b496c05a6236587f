"""What jobs and collections are called."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/pictures/north wall", "north wall"),
        ("/pictures/north wall/", "north wall"),
        ("/pictures/cave 45/photos", "cave 45"),
        ("C:\\walls\\east\\Images", "east"),
        ("photos", "photos"),
        ("/photos", "photos"),
        ("", ""),
        ("/pictures/jar/transforms.json", "jar"),
        ("/pictures/jar/images/transforms_train.json", "jar"),
        ("/videos/a jar.MP4", "a jar"),
    ],
)
def test_a_job_is_called_after_its_photos(part: Callable[[str], ModuleType], path: str, name: str) -> None:
    assert part("addon.names").name_of_input(path) == name
