"""The slots for who hears emotion in a voice and who reads it in the words."""

from pathlib import Path

from model_server.emotion import listener, word_model
from model_server.emotion.fusion import GatedFusion
from model_server.emotion.voice import VoiceModel
from model_server.emotion.words import TextModel
from s2f_blender_addon.core.errors import UserError


def voice_model(where: str = "", device: str = "cpu") -> VoiceModel:
    """The model that ships for "", one that ``s2f train emotion-voice`` made for a file, emotion2vec for a folder.

    ``device`` is where one that needs torch runs. Raises UserError when there is no such model.
    """
    if not where:
        return listener.bundled()
    path = Path(where)
    if path.is_dir():
        try:
            from model_server.emotion.emotion2vec import Emotion2vecModel
        except ImportError:
            raise UserError(f"{where} is emotion2vec, which needs torch; install torch or leave it out.") from None
        return Emotion2vecModel(path, device)
    if not path.is_file():
        raise UserError(f"There is no voice model {where}; give a file of s2f train emotion-voice or a folder.")
    from model_server.emotion.acted import ActedModel

    return ActedModel(path)


def text_model(where: str = "", device: str = "cpu") -> TextModel:
    """The one that ships for "", a transformers text classifier for its folder or name, which runs on ``device``.

    Raises UserError when it cannot be loaded.
    """
    if not where:
        return word_model.bundled()
    try:
        from model_server.emotion.text_classifier import TransformersTextModel

        return TransformersTextModel(where, device)
    except ImportError as missing:
        raise UserError(
            f"{where} is a text classifier, which needs {missing.name}; install it or leave it out."
        ) from None


def fusion_model(where: str = "") -> GatedFusion | None:
    """None, which is late fusion by weights, for ""; else the file that ``s2f train emotion-fusion`` made.

    Raises UserError when there is no such file.
    """
    if not where:
        return None
    if not Path(where).is_file():
        raise UserError(f"There is no emotion fusion {where}; give a file of s2f train emotion-fusion.")
    return GatedFusion(Path(where))
