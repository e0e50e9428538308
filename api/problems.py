"""Problem details (RFC 9457): the one table from an error to what HTTP says about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from cases.access.errors import (
    LastAdmin,
    PersonMovedOn,
    PersonRefused,
    PersonTaken,
    PersonUnknown,
    ReasonMissing,
    SecondFactorOff,
    SessionUnknown,
    SignInBusy,
    SignInLocked,
    SignInRefused,
)
from cases.camera_configs import CameraMovedOn, CameraTaken, CameraUnknown
from cases.catalogue.errors import CatalogueMovedOn, CatalogueRefused, CatalogueUnknown
from cases.database import DatabaseUnavailable
from cases.keys import KeyRefused, KeyUnknown
from cases.outbound.errors import EndpointMovedOn, EndpointRefused, EndpointTaken, LetterUnknown, LineUnknown
from cases.overview.store import SpanRefused
from cases.places.errors import PlaceMovedOn, PlaceRefused, PlaceUnknown
from cases.policy.errors import PolicyRefused, RuleMovedOn, RuleTaken, RuleUnknown
from cases.queries import CursorInvalid
from cases.requests.errors import RequestUnfit, RequestUnknown, ServiceUnknown, TooManyRequests
from cases.wall.errors import TourRefused, TourUnknown
from cases.workflow.claims import CaseClaimed
from cases.workflow.orders import CommandIncomplete, CommandOutOfPlace, SeatRefused
from cases.worktime.errors import CalendarMovedOn, CalendarRefused, CalendarUnknown
from core.errors import (
    CaseConflict,
    CaseError,
    CaseNotFound,
    EvidenceError,
    GridError,
    IncidentRefused,
    PatrolError,
)
from streams.sealing import SealError

PROBLEM_BASE = "https://gridpatrol.example/problems/"
MEDIA_TYPE = "application/problem+json"


class RequestRefused(PatrolError):
    """A request that never reached the case room."""


class KeyMissing(RequestRefused):
    """Neither a key nor a desk session came with the request."""


class CredentialRefused(RequestRefused):
    """The key or session is unknown, revoked or past its end."""


class ScopeMissing(RequestRefused):
    """The key is good, but not for this."""


class RoleMissing(ScopeMissing):
    """They are let in, but not in this role."""


class PasswordChangeNeeded(RequestRefused):
    """An initial password opens nothing but its own change."""


class CsrfRefused(RequestRefused):
    """A change asked for with the desk's cookie but without its form token."""


class MediaTypeRefused(RequestRefused):
    """The body is not of the kind this address takes."""


class HashMismatch(RequestRefused):
    """The bytes are not what the address says they are."""


class NotAPicture(RequestRefused):
    """The bytes are no JPEG picture."""


class FieldRefused(RequestRefused):
    """One header or query value cannot be read."""


class EvidenceMissing(RequestRefused):
    """No picture with that hash is kept."""


class EvidenceRemoved(RequestRefused):
    """The picture was kept as long as the rules ask, and is kept no more."""


class CellUnknown(RequestRefused):
    """The city's grid has no such cell."""


class TooManyStreams(RequestRefused):
    """Every event stream this process serves is taken."""


class WatchedFull(RequestRefused):
    """As many cameras are watched as this process holds pictures of."""


class LiveViewsFull(RequestRefused):
    """Every live view that this process serves is taken."""


class PictureMissing(RequestRefused):
    """No picture of the camera has come since somebody began to watch it."""


class CameraReadOnly(RequestRefused):
    """The camera stands in a configuration file, which nobody but an editor changes."""


class ExportTooLarge(RequestRefused):
    """More rows than one file takes."""


class ExportsBusy(RequestRefused):
    """As many files as may be are being written just now."""


class ProbesBusy(RequestRefused):
    """As many feeds as may be are being looked at just now."""


class AddressRefused(RequestRefused):
    """An address that nobody may have the API open."""


class ClipRefused(RequestRefused):
    """The bytes are no video clip that can be decoded."""


class ClipUnknown(RequestRefused):
    """No uploaded clip has that id."""


class ClipInUse(RequestRefused):
    """A camera plays the clip, or there is no room for another one."""


class StillMissing(RequestRefused):
    """Nobody has taken a picture of the camera, or it was too long ago."""


class WorkshopAway(RequestRefused):
    """This API was started without the rooms that look at cameras."""


class TooManyCalls(RequestRefused):
    """One key, session or address asks for more than its share.

    Args:
        whose: in words.
        wait_s: until the next call is taken, whole seconds.
    """

    def __init__(self, whose: str, wait_s: int) -> None:
        super().__init__(f"{whose} calls too often; wait {wait_s} s, then go on more slowly")
        self.wait_s = wait_s


class PreconditionMissing(RequestRefused):
    """A change that must say what it looked at, and does not."""


class FieldProblem(BaseModel):
    """One field that is not right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str = Field(examples=["body.at"])
    message: str = Field(examples=["Input should have timezone info"])


class SectionRefused(RequestRefused):
    """Keys of a camera's section that are not right; no value is repeated, for it may be a secret."""

    def __init__(self, faults: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults[:3]))
        self.faults = tuple(faults)

    def within(self, prefix: str) -> "SectionRefused":
        """The same, said of a section that is a part of something."""
        return SectionRefused([FieldProblem(field=prefix + each.field, message=each.message) for each in self.faults])


@dataclass(frozen=True, slots=True)
class Problem:
    """What HTTP says about one kind of error."""

    status: int
    slug: str
    title: str
    title_zh: str
    tells_detail: bool = True
    """The error's own text is for the caller; otherwise it stays in the log."""
    retry_after_s: int | None = None

    @property
    def type(self) -> str:
        return PROBLEM_BASE + self.slug


INTERNAL = Problem(500, "internal-error", "The API failed", "接口内部出错", tells_detail=False)
DATABASE_AWAY = Problem(
    503, "database-away", "The database does not answer", "数据库无响应", tells_detail=False, retry_after_s=5
)
BAD_REQUEST = Problem(400, "bad-request", "The request cannot be read", "请求无法识别")

BY_ERROR: Mapping[type[Exception], Problem] = {
    RequestValidationError: Problem(422, "invalid-request", "Some fields are not right", "部分字段不正确"),
    FieldRefused: Problem(422, "invalid-request", "Some fields are not right", "部分字段不正确"),
    TooManyCalls: Problem(429, "too-many-calls", "Too many calls", "请求过于频繁"),
    KeyMissing: Problem(401, "key-missing", "A key is needed", "需要密钥或登录"),
    CredentialRefused: Problem(401, "key-refused", "The key is not valid", "密钥或会话无效"),
    ScopeMissing: Problem(403, "scope-missing", "The key may not do this", "该密钥无此权限"),
    RoleMissing: Problem(403, "role-missing", "This takes another role", "当前角色无此权限"),
    PasswordChangeNeeded: Problem(403, "password-change-needed", "Change the initial password", "须先修改初始密码"),
    SignInRefused: Problem(401, "sign-in-refused", "Name, password or code is wrong", "账号、密码或动态码不正确"),
    SignInLocked: Problem(429, "sign-in-locked", "Too many failed sign-ins", "登录失败次数过多"),
    SignInBusy: Problem(503, "sign-in-busy", "Too many sign-ins at once", "登录人数过多", retry_after_s=10),
    PersonUnknown: Problem(404, "person-not-found", "No such person", "没有这个人员"),
    PersonTaken: Problem(409, "person-taken", "The login is in use", "登录名已被占用"),
    PersonMovedOn: Problem(412, "person-changed", "The person has changed since", "人员信息已被他人修改"),
    PersonRefused: Problem(422, "person-refused", "The person cannot be so", "人员信息不正确"),
    LastAdmin: Problem(409, "last-admin", "The last admin stays one", "须保留至少一名管理员"),
    SessionUnknown: Problem(404, "session-not-found", "No such session", "没有这个会话"),
    SecondFactorOff: Problem(503, "second-factor-off", "No second factor here", "未启用动态码", retry_after_s=60),
    ReasonMissing: Problem(403, "reason-missing", "Say why you look at an original", "查看原图须注明理由"),
    KeyUnknown: Problem(404, "key-not-found", "No such key", "没有这个密钥"),
    KeyRefused: Problem(422, "key-not-made", "The key cannot be made", "无法创建密钥"),
    CsrfRefused: Problem(403, "csrf-refused", "The form token is missing or wrong", "页面令牌缺失或不正确"),
    MediaTypeRefused: Problem(415, "media-type-refused", "This kind of body is not taken", "不接受此类内容"),
    NotAPicture: Problem(415, "not-a-jpeg", "The body is not a JPEG picture", "内容不是 JPEG 图片"),
    HashMismatch: Problem(422, "hash-mismatch", "The picture does not match its hash", "图片与哈希不符"),
    EvidenceMissing: Problem(404, "evidence-not-found", "No such picture", "没有这张图片"),
    EvidenceRemoved: Problem(410, "evidence-removed", "The picture is kept no more", "图片已按保存期限删除"),
    CellUnknown: Problem(404, "cell-not-found", "No such grid cell", "没有这个网格"),
    TooManyStreams: Problem(503, "too-many-streams", "Every event stream is taken", "事件连接已满", retry_after_s=5),
    WatchedFull: Problem(
        503, "too-many-watched", "Too many cameras are watched", "同时查看的摄像机过多", retry_after_s=15
    ),
    LiveViewsFull: Problem(503, "too-many-live-views", "Every live view is taken", "实时画面已满", retry_after_s=15),
    PictureMissing: Problem(404, "picture-not-yet", "No picture yet", "尚无画面"),
    TourUnknown: Problem(404, "tour-not-found", "No such tour", "没有这条巡视路线"),
    TourRefused: Problem(422, "tour-refused", "The tour cannot be so", "巡视路线不正确"),
    IncidentRefused: Problem(422, "incident-refused", "The incident cannot be taken in", "事件不予受理"),
    CaseNotFound: Problem(404, "case-not-found", "No such case", "没有这个案件"),
    SeatRefused: Problem(403, "command-not-yours", "This step is not yours to take", "无权执行该步骤"),
    CommandIncomplete: Problem(422, "command-incomplete", "The step lacks something", "该步骤的内容不完整"),
    CommandOutOfPlace: Problem(409, "out-of-place", "The case does not stand there", "案件不在可执行该步骤的阶段"),
    CaseClaimed: Problem(409, "claimed", "Another seat works on the case", "案件正由其他坐席处理"),
    CaseConflict: Problem(409, "conflict", "Something else came first", "与现有内容冲突"),
    CursorInvalid: Problem(422, "cursor-invalid", "The paging cursor is not ours", "翻页标记无效"),
    CameraUnknown: Problem(404, "camera-not-found", "No such camera", "没有这个摄像机"),
    CameraTaken: Problem(409, "camera-taken", "The camera is there already", "摄像机编号已被占用"),
    CameraReadOnly: Problem(409, "camera-in-file", "The camera stands in a file", "该摄像机由配置文件管理"),
    CameraMovedOn: Problem(412, "camera-changed", "The camera has changed since", "摄像机配置已被他人修改"),
    PreconditionMissing: Problem(428, "if-match-missing", "Say which version you looked at", "须注明所依据的版本"),
    SpanRefused: Problem(422, "span-refused", "These days have no overview", "日期范围不正确"),
    ExportTooLarge: Problem(422, "export-too-large", "Too many rows for one file", "导出的行数超过上限"),
    ExportsBusy: Problem(
        503, "exports-busy", "Others are exporting just now", "导出繁忙，请稍候再试", retry_after_s=10
    ),
    ProbesBusy: Problem(503, "probes-busy", "Others are looking just now", "探测繁忙，请稍候再试", retry_after_s=5),
    AddressRefused: Problem(422, "address-refused", "This address is not opened", "不允许探测此地址"),
    ClipRefused: Problem(415, "not-a-clip", "The file is no usable video", "不是可用的视频文件"),
    ClipUnknown: Problem(404, "clip-not-found", "No such video file", "没有这个视频文件"),
    ClipInUse: Problem(409, "clip-in-use", "The video file stays, or finds no room", "视频文件正在使用或空间已满"),
    StillMissing: Problem(404, "no-still", "No picture of the camera is kept", "没有保存该摄像机的画面"),
    WorkshopAway: Problem(
        503, "workshop-away", "Cameras cannot be looked at from here", "此接口不能查看摄像机", retry_after_s=60
    ),
    SectionRefused: Problem(422, "camera-refused", "The camera cannot be taken", "摄像机配置不正确"),
    SealError: Problem(
        503, "key-unusable", "Passwords cannot be sealed", "无法加密保存密码", tells_detail=False, retry_after_s=60
    ),
    LineUnknown: Problem(404, "line-not-found", "No such receiver", "没有这个接收方"),
    LetterUnknown: Problem(404, "letter-not-found", "No such dead letter", "没有这条死信"),
    EndpointRefused: Problem(422, "webhook-refused", "The endpoint cannot be", "推送地址不正确"),
    EndpointTaken: Problem(409, "webhooks-full", "There are enough endpoints", "推送地址数量已满"),
    EndpointMovedOn: Problem(412, "webhook-changed", "The endpoint has changed since", "推送地址已被他人修改"),
    PolicyRefused: Problem(422, "rule-refused", "The rule cannot be", "规则不正确"),
    RuleUnknown: Problem(404, "rule-not-found", "No such rule", "没有这条规则"),
    RuleTaken: Problem(409, "rule-taken", "The rule is there already", "规则已存在或数量已满"),
    RuleMovedOn: Problem(412, "rule-changed", "The rule has changed since", "规则已被他人修改"),
    CatalogueRefused: Problem(422, "catalogue-refused", "The catalogue cannot be", "目录不正确"),
    CatalogueUnknown: Problem(404, "catalogue-not-found", "No such catalogue version", "没有这个目录版本"),
    CatalogueMovedOn: Problem(412, "catalogue-changed", "The catalogue has changed since", "目录已被他人更新"),
    CalendarRefused: Problem(422, "calendar-refused", "The calendar cannot be", "工作日历不正确"),
    CalendarUnknown: Problem(404, "calendar-not-found", "No such calendar", "没有这个工作日历"),
    CalendarMovedOn: Problem(412, "calendar-changed", "The calendar has changed since", "工作日历已被他人修改"),
    PlaceRefused: Problem(422, "place-refused", "The places cannot be", "网格资料不正确"),
    PlaceUnknown: Problem(404, "place-not-found", "No such place", "没有这个网格或指派"),
    PlaceMovedOn: Problem(412, "place-changed", "The place has changed since", "网格资料已被他人修改"),
    RequestUnknown: Problem(404, "request-not-found", "No such request", "没有这件诉求"),
    ServiceUnknown: Problem(422, "category-unknown", "No such category", "没有这个类别"),
    RequestUnfit: Problem(422, "request-unfit", "The request cannot be taken", "诉求内容不正确"),
    TooManyRequests: Problem(429, "too-many-requests", "Too many requests", "提交过于频繁", retry_after_s=600),
    DatabaseUnavailable: DATABASE_AWAY,
    CaseError: Problem(422, "case-refused", "The case cannot take this", "案件不接受此操作"),
    EvidenceError: Problem(
        503, "evidence-store-failed", "The picture store failed", "图片库出错", tells_detail=False, retry_after_s=10
    ),
    GridError: Problem(422, "grid-error", "The grid cannot answer", "网格数据有误"),
    OperationalError: DATABASE_AWAY,
    InterfaceError: DATABASE_AWAY,
    PoolTimeout: DATABASE_AWAY,
    Exception: INTERNAL,
}
"""Error type to problem; the nearest ancestor of an error counts."""

BY_STATUS: Mapping[int, Problem] = {
    400: BAD_REQUEST,
    404: Problem(404, "not-found", "No such address", "没有这个地址"),
    405: Problem(405, "method-not-allowed", "The address does not take this method", "不支持此请求方法"),
    413: Problem(413, "body-too-large", "The body is too large", "内容过大"),
}
"""The framework's own refusals, which carry only a status."""

CLOSED_AFTER_ANSWER = frozenset({413})
"""Statuses after which the rest of the body stays unread, so the connection cannot be used again."""


class ProblemDetails(BaseModel):
    """What every refusal looks like."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": PROBLEM_BASE + "incident-refused",
                    "title": "The incident cannot be taken in",
                    "title_zh": "事件不予受理",
                    "status": 422,
                    "detail": "camera CAM-09 is not registered; PUT /api/v1/cameras first",
                    "instance": "/api/v1/incidents",
                }
            ]
        },
    )

    type: str
    title: str
    title_zh: str
    status: int
    detail: str
    instance: str
    """The path asked for, never its query: a query may hold a login token."""
    errors: tuple[FieldProblem, ...] | None = None


def problem_for(error: Exception) -> Problem:
    """The table's row for an error."""
    if isinstance(error, HTTPException):
        return BY_STATUS.get(error.status_code, BAD_REQUEST if error.status_code < 500 else INTERNAL)
    return next(BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR)


def describe(error: Exception, path: str, reference: str) -> ProblemDetails:
    """The answer's body; what must not leave the house is replaced by a reference to the log."""
    problem = problem_for(error)
    errors: tuple[FieldProblem, ...] | None = None
    if isinstance(error, RequestValidationError):
        errors = _field_problems(error.errors())
        detail = "; ".join(f"{each.field}: {each.message}" for each in errors[:3])
    elif isinstance(error, HTTPException):
        detail = str(error.detail)
    elif isinstance(error, SectionRefused):
        errors, detail = error.faults, str(error)
    elif problem.tells_detail:
        detail = str(error)
    else:
        detail = f"give reference {reference} to whoever runs Gridpatrol; the log has the cause under it"
    return ProblemDetails(
        type=problem.type,
        title=problem.title,
        title_zh=problem.title_zh,
        status=problem.status,
        detail=detail,
        instance=path,
        errors=errors,
    )


def _field_problems(errors: Sequence[Mapping[str, object]]) -> tuple[FieldProblem, ...]:
    """Where and why, without the value: it may be a secret pasted into the wrong place."""
    found: list[FieldProblem] = []
    for error in errors[:50]:
        where = error.get("loc", ())
        parts = [str(part) for part in where] if isinstance(where, (tuple, list)) else [str(where)]
        found.append(FieldProblem(field=".".join(parts), message=str(error.get("msg", "is not right"))))
    return tuple(found)
