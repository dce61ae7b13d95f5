"""The commands by name, and what happens to an error."""

from collections.abc import Sequence

import typer

from s2f_blender_addon.core.errors import UserError

from . import former
from .add_keys import add_keys
from .bake import bake
from .batch import batch
from .bench import bench
from .complaint import complain, sentence_of
from .demo import demo
from .evaluate import evaluate
from .extension import extension
from .feel import feel
from .infer import infer
from .info import info
from .metrics import metrics
from .motion import motion
from .outputs import guarded
from .send import send
from .serve import serve
from .stop import STOPPED
from .train import app as train

app = typer.Typer(
    help="Speech to facial animation: from a recording to ARKit curves, and onto a face in Blender.",
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = (
    infer, batch, bake, add_keys, send, feel, info, demo, extension, bench, serve, evaluate, metrics, motion,
)  # fmt: skip

for command in COMMANDS:
    app.command()(guarded(command))
for part in train.registered_commands:
    part.callback = guarded(part.callback) if part.callback is not None else None
app.add_typer(train, name="train")


def run(arguments: Sequence[str]) -> int:
    """The exit status of ``s2f ARGUMENTS…``. Bad input and bad options end as one line on stderr and status 2.

    Raises KeyboardInterrupt after Ctrl-C.
    """
    try:
        status = int(app(former.modern(arguments), standalone_mode=False, prog_name="s2f") or 0)
    except (UserError, OSError) as error:
        return _complain(sentence_of(error))
    except typer.TyperException as error:
        return _complain(error.format_message())
    except typer.Abort:
        raise KeyboardInterrupt from None
    if status == STOPPED:  # typer has caught it
        raise KeyboardInterrupt
    return status


def _complain(sentence: str) -> int:
    if sentence:  # s2f without arguments has printed its help
        complain(sentence)
    return 2
