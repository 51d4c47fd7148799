"""Kinds of pictures and how their files end."""

from domain.picture import PictureKind


def test_every_kind_has_the_suffix_that_people_know() -> None:
    assert {kind.value: kind.suffix for kind in PictureKind} == {
        "image/png": ".png",
        "image/jpeg": ".jpg",
        "image/webp": ".webp",
        "image/gif": ".gif",
    }
