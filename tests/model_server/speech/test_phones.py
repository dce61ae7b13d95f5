"""One inventory of phones for every language, and the ways into it."""

import pytest

from model_server.speech.phones import ARPABET, CLASSES, from_arpabet, from_ipa


@pytest.mark.parametrize(
    ("ipa", "classes"),
    [("p", ("p",)), ("tʃ", ("ch",)), ("dʒ", ("jh",)), ("aɪ", ("a", "ih")), ("oʊ", ("o", "uh")), ("iː", ("i",)),
     ("ɔ̃", ("ao",)), ("tʰ", ("t",)), ("ɕ", ("sh",)), ("ɹ", ("r",)), ("", ()), ("ˈ", ())],
)  # fmt: skip
def test_ipa(ipa: str, classes: tuple[str, ...]) -> None:
    assert from_ipa(ipa) == classes


def test_every_cmu_phone_has_classes_of_the_inventory() -> None:
    assert len(ARPABET) > 39
    assert {c for classes in ARPABET.values() for c in classes} <= set(CLASSES)


def test_stress_digits_are_ignored_and_noises_are_silence() -> None:
    assert from_arpabet("AA1") == from_arpabet("aa") == ("aa",)
    assert from_arpabet("+BREATH+") == ("sil",)
