"""A stand-in for Blender's layout, which exists in windows alone."""

from types import SimpleNamespace


class Layout:
    """Writes down what it is asked to show, with every part unfolded. A part is written as ``[name]``."""

    def __init__(self):
        self.__dict__["shown"] = []

    def panel(self, name, **_):
        self.shown.append(f"[{name}]")
        return self, self

    def __getattr__(self, name):
        def call(*words, text=None, **_):
            self.shown.append(str(text) if text else " ".join(map(str, words)))
            return self

        return call

    def __setattr__(self, name, value):
        pass


def context_of(blender):
    """What panels are given to draw."""
    return SimpleNamespace(
        scene=blender.context.scene, active_object=blender.context.active_object, screen=None,
        region=SimpleNamespace(width=5000), preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
    )  # fmt: skip
