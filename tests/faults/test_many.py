"""Twenty thousand cases from a committed seed, and the smallest of each kind by itself."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .kind import Kind
from .many import CASES, KINDS, count_of, run

SMALLEST = [(kind, case) for kind in KINDS for case in kind.smallest]
GROWTH = 80
"""MB that a kind may leave the process larger: caches of libraries, and nothing that grows with the cases."""


@pytest.fixture(autouse=True)
def no_files_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("kind", "case"), SMALLEST, ids=[f"{k.name}-{n}" for n, (k, _) in enumerate(SMALLEST)])
def test_the_smallest_cases(kind: Kind, case: object) -> None:
    kind.check(case)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_thousands_of_cases(kind: Kind) -> None:
    figures = run(kind, count_of(kind, CASES))
    assert figures.grown < GROWTH and figures.slowest < 20


def test_there_are_enough_of_them() -> None:
    assert sum(count_of(kind, CASES) for kind in KINDS) >= CASES >= 20_000
    assert len(SMALLEST) >= 50 and len(KINDS) >= 20
