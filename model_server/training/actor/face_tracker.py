"""Videos of a face as tracks, by MediaPipe's face landmarker (Apache-2.0), which runs offline. Its file is the user's.

It sees lips, lids and brows well. WEAK channels stay near 0 on faces that do move them (measured on 1000 clips of
GRID), and the tongue it does not know.
"""

from pathlib import Path
from typing import Any

import numpy as np

from model_server.cancel import Progress, silent
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import Array, FaceTrack

VIDEOS = frozenset(".mp4 .m4v .mov .mkv .webm .avi".split())
WEAK = (
    "cheekPuff", "noseSneerLeft", "noseSneerRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel", "tongueOut",
)  # fmt: skip
LEAST_SEEN = 0.5
"""Share of the frames of a video in which a face must be found."""
MOST_SHARED = 0.2
"""Share of the frames that may show a second face, as somebody who walks by does."""


def tracked(video: Path, model: Path, progress: Progress = silent) -> FaceTrack:
    """The only face in ``video``, by the landmarker in the file ``model``; where it is lost it goes straight on.

    Raises UserError where the package or the file is missing, and for a video without a face or with several.
    """
    try:
        import cv2
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ImportError as missing:
        raise UserError(
            f"Videos are read with {missing.name}, which is not here: pip install mediapipe opencv-python-headless, or "
            "give tracks (Live Link Face .csv) instead of videos."
        ) from None
    if not model.is_file():
        raise UserError(f"There is no face tracker {model}; give MediaPipe's face_landmarker.task.")
    film: Any = cv2.VideoCapture(str(video))
    fps, count = float(film.get(cv2.CAP_PROP_FPS)), int(film.get(cv2.CAP_PROP_FRAME_COUNT))
    if not film.isOpened() or not 1 <= fps <= 1000:
        raise UserError(f"{video} is no video that can be read; convert it to .mp4.")
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
        output_face_blendshapes=True, num_faces=2, running_mode=vision.RunningMode.VIDEO,
    )  # fmt: skip
    rows: list[Array | None] = []
    shared = 0
    try:
        with vision.FaceLandmarker.create_from_options(options) as tracker:
            while (frame := film.read())[0]:
                progress(min(len(rows) / max(count, 1), 1.0), f"watching {video.name}")
                picture = np.ascontiguousarray(cv2.cvtColor(frame[1], cv2.COLOR_BGR2RGB))
                image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture)
                found = tracker.detect_for_video(image, round(len(rows) * 1000 / fps))
                rows.append(_row(found.face_blendshapes[0]) if found.face_blendshapes else None)
                shared += len(found.face_blendshapes) > 1
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{video} cannot be tracked ({str(error).splitlines()[0]}); is {model} the tracker?") from None
    finally:
        film.release()
    if shared > MOST_SHARED * len(rows):
        raise UserError(f"{video}: {shared} of {len(rows)} frames show several faces; cut it to the one that acts.")
    return FaceTrack.captured(_filled(rows, video), fps, source="MediaPipe face landmarker")


def _row(scores: Any) -> Array:
    row = np.zeros(len(CHANNELS), np.float32)
    for one in scores:
        if one.category_name in INDEX:
            row[INDEX[one.category_name]] = one.score
    return row


def _filled(rows: list[Array | None], video: Path) -> Array:
    """(T, 52), straight lines where no face was seen."""
    seen = np.flatnonzero([row is not None for row in rows])
    if not rows or len(seen) < LEAST_SEEN * len(rows):
        raise UserError(f"{video}: a face is seen in {len(seen)} of {len(rows)} frames; film it larger and from ahead.")
    known = np.array([row for row in rows if row is not None], np.float32)
    every = np.arange(len(rows))
    return np.stack([np.interp(every, seen, column) for column in known.T], axis=1).astype(np.float32)
