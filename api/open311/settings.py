"""The ``[api.open311]`` section: what civic software is offered."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

DataType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
CODE = r"^[A-Za-z0-9_-]{1,64}$"


class Choice(BaseModel):
    """One value that can be chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=CODE)
    name: str = Field(min_length=1, max_length=200)


class AttributeRule(BaseModel):
    """One more thing that a portal asks of whoever reports a category."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=CODE)
    description: str = Field(min_length=1, max_length=500, description="the question, Chinese first")
    datatype: DataType = "string"
    hint: str = Field("", max_length=500, description="datatype_description: how to answer")
    required: bool = False
    variable: bool = Field(True, description="false: it only tells something, and takes no answer")
    values: tuple[Choice, ...] = Field((), max_length=200)

    @model_validator(mode="after")
    def has_its_choices(self) -> Self:
        if self.datatype.endswith("list") != bool(self.values):
            raise ValueError(f'attribute {self.code!r}: give "values" to a list, and to nothing else')
        return self


class Open311Settings(BaseModel):
    """What is offered and asked; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reading: Literal["open", "key"] = Field(
        "open", description="who may read citizens' requests: anybody, as the standard has it, or holders of a key"
    )
    jurisdiction_id: str | None = Field(
        None, min_length=1, max_length=200, description="the city's name in the standard; another one is not found"
    )
    contact: str = Field("", max_length=1000, description="whom to write to about this service")
    key_service: str = Field("", max_length=1000, description="how to get a key")
    services: tuple[str, ...] = Field((), max_length=500, description="categories offered; none named: all of them")
    answers: Literal["realtime", "batch"] = Field(
        "realtime", description="a filing is answered with the request's id, or with a token for it"
    )
    media_bytes: int = Field(8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="largest picture, bytes")
    media_count: int = Field(5, ge=0, le=10, description="most pictures with one request")
    media_pixels: int = Field(40_000_000, ge=10_000, description="largest picture, pixels, before it is opened")
    attributes: dict[str, tuple[AttributeRule, ...]] = Field(
        default_factory=dict, description="category to what is asked beside place and words"
    )

    @model_validator(mode="after")
    def each_code_once(self) -> Self:
        for category, rules in self.attributes.items():
            codes = [rule.code for rule in rules]
            if len(set(codes)) != len(codes):
                raise ValueError(f"category {category!r}: an attribute's code occurs twice; give each its own")
        return self

    @property
    def body_bytes(self) -> int:
        """Largest posting."""
        return self.media_bytes * self.media_count + 256 * 1024
