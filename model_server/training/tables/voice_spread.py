"""How one voice varies from phrase to phrase: what ``voice.turns`` divides by before it compares two.

``python -m model_server.training.tables.voice_spread FOLDER`` reads recordings whose names begin with their speaker, as
CREMA-D's do (``1001_IEO_…``), and writes ``model_server/voice/spread.json``.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np

from model_server.audio.decode import decode
from model_server.voice import turns
from model_server.voice.measures import measures

_EACH = 12
"""Recordings of each speaker."""
_STEADY = 0.1
"""Of the variances, that is added to them: directions in which few phrases vary are not blown up."""


def main(folder: Path) -> None:
    """Measure and write."""
    rng = random.Random(0)
    people: dict[str, list[Path]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".opus", ".flac", ".wav")):
        people.setdefault(path.name.split("_")[0], []).append(path)
    away = []
    for paths in people.values():
        rows = np.concatenate([_rows(path) for path in rng.sample(paths, min(_EACH, len(paths)))])
        away.append(rows - rows.mean(0))
    covariance = np.cov(np.concatenate(away).T)
    values, vectors = np.linalg.eigh(covariance + _STEADY * np.diag(np.diag(covariance)))
    whitening = np.round(vectors / np.sqrt(values), 5)
    about = f"{len(people)} speakers, {sum(map(len, away))} phrases"
    target = Path(turns.__file__).with_name("spread.json")
    target.write_text(json.dumps({"about": about, "whitening": whitening.tolist()}) + "\n", "utf-8")
    print(about)


def _rows(path: Path) -> turns.Array:
    samples = decode(path).samples
    heard, shape = measures(samples), turns.cepstra(samples)
    return turns.described(heard, shape, turns.phrases_of(heard, shape))[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
