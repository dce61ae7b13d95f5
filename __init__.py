"""The Blender extension: Blender enables this package, which holds the add-on and the model process side by side."""

if __package__:  # pytest runs this file by itself, where a clone's folder has a name that no package can have
    from .s2f_blender_addon import poll, register, unregister

__all__ = ["poll", "register", "unregister"]
