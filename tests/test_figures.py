"""The figures: all that were asked for are there, each in a line of the same form."""

import re
from collections.abc import Iterable

import pytest

from bench import figures
from bench.figures import Figure

ASKED = {
    "fresh_clone_to_first_answer", "warm_restart_to_first_answer", "today_first_load_bytes",
    "today_first_load_requests", "lighthouse_today_performance", "lighthouse_journal_accessibility",
    "lighthouse_caseload_best-practices", "matrix_requests_sqlite", "matrix_leaks_postgresql",
    "week_view_queries", "week_view_ratio", "own_scripts_bytes", "precache_bytes",
    "urge_taps_to_guided_screen", "urge_answer_ms_p95_rate", "urge_answer_ms_p95_save",
    "insights_ms_30000_entries", "insights_false_alarm_rate", "insights_window_power",
    "flags_sensitivity", "flags_false_per_coach_day", "review_keys_per_entry", "review_bytes_per_entry",
    "functions_median_lines", "functions_p90_lines", "functions_max_lines", "test_to_app_ratio",
    "workers_3_vs_1_sqlite", "workers_3_vs_1_postgresql",
}  # fmt: skip


def test_what_was_asked_for_is_measured() -> None:
    names = [name for names, _ in figures.MEASURES for name in names]
    assert set(names) >= ASKED
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure("today_first_load_bytes", 31983.0, "bytes", 5), "today_first_load_bytes = 31983 bytes (n = 5)"),
        (Figure("warm_restart_to_first_answer", 0.83, "s", 5), "warm_restart_to_first_answer = 0.83 s (n = 5)"),
        (Figure("test_to_app_ratio", 1.204, "", 1), "test_to_app_ratio = 1.204 (n = 1)"),
        (Figure("matrix_leaks_sqlite", 0, "leaks", 1), "matrix_leaks_sqlite = 0 leaks (n = 1)"),
    ],
)  # fmt: skip
def test_a_line(figure: Figure, line: str) -> None:
    assert str(figure) == line
    assert re.fullmatch(r"[a-z0-9_-]+ = [0-9.]+( \S+)* \(n = \d+\)", line)


def test_only_what_is_wanted_is_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def two() -> Iterable[Figure]:
        return [Figure("crossing_days", 3, "days", 1), Figure("crossing_weeks", 1, "weeks", 1)]

    def never() -> Iterable[Figure]:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(figures, "MEASURES", [(("crossing_days", "crossing_weeks"), two), (("other",), never)])
    monkeypatch.setattr(figures, "ONLY", "crossing_w")
    figures.print_figures()
    assert capsys.readouterr().out == "crossing_weeks = 1 weeks (n = 1)\n"
