"""What every operator has in common: why it is greyed out, doing its work, and saying what came of it."""

import traceback

from bpy.props import StringProperty
from bpy.types import Context, Event

from .. import session
from ..core.errors import UserError


class Operator:
    """To be inherited before ``bpy.types.Operator``; subclasses have ``run``, and ``why_not`` where it may be grey."""

    bl_idname = ""
    bl_label = ""
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        """Why it cannot be used now, as the tooltip of its button; empty when it can."""
        return ""

    def run(self, context: Context) -> str:
        """Do it; returns what the status bar says, or nothing. Raises UserError, or OSError of a named file."""
        raise NotImplementedError

    @classmethod
    def poll(cls, context: Context) -> bool:
        reason = cls.why_not(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

    def execute(self, context: Context) -> set[str]:
        """What cannot be done goes into the status bar, and into the panel until it can."""
        try:
            said = self.run(context)
        except UserError as error:
            return self._cancelled(str(error))
        except OSError as error:
            return self._cancelled(f"{error.filename}: {error.strerror}; choose another place.")
        except Exception as error:  # whatever it is, the panel gets a sentence and a bug report what it needs
            sentence = f"{self.bl_label} met an error of its own ({type(error).__name__}); copy the report and send it."
            return self._cancelled(sentence, traceback.format_exc())
        self.succeeded()
        if said:
            self.report({"INFO"}, said)  # type: ignore[attr-defined]
        return {"FINISHED"}

    def failed(self, sentence: str, report: str = "") -> None:
        """Keep what went wrong for the panel, and for a bug report."""
        session.current.shown.fail(sentence, report, operator=self.bl_idname)

    def succeeded(self) -> None:
        """What went wrong the last time is no news any more."""
        session.current.shown.succeed(self.bl_idname)

    def _cancelled(self, sentence: str, report: str = "") -> set[str]:
        self.failed(sentence, report)
        self.report({"ERROR"}, sentence)  # type: ignore[attr-defined]
        return {"CANCELLED"}


class FileOperator(Operator):
    """An operator that asks for a file first; ``filter_glob`` says of which kind."""

    filepath: StringProperty(subtype="FILE_PATH")

    def suggested(self, context: Context) -> str:
        """The name that the file browser begins with."""
        return ""

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Open the file browser."""
        self.filepath = self.suggested(context) or self.filepath
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}
