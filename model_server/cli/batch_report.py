"""The report of a batch: a JSON object a line for every row that came to an end; what it says is done stays so."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .batch_work import digest


def place(manifest: Path, shard: str) -> Path:
    """Where the report lies: beside the manifest, one for each shard."""
    return manifest.with_name(f"{manifest.stem}.report{'.' + shard.replace('/', '-of-') if shard else ''}.jsonl")


def done_before(manifest: Path) -> dict[str, str]:
    """Key of a row to the digest of its output, from all reports of ``manifest``, whatever its shards were.

    A line that a crash cut off counts as not there.
    """
    found: dict[str, str] = {}
    for path in sorted(manifest.parent.glob(f"{manifest.stem}.report*.jsonl")):
        for line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                said = json.loads(line)
                if said["state"] == "done":
                    found[str(said["key"])] = str(said["digest"])
            except (ValueError, KeyError, TypeError):
                continue
    return found


def is_done(key: str, outs: Sequence[Path], before: dict[str, str]) -> bool:
    """Whether the row of ``key`` was made, and its outputs are still what was made."""
    return key in before and before[key] == digest(outs) != ""


class BatchReport:
    """Appends to the file at ``path``; every line is on the disk before the next row is begun."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            self._file.write("\n")

    def add(self, **fields: Any) -> None:
        """One row's end."""
        self._file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
