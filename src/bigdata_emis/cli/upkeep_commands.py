"""`emis regions`, `emis prune` and `emis doctor`: what there is, what may go, and whether everything is well.

Belongs here: the commands and their lines. Does not: the work (upkeep).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.cli.tables import table_lines

MARKS = {"ok": "ok", "warn": "WARN", "fail": "FAIL"}
NO_POLICY = "has no [retention] in its region.toml, so that nothing but leftovers is ever deleted (docs/operation.md)"
KILO = 1000.0


def regions(json_: JsonOption = False) -> None:
    """List the region folders that --region can name, with their state."""
    from bigdata_emis.settings import settings
    from bigdata_emis.upkeep.region_state import region_rows

    rows = region_rows(settings())
    answer({"regions": rows}, json_, lambda: region_lines(rows))


@listed
def prune(
    region: RegionOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be deleted")] = False,
    json_: JsonOption = False,
) -> None:
    """Delete old answers, versions, logs and run records as [retention] of region.toml allows; nothing by default."""
    from bigdata_emis.region import load_region
    from bigdata_emis.upkeep.pruning.prune import prune_region

    loaded = load_region(region)
    with progress_bar() as step:
        document = prune_region(loaded, now_utc=now(), is_dry_run=dry_run, progress=step)
    answer(document, json_, lambda: prune_lines(document), region=region)


def doctor(
    region: Annotated[str, typer.Option("--region", "-r", help="one region, and its feeds; default all")] = "",
    json_: JsonOption = False,
) -> None:
    """Check engine, registry, lake, disk, feeds, clock and permissions; exit status 1 when something does not work."""
    from bigdata_emis.settings import settings
    from bigdata_emis.upkeep.health.doctor import examine_system, worst_level
    from bigdata_emis.upkeep.health.health_finding import HealthLevel

    findings = list(examine_system(settings(), region, clock=now))
    level = worst_level(findings)
    document = {"level": level, "findings": [describe_finding(finding) for finding in findings]}
    answer(document, json_, lambda: finding_lines(document), region=region)
    if level == HealthLevel.FAIL:
        raise typer.Exit(1)


def describe_finding(finding: Any) -> dict[str, str]:
    """A finding as a document, without secrets."""
    from bigdata_emis.run.secret_text import secret_names, without_secrets

    names = secret_names(())
    texts = {name: without_secrets(getattr(finding, name), names) for name in ("subject", "what", "remedy")}
    titles = {"title_en": finding.title_en, "title_zh": finding.title_zh}
    return {"check": finding.check, "level": str(finding.level), "region": finding.region, **titles, **texts}


def region_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The regions as a table."""
    cells = [
        [r["region"], r["name_en"], r["name_zh"], r["state"], r["last_published_day"] or "-", r["folder"]] for r in rows
    ]
    return table_lines(["region", "name", "名称", "state", "published to", "folder"], cells)


def prune_lines(document: Mapping[str, Any]) -> list[str]:
    """What was, or would be, deleted as a table, and the sum."""
    policy = [f"{name} {days}" for name, days in document["policy"].items() if days is not None]
    head = f"region {document['region']}: {', '.join(policy)}" if policy else f"region {document['region']} {NO_POLICY}"
    rows = [
        [r["kind"], r["name"], f"{r['count']:,}", r["first_day"], r["last_day"], shown_bytes(r["bytes"])]
        for r in document["removed"]
    ]
    table = table_lines(["what", "of", ">number", "first day", "last day", ">size"], rows) if rows else []
    verb = "would be freed (dry run)" if document["is_dry_run"] else "freed"
    kept = [f"kept: answers of {feed}, which feeds.toml does not declare" for feed in document["kept_feeds"]]
    return [head, *table, *kept, f"{shown_bytes(document['bytes'])} {verb}"]


def finding_lines(document: Mapping[str, Any]) -> list[str]:
    """One line for each finding, and below it the remedy when it is not well."""
    rows = [
        [
            MARKS[f["level"]],
            f["region"] or "-",
            f"{f['title_en']} {f['title_zh']}",
            ": ".join(filter(None, (f["subject"], f["what"]))) + (f"; {f['remedy']}" if f["remedy"] else ""),
        ]
        for f in document["findings"]
    ]
    return table_lines(["", "region", "check 检查项", "state and remedy"], rows)


def shown_bytes(count: float) -> str:
    """A number of bytes with a unit that suits its size."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < KILO:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= KILO
    return f"{count:.1f} TB"
