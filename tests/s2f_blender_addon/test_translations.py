"""Labels in Japanese and Chinese: the same ones in both, none that nobody shows, and lines that fit the sidebar."""

import ast
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]


def literals(package):
    """Every string that stands in the sources of ``package``, translations aside."""
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        if "translations" not in path.parts:
            tree = ast.parse(path.read_text("utf-8"))
            found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


@pytest.mark.one_blender
def test_both_tables_hold_the_same_labels_and_all_of_them_are_shown_somewhere(blender, load):
    tables = load("translations").LOCALES
    assert set(tables) == {"ja_JP", "zh_HANS"}
    assert list(tables["ja_JP"]) == list(tables["zh_HANS"])
    emotions = {name.capitalize() for name in ("neutral", *load("core.channels").EMOTIONS)}
    shown = literals("s2f_blender_addon") | literals("model_server") | emotions
    assert [label for label in tables["ja_JP"] if label not in shown and label.removesuffix(".") not in shown] == []
    for table in tables.values():
        assert all(said and not said.isascii() for said in table.values())
        for english, said in table.items():
            assert sorted(re.findall(r"{\w+}", said)) == sorted(re.findall(r"{\w+}", english))


def test_every_button_of_the_panel_that_says_something_is_translated(blender, load):
    table = load("translations").LOCALES["ja_JP"]
    for name in ("bake", "cancel", "choose_sound", "play", "import_track", "feel", "add_demo_head", "copy_report"):
        assert getattr(blender.ops.s2f, name).get_rna_type().name in table


def test_a_failure_to_translate_leaves_english_and_registration_can_be_repeated(blender, load):
    translations = load("translations")
    assert blender.app.translations.pgettext_iface("No such label") == "No such label"
    translations.unregister()
    translations.register()


@given(st.text(st.sampled_from("あ漢字、。ab "), max_size=60), st.integers(16, 40))
def test_lines_are_no_wider_than_the_sidebar_and_lose_no_sign(text, letters):
    from s2f_blender_addon.panels.text import wrapped

    wide = [sign for sign in text if unicodedata.east_asian_width(sign) in "WF"]
    lines = wrapped(text, letters)
    if wide:
        assert "".join(lines) == text
    for line in lines:
        assert sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line.rstrip("、。")) <= letters
