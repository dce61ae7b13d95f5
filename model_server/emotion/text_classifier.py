"""A trained text classifier in place of ours: any transformers sequence-classification model. Needs torch."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.labels import to_sliders
from model_server.slots.on_device import OnDevice
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]


class TransformersTextModel:
    """Reads sentences with a model from a local folder, or by its hub name where the machine may download.

    Classes trained to exclude one another go through softmax, independent ones (GoEmotions) through sigmoid, as the
    model's own configuration says. Its licence is not known here, so it counts as research. Raises UserError when it
    cannot be loaded or knows no emotions.
    """

    licence_track = "research"

    def __init__(self, name_or_folder: str | Path, device: str = "cpu") -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        where = str(name_or_folder)
        self.id = Path(where).name
        try:
            self._tokens: Any = AutoTokenizer.from_pretrained(where)
            model: Any = AutoModelForSequenceClassification.from_pretrained(where).eval()
        except (OSError, ValueError, ImportError) as reason:
            first = str(reason).strip().splitlines()[0]
            raise UserError(f"The text model {where} cannot be loaded ({first}); choose its folder.") from None
        self._on = OnDevice(model, device)
        config = model.config
        labels = tuple(str(config.id2label[i]) for i in range(config.num_labels))
        self._sliders = to_sliders(labels)
        self._independent = config.problem_type == "multi_label_classification"

    def knows(self, sentence: str, language: str) -> bool:
        """Always: which languages taught it is not known here."""
        return True

    def score(self, sentence: str) -> Floats:
        """(E,) 0-1 in the order of EMOTIONS."""
        inputs = self._tokens(sentence, return_tensors="pt", truncation=True).to(self._on.device)
        with self._on.inference():
            logits = self._on.model(**inputs).logits[0].float()
        shares = logits.sigmoid() if self._independent else logits.softmax(0)
        return np.asarray(np.clip(shares.cpu().numpy() @ self._sliders, 0, 1), np.float32)
