"""Checks run by Great Expectations: the findings, and the Data Docs page of the outcome.

Belongs here: the only import of Great Expectations. It costs seconds, so it is imported late and never on the way of an
emergency recalculation. Does not: which checks there are, or what is refused (publish.py).
"""

import gc
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from bigdata_emis.publish.gate.checks import Check, Expectation, Finding, Severity

SHOWN = 3
REMOTE = re.compile(
    r"<(?:script|link)\b[^>]*(?:src|href)=\"https?://[^>]*>(?:\s*</script>)?|<img\b[^>]*https?://[^>]*>"
)
REMOTE_LINK = re.compile(r"href=\"https?://[^\"]*\"")
STYLE = """<style>body{font:14px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}
td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}nav,.modal,#sidebar,footer{display:none}</style>"""


@dataclass(frozen=True)
class Outcome:
    """The findings of some checks, and the validation results behind them, with the day of each check."""

    findings: tuple[Finding, ...]
    results: tuple[Any, ...]
    days: tuple[date | None, ...]

    @property
    def refusals(self) -> list[Finding]:
        """Findings for which the day is refused."""
        return [finding for finding in self.findings if finding.severity == Severity.CRITICAL]

    @property
    def alarms(self) -> list[Finding]:
        """Findings with which the day is published all the same."""
        return [finding for finding in self.findings if finding.severity == Severity.WARNING]

    def of_day(self, day: date) -> "Outcome":
        """The part of the outcome that is about a day, or about all days that were judged together."""
        findings = tuple(finding for finding in self.findings if finding.day in (None, day))
        kept = [number for number, judged in enumerate(self.days) if judged in (None, day)]
        return Outcome(findings, tuple(self.results[n] for n in kept), tuple(self.days[n] for n in kept))


def run_checks(checks: Sequence[Check]) -> Outcome:
    """Judge the facts of every check; a check without facts expects nothing."""
    judged = [(check, _validate(check)) for check in checks if check.facts.num_rows and check.expectations]
    findings = [finding for check, result in judged for finding in _findings(check, result)]
    return Outcome(tuple(findings), tuple(result for _, result in judged), tuple(check.day for check, _ in judged))


def docs_page(outcome: Outcome, title: str) -> str:
    """The Data Docs page of an outcome as one HTML file that reaches for nothing outside of itself."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    pages = [_page_view().render(ValidationResultsPageRenderer().render(result)) for result in outcome.results]
    bodies = [page[page.find("<body") : page.rfind("</body>")] for page in pages]
    content = "\n<hr>\n".join(re.sub(r"^<body[^>]*>", "", body) for body in bodies)
    local = REMOTE_LINK.sub('href="#"', REMOTE.sub("", re.sub(r"<script\b.*?</script>", "", content, flags=re.DOTALL)))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{STYLE}</head>'
        f"<body><h1>{title}</h1>{local}</body></html>"
    )


@cache
def _page_view() -> Any:
    """The view of a page, which compiles its seventeen templates once: a quarter of the time to restate a month."""
    from great_expectations.render.view.view import DefaultJinjaPageView

    return DefaultJinjaPageView()


def _validate(check: Check) -> Any:
    """The validation result of one check; each result carries the place of its expectation in `meta`."""
    definition = _batch_definition()
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    wanted = [
        ExpectationConfiguration(
            type=expected.type,
            kwargs=expected.kwargs,
            severity=FailureSeverity(expected.severity.value),
            meta={"number": number, "meaning": expected.meaning},
        )
        for number, expected in enumerate(check.expectations)
    ]
    frame = check.facts.to_pandas(types_mapper=pd.ArrowDtype)
    batch = definition.get_batch(batch_parameters={"dataframe": frame})
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": list(check.key)}
    return batch.validate(ExpectationSuite(name=check.name, expectations=wanted), result_format=complete)


def _findings(check: Check, result: Any) -> Iterator[Finding]:
    for one in result.results:
        if not one.success:
            expected = check.expectations[one.expectation_config.meta["number"]]
            yield Finding(check.name, expected.meaning, expected.severity, _examples(check, expected, one), check.day)


def _examples(check: Check, expected: Expectation, result: Any) -> tuple[str, ...]:
    """The first facts that differ, each as `name: column value`."""
    column = expected.kwargs.get("column", "")
    rows = (result.result or {}).get("unexpected_index_list") or []
    failure = (result.exception_info or {}).get("exception_message")
    texts = [f"{_name(row, check.key)}: {column} {_value(row.get(column))}" for row in rows[:SHOWN]]
    more = [f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return tuple(texts + more) if texts else tuple(str(failure).splitlines()[:1] if failure else ())


def _name(row: dict[str, Any], key: Sequence[str]) -> str:
    return " ".join(str(row[part]) for part in key if row.get(part) is not None and row[part] is not pd.NA)


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@cache
def _batch_definition() -> Any:
    """Whole frames on an ephemeral context: nothing on disk, nothing sent anywhere, no progress bars.

    One for all frames, since each definition is written out as YAML three times when it is made.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with _without_garbage_collection():
        import great_expectations
        from great_expectations.data_context.types.base import ProgressBarsConfig
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    frames = context.data_sources.add_or_update_pandas("frames")
    return frames.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """The import creates a million objects that all stay: searching them for garbage is a fifth of its cost."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
