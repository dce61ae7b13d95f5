"""numpy multiplies with the kernels that suit the processor."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from model_server import blas

FLAGS = "avx2 fma avx512f avx512dq avx512bw avx512vl"
CPUINFO = "processor\t: 0\nvendor_id\t: {vendor}\nmodel name\t: Some Processor\nflags\t\t: fpu {flags}\n\n"


@pytest.mark.parametrize("more", ["", " avx512_bf16"])
def test_an_intel_processor_with_avx512_gets_skylakes_kernels_whether_or_not_bfloat16_shows(more: str) -> None:
    assert blas.kernels(CPUINFO.format(vendor="GenuineIntel", flags=FLAGS + more)) == "SkylakeX"


@pytest.mark.parametrize(
    ("vendor", "flags"),
    [
        ("GenuineIntel", FLAGS.replace(" avx512dq", "")),
        ("GenuineIntel", "avx2 fma"),
        ("AuthenticAMD", FLAGS),
    ],
)
def test_openblas_decides_for_itself_elsewhere(vendor: str, flags: str) -> None:
    assert blas.kernels(CPUINFO.format(vendor=vendor, flags=flags)) == ""


@pytest.mark.parametrize("text", ["", "flags", "vendor_id : \n:::\n"])
def test_a_system_that_says_nothing_of_its_processor_is_left_alone(text: str) -> None:
    assert blas.kernels(text) == ""


def test_where_nothing_is_known_of_the_processor_there_is_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in (blas.KERNELS, blas.THREADS):
        monkeypatch.delenv(variable, raising=False)
    blas.choose(tmp_path / "cpuinfo")
    assert blas.KERNELS not in os.environ
    assert os.environ[blas.THREADS] == "1"


def test_what_the_user_asks_for_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(blas.KERNELS, "Haswell")
    monkeypatch.setenv(blas.THREADS, "3")
    (tmp_path / "cpuinfo").write_text(CPUINFO.format(vendor="GenuineIntel", flags=FLAGS))
    blas.choose(tmp_path / "cpuinfo")
    assert (os.environ[blas.KERNELS], os.environ[blas.THREADS]) == ("Haswell", "3")


@pytest.mark.skipif(
    platform.system() != "Linux" or not blas.kernels(Path("/proc/cpuinfo").read_text(errors="replace")),
    reason="OpenBLAS knows this processor",
)
def test_openblas_takes_those_kernels_in_a_process_of_ours() -> None:
    environment = {name: value for name, value in os.environ.items() if name != blas.KERNELS}
    code = "import model_server, numpy; numpy.ones((9, 9)) @ numpy.ones((9, 9))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | {"OPENBLAS_VERBOSE": "2"}, capture_output=True, text=True
    )
    assert "Core: SkylakeX" in done.stdout + done.stderr
