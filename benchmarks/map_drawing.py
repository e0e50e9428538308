"""How long a browser takes to draw a city's grids: as one canvas, and as SVG; decides how the map page draws.

python -m benchmarks.map_drawing --cells 5000 --json map.json
"""

import statistics
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import machine_facts
from benchmarks.result import finish

WIDTH, HEIGHT = 1600, 900
MOVES = 40
LOCAL = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

SET_UP = """(count) => {
    const across = Math.ceil(Math.sqrt(count * 16 / 9));
    const side = 1600 / across;
    window.rings = Array.from({length: count}, (_, at) => {
        const [x, y] = [(at % across) * side, Math.floor(at / across) * side];
        return [x, y, x + side, y, x + side, y + side, x + side / 2, y + side * 0.9, x, y + side];
    });
    window.colours = ["#ffffff", "#d3e4f5", "#a3c8e8", "#6aa4d4", "#2f77b4", "#0b457c"];
}"""
CANVAS = """() => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1600, height: 900});
    document.body.replaceChildren(canvas);
    const ink = canvas.getContext("2d");
    const paths = rings.map((ring) => {
        const path = new Path2D();
        path.moveTo(ring[0], ring[1]);
        for (let at = 2; at < ring.length; at += 2) path.lineTo(ring[at], ring[at + 1]);
        path.closePath();
        return path;
    });
    const batches = colours.map((_, number) => {
        const path = new Path2D();
        paths.forEach((each, at) => at % 6 === number && path.addPath(each));
        return path;
    });
    const all = new Path2D();
    batches.forEach((path) => all.addPath(path));
    window.move = (dx, zoom) => {
        ink.setTransform(1, 0, 0, 1, 0, 0);
        ink.clearRect(0, 0, 1600, 900);
        ink.setTransform(zoom, 0, 0, zoom, dx, 0);
        batches.forEach((path, number) => {
            ink.fillStyle = colours[number];
            ink.fill(path);
        });
        ink.stroke(all);
    };
    move(0, 1);
}"""
SVG = """() => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", 1600);
    svg.setAttribute("height", 900);
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    rings.forEach((ring, at) => {
        const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
        shape.setAttribute("points", ring.join(" "));
        shape.setAttribute("fill", colours[at % 6]);
        shape.setAttribute("stroke", "#000");
        group.append(shape);
    });
    svg.append(group);
    document.body.replaceChildren(svg);
    window.move = (dx, zoom) => group.setAttribute("transform", `translate(${dx} 0) scale(${zoom})`);
    move(0, 1);
}"""
TIMED = """(act) => new Promise((done) => requestAnimationFrame(() => {
    const begun = performance.now();
    eval(act);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
}))"""
MOVED = """(moves) => new Promise((done) => {
    const gaps = [];
    let before = performance.now();
    const next = (now) => {
        gaps.push(now - before);
        before = now;
        if (gaps.length > moves) return done(gaps.slice(1));
        move(gaps.length * 3, 1 + gaps.length * 0.02);
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
})"""
"""Milliseconds from one picture to the next while the map moves with each: painting holds the next one back."""

app = typer.Typer(add_completion=False)


def measure(page: Page, cells: int, draw: str) -> dict[str, float]:
    """Milliseconds from the call until the frame after it, and between two frames of a map that moves."""
    page.evaluate(SET_UP, cells)
    first_ms = page.evaluate(TIMED, f"({draw})()")
    moves = page.evaluate(MOVED, MOVES)
    median_ms = statistics.median(moves)
    return {"first_ms": round(first_ms, 1), "move_p50_ms": round(median_ms, 1), "move_max_ms": round(max(moves), 1)}


@app.command()
def main(
    cells: Annotated[int, typer.Option(min=1, help="grids to draw")] = 5000,
    chromium: Annotated[str, typer.Option(help="the browser")] = "/usr/bin/chromium",
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures there")] = None,
) -> None:
    """Draw the same grids both ways, then pan and zoom."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(LOCAL))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content("<body></body>")
        found: dict[str, Any] = {"cells": cells, "machine": machine_facts()}
        for name, draw in (("canvas", CANVAS), ("svg", SVG)):
            found[name] = measure(page, cells, draw)
            typer.echo(f"{name}: {found[name]}")
        browser.close()
    finish(found, json_file, indent=2)


if __name__ == "__main__":
    app()
