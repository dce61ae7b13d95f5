"""``python -m model_server.in_blender``: the jobs that need Blender, by name."""

from collections.abc import Callable, Mapping
from typing import Any

from .answer import answer


def _jobs() -> Mapping[str, Callable[..., dict[str, Any]]]:
    from .add_keys import add_keys
    from .bake import bake_file
    from .flame import face_of_rig, fit_rig
    from .look import look_at_rig
    from .render import render_file
    from .shape import shape_of_rig

    return {
        "bake": bake_file, "render": render_file, "look": look_at_rig, "shape": shape_of_rig, "fit": fit_rig,
        "add_keys": add_keys, "flame_face": face_of_rig,
    }  # fmt: skip


if __name__ == "__main__":
    answer(_jobs)
