"""Half precision on the processor, where OpenVINO is installed: the same network, of the same weights, in less time."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.evaluation import lips
from model_server.evaluation.labels import read_labels
from model_server.hardware import HALF, Hardware, for_a_command, for_a_process
from model_server.slots.model_file import open_model
from model_server.speech.backend import numpy_backend
from model_server.speech.network import Shape
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.errors import UserError

CLIPS = sorted((Path(__file__).parents[2] / "data" / "lips").glob("*.flac"))
MOST = 0.02


def test_without_openvino_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.hardware.find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install openvino"):
        for_a_command(HALF)
    assert for_a_process() == Hardware("numpy", "cpu")


@pytest.mark.parametrize(("library", "device"), [("numpy", HALF), ("torch", HALF), ("openvino", "cuda")])
def test_what_it_does_not_compute_gets_a_sentence(library: str, device: str) -> None:
    with pytest.raises(UserError, match="openvino"):
        for_a_process(library, device)


def test_nobody_imports_it_unasked() -> None:
    TalkModel.load()
    assert for_a_command("auto").library == "numpy"
    assert "model_server.speech.openvino_backend" not in sys.modules


class TestWhereItIs:
    @pytest.fixture(autouse=True)
    def here(self) -> None:
        pytest.importorskip("openvino")

    @pytest.mark.parametrize(
        "shape",
        [
            Shape(5, 16, 8, dilations=(1, 2), layers=2, states=12, heads=2, keys=3, values=5, wide=20),
            Shape(5, 16, 8, dilations=(1, 4), causal=True),
            Shape(3, 8, 6, stem=3, kernel=5, dilations=(2,)),
        ],
        ids=["attends", "causal", "wide kernels"],
    )
    def test_in_single_precision_it_computes_what_numpy_does(self, shape: Shape) -> None:
        from model_server.speech.openvino_backend import openvino_backend

        rng = np.random.default_rng(2)
        weights = {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in shape.tensors().items()}
        ours, theirs = numpy_backend(shape, weights), openvino_backend(shape, weights, "single", 2)
        pieces = [rng.normal(0, 1, (frames, shape.bands)).astype(np.float32) for frames in (2, 62, 2, 4, 40)]
        with ThreadPoolExecutor(2) as pool:  # windows are heard in threads
            found = list(pool.map(theirs, pieces))
        for piece, one in zip(pieces, found, strict=True):
            np.testing.assert_allclose(one, ours(piece), atol=2e-4)

    def test_in_half_precision_lips_close_as_often_and_no_curve_is_far(self) -> None:
        try:
            hardware = for_a_command(HALF)
        except UserError as error:
            pytest.skip(str(error))
        assert hardware == Hardware("openvino", "cpu", precision="half")
        half = TalkModel.load(None, hardware.library, hardware.device, hardware.precision)
        whole, totals = TalkModel.load(), (lips.LipCount(), lips.LipCount())
        for clip in CLIPS:
            samples = soundfile.read(clip, dtype="float32")[0]
            curves = [model.run(samples, 100.0).curves for model in (whole, half)]
            apart = np.abs(curves[0] - curves[1]).max(1)
            assert 0 < np.quantile(apart, 0.99) <= MOST and apart.max() <= 0.1  # as s2f bench --check has it
            for total, values in zip(totals, curves, strict=True):
                lips.count(total, np.arange(len(values)) / 100, values, read_labels(clip.with_suffix(".phn")))
        assert totals[0].figures()["closure_f1"] == totals[1].figures()["closure_f1"]

    def test_it_stays_with_the_bundled_weights(self) -> None:
        from model_server.speech.openvino_backend import openvino_backend

        found = open_model(None)
        features = np.random.default_rng(0).standard_normal((200, found.card.shape.bands)).astype(np.float32)
        single = openvino_backend(found.card.shape, found.weights, "single")(features)
        np.testing.assert_allclose(single, numpy_backend(found.card.shape, found.weights)(features), atol=1e-3)
