"""Speech2Face inside Blender. The model process imports ``core`` from this package, so no bpy before ``register``."""


def register() -> None:
    """Called by Blender when the add-on is switched on."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the add-on is switched off: ends the model process too."""
    from . import registration

    registration.unregister()


def poll() -> bool:
    """Move a running bake on; True when none is running. For scripts without an event loop, where no timer fires."""
    from . import session

    return session.poll()
