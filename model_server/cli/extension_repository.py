"""A static extension repository, API version 1 of Blender: index.json beside the zips, for any web server or folder.

Source of the form: Blender's manual, "Creating a Static Extensions Repository".
"""

import hashlib
import json
import shutil
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

LISTED = (
    "schema_version", "id", "name", "tagline", "version", "type", "maintainer", "license", "blender_version_min",
    "blender_version_max", "website", "copyright", "tags", "permissions", "platforms", "wheels",
)  # fmt: skip
"""What an index takes over from a manifest."""


def publish(zip_path: Path, folder: Path) -> Path:
    """Copy the extension ``zip_path`` into ``folder``, list every extension zip there in index.json, and return that.

    Raises UserError for a zip in ``folder`` that is no extension.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / zip_path.name).exists() or not (folder / zip_path.name).samefile(zip_path):
        with whole_file(folder / zip_path.name) as temporary:
            shutil.copyfile(zip_path, temporary)
    listed = [_entry(path) for path in sorted(folder.glob("*.zip"))]
    index = folder / "index.json"
    with whole_file(index) as temporary:
        document = {"version": "v1", "blocklist": [], "data": listed}
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n")
    return index


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _entry(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = tomllib.loads(archive.read("blender_manifest.toml").decode("utf-8"))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UserError(f"{path}: this is no extension; move it out of the repository.") from error
    listed = {name: manifest[name] for name in LISTED if name in manifest}
    return listed | {
        "archive_url": f"./{path.name}", "archive_size": path.stat().st_size, "archive_hash": f"sha256:{sha256(path)}",
    }  # fmt: skip
