"""One reader in a process of its own, for ``benchmarks.rtsp_readers``; takes and prints JSON."""

import json
import sys

import typer

from benchmarks.rtsp_readers import read_all

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    typer.echo(json.dumps(read_all(asked["reader"], asked["urls"], asked["seconds"])))
