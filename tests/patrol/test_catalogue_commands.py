"""``gridpatrol catalogue``, ``places`` and ``calendars``: files in and out, dry runs, faults by line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases.catalogue.reading import shipped
from core.errors import PatrolError
from patrol.cli import app

CELL = "510104001001001"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gridpatrol.toml"
    path.write_text('[grid]\nfile = "grids.geojson"\n', encoding="utf-8")
    return path


def run(config: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*(str(argument) for argument in arguments), "--config", str(config)])


def said(config: Path, *arguments: object) -> str:
    result = run(config, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(result: Result) -> str:
    assert isinstance(result.exception, PatrolError), result.output
    return str(result.exception)


def test_a_catalogue_is_written_out_changed_tried_imported_and_compared(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "city.toml"
    assert "version 1" in said(config, "catalogue", "export", file)
    assert file.read_text(encoding="utf-8") == shipped().source
    file.write_text(shipped().source.replace('zh = "店外经营"', 'zh = "出店经营"'), encoding="utf-8")
    assert "nothing written" in said(config, "catalogue", "import", file, "--dry-run")
    assert "version 2" in said(config, "catalogue", "import", file, "--why", "市里叫法")
    assert "is in force" in said(config, "catalogue", "import", file)
    assert said(config, "catalogue", "diff", 1).strip() == "shop_spillover.zh: 店外经营 → 出店经营"
    assert "出店经营" in said(config, "catalogue", "show")
    assert "店外经营" in said(config, "catalogue", "show", "--version", 1)
    assert said(config, "catalogue", "versions").splitlines()[0].endswith("市里叫法")
    assert CliRunner().invoke(app, ["catalogue", "check", str(file)]).exit_code == 0
    file.write_text("format = 1\nname = \n", encoding="utf-8")
    assert "city.toml: " in refused(run(config, "catalogue", "import", file))


def test_places_come_from_a_layer_and_a_gbk_sheet_and_go_back_into_files(config: Path, tmp_path: Path) -> None:
    ring = [[104.08, 30.657], [104.081, 30.657], [104.081, 30.658], [104.08, 30.658], [104.08, 30.657]]
    feature = {
        "type": "Feature",
        "properties": {"code": CELL, "name": "春熙路一", "zone": "strict"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    layer, units, people = tmp_path / "grids.geojson", tmp_path / "units.csv", tmp_path / "people.csv"
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    units.write_bytes(f"编码,类别,责任单位\r\n{CELL},暴露垃圾,环卫一所\r\n".encode("gbk"))
    people.write_bytes(f"编码,角色,姓名,电话\r\n{CELL},环卫,李敏,13800000000\r\n".encode("gbk"))
    assert "+ zone" in said(config, "places", "import", layer, "--dry-run")
    assert said(config, "places", "list") == ""
    assert "units.csv: 已导入 / imported: +1 ~0 -0 =0" in said(config, "places", "import", layer, units, people)
    assert f"{CELL}\t春熙路一\tstrict\texposed_garbage: 环卫一所\t1" in said(config, "places", "list")
    told = said(config, "places", "responsible", CELL, "01-02")
    assert "环卫一所" in told
    assert "李敏" in told
    out = tmp_path / "out.csv"
    said(config, "places", "export", out, "--sheet", "people")
    assert "13800000000" not in out.read_text(encoding="utf-8")
    said(config, "places", "export", out, "--sheet", "people", "--phones")
    assert "13800000000" in out.read_text(encoding="utf-8")
    said(config, "places", "export", tmp_path / "out.geojson")
    assert "=4" in said(config, "places", "import", tmp_path / "out.geojson"), "the same again changes nothing"
    units.write_text(f"编码,类别,责任单位\n{CELL},暴露垃级,甲\n", encoding="utf-8")
    assert "units.csv: line 2: category" in refused(run(config, "places", "import", units))


def test_a_calendar_is_shown_put_back_and_given_a_list_of_holidays(config: Path, tmp_path: Path) -> None:
    file, days = tmp_path / "calendar.json", tmp_path / "days.csv"
    shown = CliRunner().invoke(app, ["calendars", "show", "--config", str(config)])
    document = json.loads(shown.stdout)
    due = ("calendars", "due", "暴露垃圾", "--zone", "controlled", "--start", "2026-03-02T09:00:00+08:00")
    assert "2026-03-02T14:30:00+08:00" in said(config, *due)
    file.write_text(json.dumps(document | {"name": "市城管局"}), encoding="utf-8")
    assert "version 1" in said(config, "calendars", "put", file), "the first one written"
    days.write_bytes("日期,名称,类型\r\n2026-03-02,测试,休\r\n".encode("gbk"))
    assert "version 2" in said(config, "calendars", "import-days", days, "--why", "通知")
    assert "2026-03-03T14:30:00+08:00" in said(config, *due)
    assert "no change" in said(config, "calendars", "import-days", days)
    assert "open cases: 0" in said(config, "calendars", "recompute")
    assert "default\t2\tAsia/Shanghai\t1 休" in said(config, "calendars", "list")
    assert "has no time zone" in refused(run(config, "calendars", "due", "01-02", "--start", "2026-03-02"))
