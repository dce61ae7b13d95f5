"""``python -m model_server.benchmark``: the job ``time_keys``, inside Blender."""

from collections.abc import Callable, Mapping
from typing import Any

from model_server.in_blender.answer import answer


def _jobs() -> Mapping[str, Callable[..., dict[str, Any]]]:
    from .keys import time_keys

    return {"time_keys": time_keys}


if __name__ == "__main__":
    answer(_jobs)
