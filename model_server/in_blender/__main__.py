"""``python -m model_server.in_blender``: the jobs ``bake``, ``render``, ``look``, ``shape`` and ``fit``."""

from collections.abc import Callable, Mapping
from typing import Any

from .answer import answer


def _jobs() -> Mapping[str, Callable[..., dict[str, Any]]]:
    from .bake import bake_file
    from .flame import fit_rig
    from .look import look_at_rig
    from .render import render_file
    from .shape import shape_of_rig

    return {"bake": bake_file, "render": render_file, "look": look_at_rig, "shape": shape_of_rig, "fit": fit_rig}


if __name__ == "__main__":
    answer(_jobs)
