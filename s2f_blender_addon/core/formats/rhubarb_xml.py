"""Mouth cues in Rhubarb's XML."""

from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from ..blend import Mix
from ..track import FaceTrack
from .cues import seconds, shown


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
