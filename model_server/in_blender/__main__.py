"""``python -m model_server.in_blender``: the jobs ``bake`` and ``render``."""

from collections.abc import Callable, Mapping
from typing import Any

from .answer import answer


def _jobs() -> Mapping[str, Callable[..., dict[str, Any]]]:
    from .bake import bake_file
    from .render import render_file

    return {"bake": bake_file, "render": render_file}


if __name__ == "__main__":
    answer(_jobs)
