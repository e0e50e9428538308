"""``gridpatrol users``: people who sign in, on the machine of the case room."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cases.access.house import AccessHouse
from cases.access.people import Person, PersonDraft
from cases.roles import Role
from core.clock import SystemClock
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from patrol.wiring import open_case_room

ACTOR = "command line"
DEFAULT_CONFIG = Path("gridpatrol.toml")
app = typer.Typer(help="人员与登录。 / People who sign in.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="登录名 / their login, such as li.min.")]
RoleOption = Annotated[list[Role] | None, typer.Option(help="角色，可重复 / a role; repeat for several.")]
UnitOption = Annotated[str | None, typer.Option(help="所属单位 / the unit they work for.")]


@app.command()
def add(
    login: Login,
    name: Annotated[str | None, typer.Option(help="姓名 / the name shown; default: the login.")] = None,
    role: RoleOption = None,
    unit: UnitOption = None,
    language: Annotated[str, typer.Option(help="both, zh 或 / or en.")] = "both",
    admin: Annotated[bool, typer.Option("--admin", help="管理员 / also an admin.")] = False,
    single_sign_on: Annotated[
        bool,
        typer.Option("--single-sign-on", help="经统一身份认证登录，无初始密码 / by single sign-on, no password here."),
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """新增人员，打印一次初始密码。 / Add a person; the initial password is printed this once."""
    roles = frozenset(role or []) | ({Role.ADMIN} if admin else frozenset())
    with _access(config) as access:
        draft = PersonDraft(login, name or login, roles, unit, language, single_sign_on=single_sign_on)
        person, initial = access.people.add(draft, ACTOR, SystemClock().now())
    if initial:
        _say_initial(person.login, initial)
    else:
        typer.echo(_line(person))


@app.command("list")
def list_people(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """列出人员。 / Who may sign in, and as what."""
    with _access(config) as access:
        after: str | None = None
        while people := access.people.list(after):
            for person in people:
                typer.echo(_line(person))
            after = people[-1].login


@app.command()
def change(
    login: Login,
    name: Annotated[str | None, typer.Option(help="姓名 / the name shown.")] = None,
    role: RoleOption = None,
    unit: UnitOption = None,
    off: Annotated[bool, typer.Option("--off", help="停用 / may no longer sign in.")] = False,
    on: Annotated[bool, typer.Option("--on", help="启用 / may sign in again.")] = False,
    single_sign_on: Annotated[
        bool | None,
        typer.Option("--single-sign-on/--password", help="登录方式：统一身份认证或密码 / how they come in."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """修改姓名、角色（整体替换）、单位或停用。 / Change name, roles (all of them), unit, or switch somebody off."""
    if on and off:
        raise typer.BadParameter("--on 与 --off 只能取一个 / give --on or --off, not both")
    with _access(config) as access:
        draft = access.people.get(login).draft
        if name is not None:
            draft = replace(draft, display_name=name)
        if role:
            draft = replace(draft, roles=frozenset(role))
        if unit is not None:
            draft = replace(draft, unit=unit or None)
        if on or off:
            draft = replace(draft, is_active=on)
        if single_sign_on is not None:
            draft = replace(draft, single_sign_on=single_sign_on)
        person = access.people.change(draft, None, ACTOR, SystemClock().now())
    typer.echo(_line(person))


@app.command("reset-password")
def reset_password(login: Login, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """重设为初始密码（打印一次），并退出其全部会话。 / A new initial password, printed this once; sessions end."""
    with _access(config) as access:
        person = access.people.get(login)
        initial = access.credentials.reset_password(person.login, ACTOR, SystemClock().now())
    _say_initial(person.login, initial)


@app.command()
def unlock(login: Login, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """解除登录锁定。 / End a lock-out."""
    with _access(config) as access:
        was = access.credentials.unlock(login, ACTOR, SystemClock().now())
    typer.echo("已解除 / unlocked" if was else "未被锁定 / there was nothing to unlock")


@app.command("drop-second-factor")
def drop_second_factor(login: Login, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """手机遗失时停用动态码。 / Take a lost second factor away."""
    with _access(config) as access:
        access.credentials.drop_second_factor(login, ACTOR, SystemClock().now())
    typer.echo(f"已停用动态码 / second factor taken away: {login}")


@app.command("sign-out")
def sign_out(login: Login, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """退出其全部会话。 / End every session of theirs."""
    with _access(config) as access:
        ended = access.credentials.end_sessions(access.people.get(login).login, ACTOR, SystemClock().now())
    typer.echo(f"已退出会话 / sessions ended: {ended}")


@contextmanager
def _access(config: Path) -> Iterator[AccessHouse]:
    room = open_case_room(load_settings(config))
    try:
        yield AccessHouse.over(room.engine)
    finally:
        room.engine.dispose()


def _say_initial(login: str, initial: str) -> None:
    typer.echo(f"登录名 / login: {login}")
    typer.echo(f"初始密码（仅显示一次，首次登录须修改） / initial password, shown this once: {initial}")


def _line(person: Person) -> str:
    state = "有效 / active" if person.is_active else "停用 / off"
    factor = "动态码 / second factor" if person.has_second_factor else "-"
    roles = ",".join(sorted(person.roles))
    way = "密码 / password" if person.sign_on is None else f"统一身份认证 / single sign-on ({person.sign_on})"
    return f"{person.login}\t{person.display_name}\t{roles}\t{person.unit or '-'}\t{state}\t{factor}\t{way}"
