"""Measures the demo head and writes ``s2f_blender_addon/rigs/likeness.json``: for use after the head has changed.

    .venv/bin/python tools/likeness.py
"""

import json

import bpy

import s2f_blender_addon
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.rigs.likeness import REFERENCE, displacements, measured


def main() -> None:
    s2f_blender_addon.register()
    bpy.ops.s2f.add_demo_head()
    face = next(one for one in bpy.data.objects if one.type == "MESH" and "face" in one.name.lower())
    cosines, sizes = measured(displacements(face, CHANNELS) * 1000)
    rows = ",\n    ".join(json.dumps([round(float(c), 3) for c in row]) for row in cosines)
    REFERENCE.write_text(
        '{\n  "about": "How alike the 52 channels move the demo head; tools/likeness.py writes this.",\n'
        f'  "channels": {json.dumps(CHANNELS)},\n'
        f'  "sizes": {json.dumps([round(float(s), 2) for s in sizes])},\n  "cosines": [\n    {rows}\n  ]\n}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
