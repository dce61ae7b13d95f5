"""``s2f extension``: the zip that an animator installs in Blender."""

from pathlib import Path
from typing import Annotated

import typer

from .progress import JsonProgress, reporting

CHECKOUT = Path(__file__).resolve().parents[2]


def extension(
    repository: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also put it into a static extension repository, with its index.json."),
    ] = None,
    json_progress: JsonProgress = False,
) -> None:
    """Build and validate dist/s2f_blender_addon-VERSION.zip, the same bytes from the same tree, and print its hash."""
    from .extension_repository import publish, sha256
    from .extension_zip import build

    with reporting(json_progress) as report:
        path, validator = build(CHECKOUT, CHECKOUT / "dist")
        size, digest = path.stat().st_size, sha256(path)
        report.note(f"{size / 1e6:.1f} MB, sha256 {digest}, validated by {validator}", bytes=size, sha256=digest)
        report.wrote(path)
        if repository is not None:
            report.wrote(publish(path, repository))
