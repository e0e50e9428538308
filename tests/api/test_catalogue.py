"""The catalogue over HTTP: read by every key, imported by admins, compared, exported, shown on the desk."""

from cases.catalogue.reading import shipped
from cases.keys import Scope
from tests.api.city import City, problem, slug

CURRENT, VERSIONS = "/api/v1/catalogue/current", "/api/v1/catalogue/versions"
TOML = {"content-type": "application/toml"}
RENAMED = shipped().source.replace('zh = "暴露垃圾"', 'zh = "裸露垃圾"').replace('code = "01-02"', 'code = "01-20"')


def test_every_key_reads_the_catalogue_and_nobody_without_one(city: City) -> None:
    for scope in Scope:
        answer = city.client(scope).get(CURRENT)
        assert answer.status_code == 200, scope
        assert answer.headers["etag"] == '"1"'
        assert [each["code"] for each in answer.json()["categories"]] == ["05-01", "01-02", "05-07", "", "05-04"]
    assert city.client(Scope.READ).get(CURRENT, headers={"if-none-match": '"1"'}).status_code == 304
    assert slug(city.client().get(CURRENT)) == "key-missing"


def test_an_import_is_tried_made_compared_and_exported(watched_city: City) -> None:
    admin, reader = watched_city.client(Scope.ADMIN), watched_city.client(Scope.READ)
    tried = admin.post(VERSIONS, content=RENAMED.encode(), headers=TOML, params={"dry_run": "true"})
    assert (tried.status_code, tried.json()["version"], tried.json()["dry_run"]) == (200, 2, True)
    assert reader.get(CURRENT).json()["version"] == 1
    made = admin.post(VERSIONS, content=RENAMED.encode(), headers=TOML, params={"why": "2026 年修订"})
    assert (made.status_code, made.headers["etag"]) == (201, '"2"')
    fields = {each["field"]: (each["before"], each["after"]) for each in made.json()["changes"]}
    assert fields == {"zh": ("暴露垃圾", "裸露垃圾"), "code": ("01-02", "01-20")}
    assert admin.post(VERSIONS, content=RENAMED.encode(), headers=TOML).status_code == 200, "the same file again"
    compared = reader.get("/api/v1/catalogue/diff", params={"before": 2, "after": 1}).json()["changes"]
    assert len(compared) == 2
    file = reader.get(f"{VERSIONS}/2/file")
    assert (file.text, file.headers["content-type"]) == (RENAMED, "application/toml")
    first = reader.get(VERSIONS, params={"limit": 1}).json()
    assert [each["version"] for each in first["versions"]] == [2]
    rest = reader.get(VERSIONS, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert ([each["version"] for each in rest["versions"]], rest["next_cursor"]) == ([1], None)
    assert reader.get(f"{VERSIONS}/1").json()["categories"][1]["zh"] == "暴露垃圾"


def test_what_cannot_be_imported_is_refused_with_line_and_mend(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    answer = admin.post(VERSIONS, content=b"format = 1\nname =\nx = 1", headers=TOML)
    assert slug(answer) == "catalogue-refused"
    assert "line 2" in problem(answer)["detail"]
    assert slug(admin.post(VERSIONS, content=b"\xff\xfe", headers=TOML)) == "catalogue-refused"
    assert slug(admin.post(VERSIONS, content=b"x", headers={"content-type": "image/png"})) == "media-type-refused"
    moved = admin.post(VERSIONS, content=RENAMED.encode(), headers=TOML | {"if-match": '"7"'})
    assert (moved.status_code, slug(moved)) == (412, "catalogue-changed")
    assert slug(city.client(Scope.OPERATOR).post(VERSIONS, content=b"", headers=TOML)) == "role-missing"
    assert slug(admin.get(f"{VERSIONS}/9")) == "catalogue-not-found"


def test_the_desk_shows_the_catalogues_names_and_codes(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    browser = watched_city.browser(Scope.READ)
    page = browser.get(f"/cases/{case_id}").text
    assert "暴露垃圾" in page
    assert "01-02" in page
    watched_city.client(Scope.ADMIN).post(VERSIONS, content=RENAMED.encode(), headers=TOML)
    page = browser.get(f"/cases/{case_id}").text
    assert "裸露垃圾" in page
    assert "01-20" in page
    assert "暴露垃圾" not in page
    assert "裸露垃圾" in browser.get("/").text
