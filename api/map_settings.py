"""The ``[api.map]`` section of the settings: tiles under the map, for cities that have a tile server."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from grid.datum import Datum

PLACES = ("{z}", "{x}", "{y}")


class MapSettings(BaseModel):
    """Without tiles the map draws the grids alone, and needs nothing from anywhere; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiles: str = Field("", max_length=1000, description="address of one tile, with {z}, {x} and {y}; empty: none")
    attribution: str = Field("", max_length=300, description="whose map it is, shown in its corner")
    datum: Datum = Field(Datum.WGS84, description="what the tiles' coordinates mean: wgs84, gcj02 or bd09")
    max_zoom: int = Field(18, ge=1, le=22, description="the tiles' deepest zoom; deeper ones are enlarged")

    @field_validator("tiles")
    @classmethod
    def tiles_are_an_address(cls, tiles: str) -> str:
        if not tiles:
            return tiles
        missing = [place for place in PLACES if place not in tiles]
        if missing:
            raise ValueError(
                f"the address lacks {', '.join(missing)}; write e.g. https://tiles.example/{{z}}/{{x}}/{{y}}.png"
            )
        parts = urlsplit(tiles.replace("{", "").replace("}", ""))
        is_own = not parts.scheme and not parts.netloc and tiles.startswith("/")
        if not is_own and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("an address begins with https://, http:// or / (this server)")
        if parts.username or parts.password:
            raise ValueError("browsers would see the user and password; use a server that asks for none")
        if not all(char.isprintable() and char not in " ;,'\"\\" for char in tiles.split("?")[0]):
            raise ValueError("the address holds a character that no address has; write it percent-encoded")
        if "{" in parts.netloc or any(place in (urlsplit(tiles).netloc or "") for place in PLACES):
            raise ValueError("the host must be one and the same for every tile")
        return tiles

    @model_validator(mode="after")
    def a_map_names_its_makers(self) -> Self:
        if self.tiles and not self.attribution:
            raise ValueError('name whose map it is: attribution = "© …"')
        return self

    @property
    def tile_origin(self) -> str:
        """What the browser is allowed to load pictures from; empty for none, or this server itself."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
