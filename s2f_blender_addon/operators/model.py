"""Choose who speaks: a model file of the user's, and the way back to ours."""

import json
from collections.abc import Sequence
from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Scene

from .. import session, window, workplace
from ..core import codec
from ..core.acting import CHECKPOINTS
from ..core.errors import UserError
from ..core.messages import Describe, Described
from ..process.job import Job
from .base import FileOperator, Operator

_FILES = ";".join(f"*{ending}" for ending in (*CHECKPOINTS, ".safetensors"))


class S2F_OT_choose_model(FileOperator, bpy.types.Operator):
    """Speak with a checkpoint of EmoTalk's family that you have, or with a model that s2f train wrote"""

    bl_idname = "s2f.choose_model"
    bl_label = "Choose Model File"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filter_glob: StringProperty(default=_FILES, options={"HIDDEN"})

    @classmethod
    def why_not(cls, context: Context) -> str:
        if not workplace.is_here():
            return "A server speaks with its own model; let work run on this computer"
        return session.current.jobs.why_busy()

    def run(self, context: Context) -> str:
        """Ask the model process what it is; it is chosen once that is known."""
        path = bpy.path.abspath(self.filepath)
        if not Path(path).is_file():
            raise UserError(f"There is no model file {path}; choose another one.")
        scene = context.scene.name

        def take(jobs: Sequence[Job]) -> None:
            described = jobs[0].answer
            assert isinstance(described, Described)
            _choose(bpy.data.scenes.get(scene), path, described)

        session.start([Describe(0, path)], take)
        return ""


class S2F_OT_own_model(Operator, bpy.types.Operator):
    """Speak with the model that ships again"""

    bl_idname = "s2f.own_model"
    bl_label = "Use Our Model"

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.scene.s2f.model_path else "Our model speaks already"

    def run(self, context: Context) -> str:
        """Forget the file, and what was chosen of it while that can still be said."""
        settings = context.scene.s2f
        for name in ("model_level", "model_person", "model_identity"):
            settings.property_unset(name)
        settings.model_path = settings.model_facts = ""
        return ""


def _choose(scene: Scene | None, path: str, described: Described) -> None:
    """Have ``scene`` speak with the model at ``path``, at its usual level."""
    if scene is None:
        return
    settings, known = scene.s2f, codec.dump(described)
    del known["id"]
    settings.model_path, settings.model_facts = path, json.dumps(known)
    if described.levels:
        settings.model_level = "0" if described.emotions else str(min(1, len(described.levels) - 1))
        settings.model_person = "0"
    settings.model_identity = "MIX"
    session.current.shown.tell(f"{described.title} speaks from now on; press Bake.")
    window.redraw()


CLASSES = (S2F_OT_choose_model, S2F_OT_own_model)
