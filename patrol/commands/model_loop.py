"""``gridpatrol models promote``, ``rollback``, ``history``: which model a site runs, and why."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.clock import SystemClock
from core.errors import ModelError
from models.datasets import DatasetSpec, fingerprint, read_spec
from models.fitness import Fitness, weigh
from models.manifest import ModelPackage, load_package
from models.promotion import Approval, Step
from patrol.commands.judging import BackendOption, Looking, PartOption, ThreadsOption, judge_part
from patrol.commands.model_data import dataset_app, label_command
from patrol.commands.model_figures import print_comparison
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from patrol.wiring import open_shelf, refuse_unfit

_TABLE_COLUMNS = 130

ByOption = Annotated[str, typer.Option(help="Who decides; kept in the ledger.")]


def promote_command(
    model: Annotated[str, typer.Argument(metavar="PACKAGE", help="Package folder, or a shipped package's name.")],
    data: Annotated[Path, typer.Option("--data", help="data.yaml that neither model was trained on.")],
    part: PartOption = "val",
    config: ConfigOption = Path("gridpatrol.toml"),
    accept_worse: Annotated[
        str | None, typer.Option(metavar="REASON", help="Promote it although it is worse, and keep why.")
    ] = None,
    by: ByOption = "console",
    backend: BackendOption = "auto",
    threads: ThreadsOption = 0,
) -> None:
    """启用新模型：评测不差于现用模型才可。 / Make a model the active one, after an evaluation that is not worse."""
    if accept_worse is not None and not accept_worse.strip():
        raise ModelError("--accept-worse needs a reason that others can understand later")
    settings = load_settings(config)
    shelf = open_shelf(settings)
    standing = shelf.ledger().active
    active, candidate = shelf.package_of(standing), load_package(model)
    refuse_unfit(settings, candidate)
    refuse_blind(active, candidate)
    spec = read_spec(data)
    judged = [judge_part(package, data, part, Looking(backend, threads)) for package in (active, candidate)]
    thresholds = [_thresholds(package, active, spec) for package in (active, candidate)]
    fitness = weigh(judged[0], judged[1], thresholds[0], thresholds[1])
    _print_fitness(fitness, active, candidate)
    if fitness.objections and accept_worse is None:
        raise ModelError(
            f"{candidate.manifest.name} {candidate.manifest.version} is not promoted: {'; '.join(fitness.objections)}; "
            "mend: train on, judge on more pictures, or --accept-worse REASON"
        )
    figures: dict[str, Any] = {"part": part, "against": active.manifest.sha256} | fitness.as_json()
    reason = accept_worse if fitness.objections else None
    step = shelf.promote(
        candidate, standing, Approval(SystemClock().now(), by, figures, fingerprint(spec), accepted_worse=reason)
    )
    typer.echo(f"已启用 / promoted: {step.name} {step.version} ({step.sha256[:12]}…)")
    typer.echo("巡查进程数秒内换用，不丢状态；回退：gridpatrol models rollback")
    typer.echo("a running worker takes it up within seconds and keeps its state; back: gridpatrol models rollback")


def rollback_command(config: ConfigOption = Path("gridpatrol.toml"), by: ByOption = "console") -> None:
    """回退到上一个模型。 / Go back to the model before."""
    step = open_shelf(load_settings(config)).rollback(SystemClock().now(), by)
    typer.echo(f"已回退 / rolled back to: {step.name} {step.version} ({step.sha256[:12]}…)")


def history_command(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """启用与回退的记录。 / Every promotion and roll-back of this site."""
    shelf = open_shelf(load_settings(config))
    ledger = shelf.ledger()
    table = Table("at (UTC)", "what", "model", "sha256", "instead of", "by", "note")
    for step in ledger.steps:
        before = (step.previous or "").rpartition(" ")[0]
        table.add_row(
            f"{step.at:%Y-%m-%d %H:%M:%S}",
            step.kind.replace("_", " "),
            f"{step.name} {step.version}",
            step.sha256[:12],
            before,
            step.by,
            _note(step),
        )
    Console(width=_TABLE_COLUMNS).print(table)
    now = shelf.active()
    typer.echo(f"现用 / active: {now.manifest.name} {now.manifest.version} ({now.manifest.sha256[:12]}…)")


def refuse_blind(active: ModelPackage, candidate: ModelPackage) -> None:
    """Raises: ModelError when the candidate cannot file what the active model files; no reason makes up for that."""
    lost = [name for name in active.manifest.violations if name not in candidate.manifest.violations]
    if lost:
        raise ModelError(
            f"{candidate.manifest.name} {candidate.manifest.version} files no cases for {', '.join(lost)}, which the "
            "active model does; mend: train it on them, too"
        )


def _thresholds(package: ModelPackage, active: ModelPackage, spec: DatasetSpec) -> dict[str, float]:
    """The operating thresholds of the violations that the pictures are labelled with."""
    return {name: package.manifest.thresholds[name] for name in active.manifest.violations if name in spec.names}


def _print_fitness(fitness: Fitness, active: ModelPackage, candidate: ModelPackage) -> None:
    names = [f"{package.manifest.name} {package.manifest.version}" for package in (active, candidate)]
    print_comparison(fitness.comparison, f"{names[0]} (active)", names[1])
    alarms = fitness.alarms
    typer.echo(
        f"误报 / false alarms on {alarms.negatives} pictures that show nothing: "
        f"{names[0]} on {alarms.alarmed_active}, {names[1]} on {alarms.alarmed_candidate}"
    )


def _note(step: Step) -> str:
    return "" if step.accepted_worse is None else f"worse, accepted: {step.accepted_worse}"


def register(app: typer.Typer) -> None:
    """Attach the loop's commands to ``gridpatrol models``."""
    app.add_typer(dataset_app, name="dataset")
    app.command("label")(label_command)
    app.command("promote")(promote_command)
    app.command("rollback")(rollback_command)
    app.command("history")(history_command)
