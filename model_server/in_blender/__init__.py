"""What a command does inside Blender, as a process of its own.

bpy prints to both standard streams from C, cannot share a process with everything torch brings, and aborts where it
finds no graphics driver. In a child process none of this reaches the user.
"""

from .child import BlenderCrash, run_in_blender

__all__ = ["BlenderCrash", "run_in_blender"]
