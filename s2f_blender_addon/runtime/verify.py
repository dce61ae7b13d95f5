"""Whether a new environment does its work: the model process is started in it and speaks the sample recording."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import UserError
from ..core.messages import Infer
from ..core.request import Request
from ..process.client import ModelProcess
from ..process.command import ROOT, of_runtime
from ..process.job import Job, Phase
from .children import Failed
from .failures import of_output
from .installation import Installation
from .tools import Shop

PATIENCE = 300.0
"""Seconds for the first start: a virus scanner reads every library before it may load."""

SAMPLE = ROOT / "model_server" / "sample" / "hello.wav"

_TOUCH = "import torch; print(torch.__version__, torch.version.cuda); print(torch.ones(8, device='cuda').sum().item())"


@dataclass(frozen=True)
class Answer:
    """What the model process said of itself, and how long it took from its start, seconds."""

    backend: str
    device: str
    seconds: float


def verify(shop: Shop, python: Path, device: str, installation: Installation, fraction: float) -> Answer:
    """Run the sample through the model in ``python``, on ``device`` (cuda or cpu). Raises UserError, Cancelled."""
    began = time.monotonic()
    process = ModelProcess(of_runtime(python, shop.root, PATIENCE))
    process.start()
    try:
        job = Job(process, Infer(0, Request(str(SAMPLE))))
        while not job.poll():
            installation.go_on(fraction, f"Testing with a recording: {job.doing.lower()}")
            if time.monotonic() - began > 2 * PATIENCE:
                job.cancel()
            time.sleep(0.05)
        installation.log(process.log)
        if job.phase is not Phase.DONE or job.track is None or process.hello is None:
            raise of_output(f"{job.sentence}\n{job.report}\n{process.log}", shop.root, "Testing the GPU runtime")
        if not np.isfinite(job.track.talk).all() or np.ptp(job.track.talk) < 0.1:
            raise UserError("The test recording moved no face; copy the report, send it, and try again.")
        if process.hello.device != device:
            raise _without_card(shop, python, installation)
        return Answer(process.hello.backend, process.hello.device, time.monotonic() - began)
    finally:
        process.stop()


def _without_card(shop: Shop, python: Path, installation: Installation) -> UserError:
    """Why torch does not use the card."""
    try:
        output = shop.run([python, "-I", "-c", _TOUCH], installation)
    except Failed as failed:
        output = failed.output
    return of_output(output, shop.root, "Using the card")
