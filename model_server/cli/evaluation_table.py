"""The figures of an evaluation as one table, each beside what good lips would have."""

from typing import Any

from .progress import Report

LIPS = {
    "closure_f1": "≥ 0.88, ≥ 0.95 with words", "centre_offset_ms": "-10 … 10", "centre_iqr_ms": "≤ 20, ≤ 15 with words",
    "open_vowel_recall": "≥ 0.97", "rounding_auc": "≥ 0.95", "rest_in_silence": "≥ 0.95",
    "lip_speed_p95_mm_s": "120 … 260",
}  # fmt: skip
CAPTURE = {"lip_gap_r": "≥ 0.85", "lve_share": "≤ 0.6", "best_lag_ms": "-16.7 … 16.7"}
"""Figure -> what is aimed at; the others have no aim of their own."""


def show(report: Report, figures: dict[str, Any]) -> None:
    """One row a figure."""
    rows = []
    for what, values in figures.items():
        aims = CAPTURE if what.startswith("capture ") else LIPS if what == "lips" else {}
        flat = {**values, **{f"r {k}": v for k, v in values.get("r", {}).items()}}
        rows += [(what, name, str(value), aims.get(name, "")) for name, value in flat.items() if name != "r"]
    report.table(("measured", "figure", "value", "aim"), rows, figures=figures)
