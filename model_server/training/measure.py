"""A trained network on the development parts, through the same numpy path that ships."""

from pathlib import Path

from model_server.speech.backend import numpy_backend
from model_server.speech.closures import Rule
from model_server.training import develop
from model_server.training.network import Network, exported
from model_server.training.store import Part


def development(network: Network, work: Path) -> dict[str, dict[str, float]]:
    """Part -> figures, for every ``dev-*`` part below ``work``; weights in the half precision that ships."""
    weights = {name: array.astype("float16").astype("float32") for name, array in exported(network).items()}
    backend = numpy_backend(network.shape, weights)
    found = {}
    for folder in sorted(path for path in work.glob("dev-*") if (path / "index.json").exists()):
        pairs = list(develop.heard(Part(folder), network.shape, backend, weights["average"]))
        found[folder.name] = develop.count(pairs, Rule()).figures()
    return found
