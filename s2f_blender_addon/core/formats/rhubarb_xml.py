"""Mouth cues in Rhubarb's XML."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from .. import plain_text
from ..blend import Mix
from ..errors import UserError
from ..track import FaceTrack
from . import cued
from .cues import seconds, shown

_CUE = re.compile(r"<mouthCue\s([^<>]*)>\s*(\w+)\s*</mouthCue>")
_TIME = re.compile(r"\b(start|end)\s*=\s*[\"']\s*(\d+(?:\.\d+)?)\s*[\"']")


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues with start and end, to the hundredth of a second, and the name of its sound."""
    listed = shown(track, mix)
    root = Xml.Element("rhubarbResult")
    metadata = Xml.SubElement(root, "metadata")
    Xml.SubElement(metadata, "soundFile").text = track.provenance.source
    Xml.SubElement(metadata, "duration").text = seconds(listed[-1].end)
    inside = Xml.SubElement(root, "mouthCues")
    for cue in listed:
        Xml.SubElement(inside, "mouthCue", start=seconds(cue.start), end=seconds(cue.end)).text = cue.shape
    Xml.indent(root)
    data: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    yield data + b"\n"


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track that the cues show; their times are the sound's, so ``fps`` says nothing.

    Only the cues are looked for: nothing else of XML is obeyed. Raises UserError where there are none.
    """
    found = [(dict(_TIME.findall(told)), shape) for told, shape in _CUE.findall(plain_text.decoded(data)[0])]
    if not found or not all({"start", "end"} <= times.keys() for times, _ in found):
        raise UserError("it holds no mouth cues of Rhubarb, so this is no track.")
    starts = [float(times["start"]) for times, _ in found]
    return cued.played(starts, [shape for _, shape in found], max(float(t["end"]) for t, _ in found), source)
