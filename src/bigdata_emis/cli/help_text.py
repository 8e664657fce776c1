"""The help of `emis`: whole sentences in the list of commands, and examples below the help of each.

Belongs here: how help is printed, and the examples. Does not: what a command does.
"""

from typing import Any

from typer.core import TyperGroup

EXAMPLES = {
    "run": ("emis run clean_power --region nys --from 2019-07-20 --to 2019-07-21",),
    "day": ("emis day --region nys --date 2019-07-20", "emis day -r nys -d 2019-07-20 --late-days 7 --json"),
    "alert": (
        "emis alert --region jjj --at 2015-12-19T20:00",
        "emis alert -r jjj --at 2015-12-19T20:00 --in-force orange --since 2015-12-18T12:00 --regional-level red",
        "emis alert issue -r jjj --level red --from 2015-12-19T07:00 --to 2015-12-23 --cities Beijing --by Li",
        "emis alert list --region jjj",
        "emis alert backtest --data shared/data",
    ),
    "recalc": (
        "emis recalc --region jjj --level red --from 2015-12-21 --to 2015-12-22",
        "emis recalc -r jjj --level orange --from 2015-12-21T08:00 --to 2015-12-22 --measures list.csv --name list-a",
        "emis recalc -r jjj --level orange --from 2015-12-21 --to 2015-12-22 --change 2015-12-21T18:00=red",
        "emis recalc -r jjj --level red --from 2015-12-21 --to 2015-12-22 --rebound share=0.5,hours=24",
        "emis recalc -r jjj --level red --from 2015-12-21 --to 2015-12-22 --detour share=0.3,classes=HeavyT,to=outside",
    ),
    "approve": ("emis approve --region jjj --scenario list-a --by duty-officer",),
    "outcome": ("emis outcome --region jjj --scenario list-a",),
    "brief": ("emis brief --region jjj --date 2015-12-21",),
    "review": ("emis review --region jjj --alert ALERT", "emis review -r jjj --scenario list-a --json"),
    "compliance": (
        "emis compliance list --region jjj --status open",
        "emis compliance sheet --region jjj",
        "emis compliance trucks --region jjj --date 2015-12-21 --level red",
    ),
    "optimise": (
        "emis optimise --region jjj --level orange --from 2015-12-21 --to 2015-12-22 --out measures.csv",
        "emis optimise -r jjj --level red --from 2015-12-21 --to 2015-12-22 --costs costs.csv --json",
    ),
    "scenario": (
        "emis scenario list --region jjj",
        "emis scenario waterfall --region jjj --scenario list-a --pollutant NOx --order cut",
        "emis scenario gap -r jjj -s list-a --pollutant NOx --target 0.3",
    ),
    "list": (
        "emis list parse '停产50%(以生产线计)' --context N=3",
        "emis list import list.xlsx --region jjj --valid-from 2026-10-01 --valid-to 2027-09-30",
        "emis list review --region jjj",
        "emis list measures --region jjj --out measures.csv",
    ),
    "report": ("emis report --region jjj --date 2015-12-21", "emis report -r jjj --scenario list-a"),
    "published": ("emis published --region nys", "emis published -r nys --as-of 2019-07-21T06:00 --json"),
    "models": ("emis models --region nys", "emis models -r nys --source LINE"),
    "runs": ("emis runs --failed", "emis runs -r nys --since 2019-07-20 --limit 50"),
    "validate": ("emis validate list",),
    "demo": (
        "emis demo",
        "emis demo --size tiny --score",
        "emis demo --fault-trials 3 --seed 1",
        "emis demo --factor-trials 10 --seed 1",
        "emis demo --day-trials 10 --seed 1 --size tiny",
    ),
    "version": ("emis version",),
    "backfill": (
        "emis backfill --region nys --from 2019-07-20 --to 2019-07-27 --late",
        "emis backfill -r nys --from 2019-07-20 --to 2019-07-27 --json",
    ),
    "quality": ("emis quality --region jjj --date 2015-12-21",),
    "inventory": (
        "emis inventory compare --region jjj",
        "emis inventory compare -r jjj --date 2015-12-14 --json",
        "emis inventory drivers --data statistics",
    ),
    "restate": ("emis restate --region nys --month 2019-07",),
    "regions": ("emis regions", "emis regions --json"),
    "prune": ("emis prune --region nys --dry-run", "emis prune -r nys"),
    "doctor": ("emis doctor", "emis doctor --region nys --json"),
    "feed": (
        "emis feed check --region nys --feed power",
        "emis feed check -r nys -f power --file new.csv",
        "emis feed count -r my_city --unit fire --positions fires.csv --date 2026-06-12 --out drop/2026-06-12.csv",
        "emis feed passes --region nys --feed power --date 2019-07-20",
        "emis feed exclude -r nys -f power -d 2019-07-20 --pass 1 --by Li --role 'data officer' "
        "--note 'corrected file of the provider has all rows'",
    ),
    "quarantine": (
        "emis quarantine list --region nys --date 2019-07-20 --rows 20",
        "emis quarantine explain -r nys -f power -d 2019-07-20 --reading 3f2a9c01b7de",
        "emis quarantine release -r nys -f power -d 2019-07-20 --reading 3f2a9c01b7de --by Li --role 'data officer' "
        "--note 'meter checked on site'",
    ),
    "gateway": ("emis gateway --region my_city --host 0.0.0.0 --port 9212",),
    "export": (
        "emis export --region jjj --date 2015-12-21 --format ioapi --out models",
        "emis export -r jjj -d 2015-12-21 --format ioapi --grid d02.toml --allow-outside 0.3 --out models",
        "emis export -r jjj -d 2015-12-21 --format wrfchem --mechanism saprc07 --out models",
    ),
    "registry": ("emis registry copy --to sqlite:////backup/registry.sqlite", "emis registry migrate"),
}
WIDEST = 1000


class CommandGroup(TyperGroup):
    """The commands of `emis`, in the order in which they were declared, none of their lines cut."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, command in self.commands.items():
            if name in EXAMPLES and not command.epilog:
                command.epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in EXAMPLES[name])

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List each command with its whole first sentence."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(n, c.get_short_help_str(limit=WIDEST)) for n, c in commands if c is not None and not c.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
