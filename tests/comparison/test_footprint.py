"""Packages and sizes come from what is installed."""

import rich

from llm_tracing.comparison.cost import size_words
from llm_tracing.comparison.footprint import brought_by, installed, packages_of, required_by


def test_files_of_modules_lead_to_their_packages() -> None:
    assert rich.__file__ is not None
    found = packages_of([rich.__file__, "/nowhere/x.py"])
    assert set(found) == {"rich"}
    assert found["rich"].size > 100_000


def test_what_a_package_requires_is_followed_to_the_end() -> None:
    assert {"rich", "markdown-it-py", "mdurl", "pygments"} <= required_by(["rich"])
    assert installed("no-such-package") is None
    assert brought_by(None) == {}


def test_sizes_are_said_as_people_read_them() -> None:
    assert [size_words(size) for size in (0, 512, 2_140, 7_800_000)] == ["0", "512 B", "2.1 kB", "7.8 MB"]
