"""The Blender extension: Blender enables this package, which holds the add-on and the model process side by side."""

from .s2f_blender_addon import poll, register, unregister

__all__ = ["poll", "register", "unregister"]
