"""The ``[api.oidc]`` section: the city's single sign-on."""

import ipaddress
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator, model_validator

from cases.roles import Role

WELL_KNOWN = "/.well-known/openid-configuration"


class OidcSettings(BaseModel):
    """Which provider proves who people are, and what its groups are here; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(
        max_length=500, description=f"the provider's name for itself, an address; {WELL_KNOWN} stands below it"
    )
    client_id: str = Field(min_length=1, max_length=200, description="what Gridpatrol is called there")
    client_secret_env: str | None = Field(
        None, min_length=1, description="environment variable that holds the client's secret; none: a public client"
    )
    title_zh: str = Field("统一身份认证", min_length=1, max_length=60, description="what the sign-in page calls it")
    title_en: str = Field("Single sign-on", min_length=1, max_length=60, description="the same on English pages")
    scopes: tuple[str, ...] = Field(("openid", "profile"), max_length=20, description="what is asked for")
    login_claim: str = Field("preferred_username", min_length=1, description="the claim that holds the login")
    name_claim: str = Field("name", min_length=1, description="the claim that holds the name shown")
    roles_claim: str = Field(
        "groups", min_length=1, description="the claim that holds the groups; a dotted path where it lies deeper"
    )
    unit_claim: str = Field("", description="the claim that holds the unit; empty: none does")
    roles: dict[str, tuple[Role, ...]] = Field(
        default_factory=dict,
        max_length=200,
        description="what a group is here; none named: an admin says who may come in, and as what",
    )
    ask_again: bool = Field(
        True, description="the provider asks who it is each time and its token says so: seats are shared by shifts"
    )
    timeout_s: float = Field(5.0, gt=0, le=30, description="the longest that one answer of the provider may take")
    ca_file: Path | None = Field(None, description="PEM certificates to trust besides the system's")

    @field_validator("issuer")
    @classmethod
    def issuer_is_an_address(cls, issuer: str) -> str:
        parsed = HttpUrl(issuer)
        if parsed.query or parsed.fragment or parsed.username or parsed.password:
            raise ValueError("an issuer is an address alone; take query, fragment and password out")
        if parsed.scheme != "https" and not _is_loopback(parsed.host or ""):
            raise ValueError("an issuer begins with https://; http:// is for a provider on this machine alone")
        return issuer

    @model_validator(mode="after")
    def openid_is_asked_for(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError('scopes lack "openid"; without it the provider sends no proof of who it is: add it')
        if any(not roles for roles in self.roles.values()):
            raise ValueError("a group in roles gives no role; name one at least, or take the group out")
        return self

    @property
    def discovery(self) -> str:
        """Where the provider tells its addresses."""
        return self.issuer.rstrip("/") + WELL_KNOWN


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
