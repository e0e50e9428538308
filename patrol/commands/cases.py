"""``gridpatrol cases``: list, read and command cases over the API, as any other program does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cases.case import CloseReason
from cases.life import Stage
from cases.workflow.commands import STEPS, Command
from core.errors import ConfigError
from patrol.api_client import ApiClient
from patrol.commands.api_visit import KEY_ENV, ApiOption, visit_api
from patrol.commands.options import ConfigOption

app = typer.Typer(help="案件：查看与各环节操作。 / Cases: look, and take the next step.", no_args_is_help=True)

DEFAULT = Path("gridpatrol.toml")
COLUMNS = 160
NUMBER_DIGITS = 22
NAMES: Mapping[Command, tuple[str, str]] = {
    Command.ACCEPT: ("accept", "受理立案 / it is a case"),
    Command.REJECT: ("reject", "不予立案 / it is none; needs --reason"),
    Command.UNDO: ("undo", "撤回决定 / take your own accept or reject back, within a minute"),
    Command.DISPATCH: ("dispatch", "派遣 / send it to a unit; needs --unit"),
    Command.TAKE: ("take", "接单 / the unit begins"),
    Command.HAND_BACK: ("hand-back", "退回 / the unit gives it back; needs --note"),
    Command.REPORT: ("report", "反馈已处置 / the unit says that it is put right"),
    Command.VERIFY: ("verify", "核查通过 / looked at again, and put right"),
    Command.REWORK: ("rework", "返工 / looked at again, and not put right; needs --note"),
    Command.CLOSE: ("close", "结案 / close what is verified"),
    Command.VOID: ("void", "作废 / there is nothing to put right; needs --reason"),
    Command.ASK_EXTENSION: ("extend", "申请延期 / ask for more time; needs --hours and --note"),
    Command.GRANT_EXTENSION: ("grant-extension", "同意延期 / give the time asked for"),
    Command.REFUSE_EXTENSION: ("refuse-extension", "不同意延期 / do not; needs --note"),
    Command.SUSPEND: ("suspend", "挂账 / set it aside; needs --note"),
    Command.RESUME: ("resume", "恢复 / go on with it"),
    Command.COMMENT: ("comment", "备注 / write something down; needs --note"),
}
"""What each is called here."""

KeyOption = Annotated[
    str | None,
    typer.Option(envvar=KEY_ENV, help=f"接口密钥 / a key of scope operator; better set {KEY_ENV}.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="案号或编号 / the case's number or id.")]
CasesArgument = Annotated[list[str], typer.Argument(metavar="CASE...", help="案号或编号 / numbers or ids.")]


@app.command("list")
def list_cases(
    stage: Annotated[Stage | None, typer.Option(help="环节 / at this stage.")] = None,
    unit: Annotated[str | None, typer.Option(help="责任单位 / of this unit.")] = None,
    state: Annotated[str, typer.Option(help="open, closed 或 all / or all.")] = "open",
    overdue: Annotated[bool, typer.Option("--overdue", help="已超期 / past the deadline.")] = False,
    near_due: Annotated[bool, typer.Option("--near-due", help="将超期 / nearly late.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonOption = False,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """列出案件，最新在前。 / Cases, the newest first."""
    asked: dict[str, str | None] = {
        "stage": stage,
        "unit": unit,
        "state": None if state == "all" or stage in (Stage.CLOSED, Stage.VOID) else state,
        "overdue": "true" if overdue else None,
        "near_due": "true" if near_due else None,
        "limit": str(limit),
    }
    with visit_api(config, api, key) as client:
        found: Any = client.get("/api/v1/cases", {name: text for name, text in asked.items() if text is not None})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("案号 / number", "类别 / category", "环节 / stage", "单位 / unit", "期限 / due", "网格 / cell")
    for case in found["cases"]:
        row = (case["number"], case["category"], case["stage"], case["unit"], case["due_at"], case["cell_id"])
        table.add_row(*(str(value or "") for value in row))
    Console(width=COLUMNS).print(table)
    if found["next_cursor"]:
        typer.echo("还有更多案件 / there are more: --limit, --stage, --unit", err=True)


@app.command()
def show(
    case: CaseArgument,
    as_json: JsonOption = False,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """查看案件、经过与当前可做的操作。 / One case, its history, and what you may do with it now."""
    with visit_api(config, api, key) as client:
        path = _path(client, case)
        detail: Any = client.ask("GET", path).body
        possible: Any = client.ask("GET", f"{path}/commands").body
    if as_json:
        typer.echo(json.dumps({**detail, "commands": possible["commands"]}, ensure_ascii=False))
        return
    for name, value in detail["case"].items():
        if value not in (None, [], {}, 0, "") and not name.endswith("evidence"):
            typer.echo(f"{name}\t{value}")
    for event in detail["events"]:
        note = event["data"].get("note") or event["data"].get("why") or ""
        typer.echo(f"  {event['at']}\t{event['kind']}\t{event['actor']}\t{note}")
    names = [NAMES[Command(each["command"])][0] for each in possible["commands"]]
    typer.echo(f"可做 / possible: {', '.join(names) or '—'}")


def _add(command: Command) -> None:
    """One subcommand for one line of the table."""
    name, help_text = NAMES[command]

    def run(
        cases: CasesArgument,
        note: Annotated[str, typer.Option(help="说明 / words.")] = "",
        reason: Annotated[CloseReason | None, typer.Option(help="理由 / why there is nothing to put right.")] = None,
        unit: Annotated[str | None, typer.Option(help="单位 / who is to handle it.")] = None,
        handler: Annotated[str | None, typer.Option(help="经办人 / who has it at the unit.")] = None,
        hours: Annotated[float | None, typer.Option(help="小时 / how much more time.")] = None,
        api: ApiOption = None,
        key: KeyOption = None,
        config: ConfigOption = DEFAULT,
    ) -> None:
        given = {"note": note, "reason": reason, "unit": unit, "handler": handler, "hours": hours}
        missing = sorted(f"--{need}" for need in STEPS[command].needs if not given[need])
        if missing:
            raise ConfigError(f"gridpatrol cases {name} lacks {', '.join(missing)}; give it")
        body = {"command": command.value, **{field: value for field, value in given.items() if value}}
        with visit_api(config, api, key) as client:
            for case in cases:
                done: Any = client.ask("POST", f"{_path(client, case)}/commands", body).body
                typer.echo(f"{done['number']}\t{done['stage']}\t{done['unit'] or ''}\t{done['due_at'] or ''}")

    app.command(name, help=help_text)(run)


for _command in Command:
    _add(_command)


def _path(client: ApiClient, case: str) -> str:
    """Where the case is, by its id or its number."""
    if len(case) != NUMBER_DIGITS or not case.isdecimal():
        if not case.replace("-", "").isalnum():
            raise ConfigError(f"{case[:40]!a} is neither a number nor an id; take one from `gridpatrol cases list`")
        return f"/api/v1/cases/{case}"
    found: Any = client.get("/api/v1/cases", {"text": case})
    for each in found["cases"]:
        if each["number"] == case:
            return f"/api/v1/cases/{each['id']}"
    raise ConfigError(f"no case has the number {case}; take one from `gridpatrol cases list`")
