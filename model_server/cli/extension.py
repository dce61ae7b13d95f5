"""``s2f extension``: the zip that an animator installs in Blender."""

from pathlib import Path

from .progress import JsonProgress, reporting

CHECKOUT = Path(__file__).resolve().parents[2]


def extension(json_progress: JsonProgress = False) -> None:
    """Build and validate dist/s2f_blender_addon-VERSION.zip."""
    from .extension_zip import build

    with reporting(json_progress) as report:
        path, validator = build(CHECKOUT, CHECKOUT / "dist")
        report.note(f"{path.stat().st_size / 1e6:.1f} MB, validated by {validator}", bytes=path.stat().st_size)
        report.wrote(path)
