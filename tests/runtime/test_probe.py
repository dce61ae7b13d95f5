"""The card and the driver, asked through the driver's own interface; the card decides the build."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import plan
from s2f_blender_addon.runtime.builds import Build, choose
from s2f_blender_addon.runtime.probe import GraphicsCard, Machine, ask, from_json, linux_vendors, probe, to_json

GB = 1 << 30


class Driver:
    """libcuda with the given cards, as C would fill the pointers; no machine that runs tests has one."""

    def __init__(self, version: int, cards: list[GraphicsCard], problem: int = 0) -> None:
        self.version, self.cards, self.problem = version, cards, problem

    def cuInit(self, flags: int) -> int:
        return self.problem

    def cuDriverGetVersion(self, out: Any) -> int:
        out._obj.value = self.version
        return 0

    def cuDeviceGetCount(self, out: Any) -> int:
        out._obj.value = len(self.cards)
        return 0

    def cuDeviceGet(self, out: Any, index: int) -> int:
        out._obj.value = index
        return 0

    def cuDeviceGetName(self, out: Any, size: int, device: ctypes.c_int) -> int:
        out.value = self.cards[device.value].name.encode()[: size - 1]
        return 0

    def cuDeviceGetAttribute(self, out: Any, attribute: int, device: ctypes.c_int) -> int:
        out._obj.value = self.cards[device.value].capability[{75: 0, 76: 1}[attribute]]
        return 0

    def cuDeviceTotalMem_v2(self, out: Any, device: ctypes.c_int) -> int:
        out._obj.value = self.cards[device.value].memory
        return 0


def machine(
    capability: tuple[int, int] | None = None, driver: tuple[int, int] = (0, 0), system: str = "linux", **more: Any
) -> Machine:
    cards = (GraphicsCard("A card", capability, 8 * GB),) if capability else ()
    processor, problem = more.get("processor", "x86_64"), more.get("problem", 0)
    return Machine(system, processor, cards, driver, problem, more.get("vendors", ()))


def test_the_driver_tells_its_cards() -> None:
    large = GraphicsCard("NVIDIA GeForce RTX 4090", (8, 9), 24 * GB)
    cards = [large, GraphicsCard("NVIDIA GeForce GT 710", (3, 5), 2 * GB)]
    assert ask(Driver(12040, cards)) == ((12, 4), tuple(cards), 0)


def test_a_driver_without_a_card_tells_its_error_and_its_version() -> None:
    assert ask(Driver(13000, [], problem=100)) == ((13, 0), (), 100)


def test_this_machine_can_be_asked_in_a_child_process() -> None:
    assert plan.machine() == probe()


def test_a_driver_that_crashes_takes_a_child_along_and_has_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan.probe, "__file__", "/nowhere/probe.py")
    with pytest.raises(UserError, match="graphics driver does not answer"):
        plan.machine()


@given(st.builds(GraphicsCard, st.text(), st.tuples(st.integers(1, 20), st.integers(0, 9)), st.integers(0, 1 << 50)))
def test_what_is_found_travels_as_json(card: GraphicsCard) -> None:
    there = Machine("linux", "x86_64", (card,), (13, 0), 0, ("amd", "nvidia"))
    assert from_json(to_json(there)) == there


def test_the_makers_of_cards_without_a_driver_are_read_from_the_system(tmp_path: Path) -> None:
    for name, vendor in (("card0", "0x1002"), ("card1", "0x8086"), ("card2", "nonsense"), ("card3", "0xffff")):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device" / "vendor").write_text(f"{vendor}\n")
    assert linux_vendors(tmp_path) == {"amd", "intel"}


@pytest.mark.parametrize(
    ("capability", "driver", "build"),
    [
        ((12, 0), (13, 0), "cu130"),  # Blackwell
        ((9, 0), (13, 1), "cu130"),  # Hopper
        ((8, 9), (13, 0), "cu130"),  # Ada
        ((8, 9), (12, 4), "cu126"),  # Ada under last year's driver
        ((7, 5), (13, 0), "cu130"),  # Turing
        ((7, 0), (13, 0), "cu126"),  # Volta: CUDA 13 left it behind
        ((6, 1), (12, 8), "cu126"),  # Pascal
        ((5, 0), (13, 0), "cu126"),  # Maxwell
    ],
)
@pytest.mark.parametrize("system", ["linux", "windows"])
def test_capability_and_driver_decide_the_build(
    capability: tuple[int, int], driver: tuple[int, int], build: str, system: str
) -> None:
    chosen = choose(machine(capability, driver, system))
    assert chosen == Build(f"{system}-{build}", GraphicsCard("A card", capability, 8 * GB))
    assert chosen.lock.is_file()


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (machine((3, 5), (11, 4)), r"A card \(compute capability 3.5\) is too old"),
        (machine((8, 6), (11, 8)), r"driver is too old for the A card: it serves CUDA 11.8 and 12.0.*528 or newer"),
        (machine((12, 0), (12, 8)), r"it serves CUDA 12.8 and 13.0 is needed; install driver 580"),
        (machine(None, (13, 0), problem=100), r"driver is there but shows no card \(CUDA error 100\); restart"),
        (machine(vendors=("intel", "nvidia")), "NVIDIA card but not NVIDIA's driver; install it"),
        (machine(vendors=("amd",)), "AMD card.*runs on the CPU, for which nothing has to be set up"),
        (machine(vendors=("intel",)), "Intel card.*runs on the CPU"),
        (machine(system="macos", processor="arm64", vendors=("apple",)), r"Apple's chips \(MPS\).*runs on the CPU"),
        (machine(), "no NVIDIA card in this computer.*runs on the CPU"),
        (machine((9, 0), (13, 0), processor="arm64"), "no GPU runtime for linux on arm64"),
    ],
)
def test_where_there_is_no_build_the_sentence_says_why_and_what_to_do(there: Machine, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        choose(there)
