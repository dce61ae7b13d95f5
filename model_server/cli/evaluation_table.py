"""The figures of an evaluation as one table, each beside what good lips would have."""

from typing import Any

from .progress import Report

LIPS = {
    "closure_f1": "≥ 0.88", "centre_offset_ms": "-10 … 10", "centre_iqr_ms": "≤ 20",
    "open_vowel_recall": "≥ 0.97", "rounding_auc": "≥ 0.95", "rest_in_silence": "≥ 0.95",
    "lip_speed_p95_mm_s": "120 … 260", "closure_f1_fall": "≤ 0.07",
}  # fmt: skip
WITH_WORDS = LIPS | {"closure_f1": "≥ 0.95", "centre_offset_ms": "-8 … 8", "centre_iqr_ms": "≤ 15"}
CAPTURE = {"lip_gap_r": "≥ 0.85", "lve_share": "≤ 0.6", "best_lag_ms": "-16.7 … 16.7"}
MIXED = {"closure_f1": "≥ 0.90", "open_vowel_recall": "≥ 0.97", "moving_share": "as at 0 dB, within 0.1"}
UNDER_EMOTION = {
    "closure_f1_change at 1": "-0.01 … 0.01", "closure_f1_change at 1.5": "-0.01 … 0.01",
    "turns_a_second, most": "≤ 3", "upper_face_std": "≥ 0.05", "lids at 1.5": "≤ 0.36",
}  # fmt: skip
AIMS = {
    "mixed -": MIXED, "lips with words": WITH_WORDS, "lips": LIPS, "neutral": LIPS, "capture ": CAPTURE,
    "under ": UNDER_EMOTION,
}  # fmt: skip
"""What was measured -> figure -> what is aimed at; the others have no aim of their own."""


def show(report: Report, figures: dict[str, Any]) -> None:
    """One row a figure."""
    rows = []
    for what, values in figures.items():
        aims = next((found for start, found in AIMS.items() if what.startswith(start)), {})
        flat = {**values, **{f"r {k}": v for k, v in values.get("r", {}).items()}}
        rows += [(what, name, str(value), aims.get(name, "")) for name, value in flat.items() if name != "r"]
    report.table(("measured", "figure", "value", "aim"), rows, figures=figures)
