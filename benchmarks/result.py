"""How a benchmark ends: its result as the last thing printed and, where asked for, in a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer


def finish(result: Mapping[str, Any], json_file: Path | None, indent: int | None = None) -> None:
    """Print the result, then write it: what took half an hour is not lost to a folder that cannot be made."""
    text = json.dumps(result, ensure_ascii=False, indent=indent)
    typer.echo(text)
    if json_file is None:
        return
    try:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        typer.echo(f"{json_file} cannot be written ({error.strerror}); the result stands above", err=True)
        raise typer.Exit(1) from error
