"""Every word the desk says, once in Chinese and once in English; neither may be missing.

A value may hold ``{name}`` places; both languages must hold the same ones.
"""

from collections.abc import Mapping

from desk.access_words import ACCESS_PHRASES
from desk.admin_row_words import ADMIN_ROW_PHRASES
from desk.admin_rule_words import ADMIN_RULE_PHRASES
from desk.admin_site_words import ADMIN_SITE_PHRASES
from desk.admin_words import ADMIN_PHRASES
from desk.audit_words import AUDIT_PHRASES
from desk.calibration_words import CALIBRATION_PHRASES
from desk.camera_words import CAMERA_PHRASES
from desk.case_words import CASE_PHRASES
from desk.map_words import MAP_PHRASES
from desk.overview_words import OVERVIEW_PHRASES
from desk.probe_words import PROBE_PHRASES
from desk.request_words import REQUEST_PHRASES
from desk.review_words import REVIEW_PHRASES
from desk.start_words import START_PHRASES
from desk.tongue import Words
from desk.wall_words import WALL_PHRASES
from desk.workflow_words import WORKFLOW_PHRASES

__all__ = ["CATEGORY_WORDS", "PHRASES", "Words", "category_words", "phrase"]

CATEGORY_WORDS: Mapping[str, Words] = {
    "street_stall": Words("占道经营", "Street stall"),
    "exposed_garbage": Words("暴露垃圾", "Exposed garbage"),
    "roadside_clutter": Words("乱堆物堆料", "Roadside clutter"),
}
"""The three violations of the mission; a category beyond them is shown by its id."""

PHRASES: Mapping[str, Words] = {
    **ACCESS_PHRASES,
    **ADMIN_PHRASES,
    **ADMIN_ROW_PHRASES,
    **ADMIN_RULE_PHRASES,
    **ADMIN_SITE_PHRASES,
    **AUDIT_PHRASES,
    **CALIBRATION_PHRASES,
    **CAMERA_PHRASES,
    **MAP_PHRASES,
    **OVERVIEW_PHRASES,
    **PROBE_PHRASES,
    **REVIEW_PHRASES,
    **WALL_PHRASES,
    **WORKFLOW_PHRASES,
    **CASE_PHRASES,
    **REQUEST_PHRASES,
    **START_PHRASES,
    # The frame around every page
    "product": Words("视频巡查", "Gridpatrol"),
    "nav": Words("主导航", "Main"),
    "nav.cases": Words("案件", "Cases"),
    "nav.cameras": Words("摄像机", "Cameras"),
    "theme": Words("明暗", "Brightness"),
    "theme.auto": Words("跟随屏幕", "As the screen"),
    "theme.light": Words("浅色", "Light"),
    "theme.dark": Words("深色", "Dark"),
    "notice.shut": Words("关闭提示", "Dismiss"),
    "notice.lost": Words("网络中断，未送达", "The line is down; not sent"),
    "skip": Words("跳到内容", "Skip to content"),
    "language": Words("语言", "Language"),
    "sign_out": Words("退出", "Sign out"),
    "link.connecting": Words("正在连接", "Connecting"),
    "link.live": Words("实时", "Live"),
    "link.lost": Words("连接中断，正在重连", "Connection lost, retrying"),
    "link.signed_out": Words("登录已失效，请重新登录", "Signed out; sign in again"),
    "session.over": Words("登录已失效，操作尚未送出。", "You are signed out; nothing was sent."),
    "session.again": Words("在新标签页登录", "Sign in, in a new tab"),
    "session.kept": Words(
        "登录后回到本页即可继续，填写的内容都在。", "Then come back to this page; what you typed is still here."
    ),
    "session.back": Words("已重新登录，请再次提交。", "You are signed in again; send it once more."),
    "link.off": Words("非实时（未启用脚本）", "Not live (scripts are off)"),
    "zone_note": Words("时间均为北京时间（UTC+8）", "Times are Beijing time (UTC+8)"),
    "keys": Words("键盘：j / k 上下移动，Enter 打开，/ 搜索", "Keys: j / k move, Enter opens, / searches"),
    # Case list
    "cases.title": Words("案件列表", "Cases"),
    "cases.shown": Words("本页 {shown} 件", "{shown} on this page"),
    "cases.new": Words("新案件：{number} {category}", "New case: {number} {category}"),
    "state": Words("状态", "State"),
    "state.open": Words("在办", "Open"),
    "state.closed": Words("已结案", "Closed"),
    "state.all": Words("全部", "All"),
    "category": Words("类别", "Category"),
    "category.all": Words("全部类别", "All categories"),
    "filter": Words("筛选", "Filter"),
    "filter.cell": Words("单元网格", "Grid cell"),
    "filter.cell.hint": Words("网格编码", "Grid code"),
    "filter.camera": Words("摄像机", "Camera"),
    "filter.camera.hint": Words("摄像机编号", "Camera id"),
    "filter.text": Words("搜索", "Search"),
    "filter.text.hint": Words("案号、地点、网格、摄像机、单位", "Number, place, cell, camera, unit"),
    "filter.apply": Words("查询", "Apply"),
    "filter.clear": Words("清除筛选", "Clear filters"),
    "filter.on": Words("筛选中", "Filtered"),
    "page.next": Words("更早的案件", "Older cases"),
    "page.first": Words("回到最新", "Back to the newest"),
    "empty.cases": Words("还没有案件", "No case yet"),
    "empty.cases.why": Words(
        "摄像机正在巡查。违规停留达到设定时间后，案件会自动出现在这里，无需刷新。",
        "The cameras are on patrol. A violation that stays for its set time appears here by itself.",
    ),
    "empty.cases.do": Words("查看摄像机是否在线", "See whether the cameras are live"),
    "empty.open": Words("没有在办案件", "No open case"),
    "empty.open.why": Words(
        "全部案件均已结案。新案件会自动出现在这里。", "All cases are closed. A new one appears here by itself."
    ),
    "empty.open.do": Words("查看已结案件", "See the closed cases"),
    "empty.filtered": Words("没有符合条件的案件", "No case fits these filters"),
    "empty.filtered.all": Words("在全部案件中查找（含已结案）", "Search all cases, closed ones too"),
    "empty.filtered.why": Words("放宽条件，或清除全部筛选。", "Loosen them, or clear all filters."),
    "first_seen": Words("首次发现", "First seen"),
    "last_seen": Words("最近发现", "Last seen"),
    "seen": Words("发现时间", "Seen"),
    "seen.first": Words("首次", "First"),
    "seen.last": Words("最近", "Latest"),
    "stood": Words("持续", "Stood"),
    "sightings": Words("发现次数", "Sightings"),
    "objects": Words("目标数", "Objects"),
    "tallies": Words("发现次数 / 目标数", "Sightings / objects"),
    "confidence": Words("模型置信", "Model confidence"),
    "probability": Words("判对概率", "Probability of being right"),
    "probability.value": Words("{percent} %（模型置信 {confidence}）", "{percent} % (model confidence {confidence})"),
    "probability.line": Words(
        "判对概率 {percent} %（模型置信 {confidence}）",
        "right with {percent} % probability (model confidence {confidence})",
    ),
    "probability.why": Words(
        "在有标注的图片上测得：同样置信的检出有多少是对的（单张图片）",
        "Measured on labelled pictures: of finds this confident in one picture, so many were right",
    ),
    "cell": Words("单元网格", "Grid cell"),
    "place": Words("位置", "Place"),
    "unit": Words("责任单位", "Responsible unit"),
    "unit.unknown": Words("未指定责任单位", "No unit assigned"),
    "cell.unknown": Words("网格名称未登记", "Cell has no name on file"),
    "zone": Words("管控等级", "Zone"),
    "zone.strict": Words("严管区", "Strict"),
    "zone.controlled": Words("控制区", "Controlled"),
    "zone.general": Words("一般区", "General"),
    "zone.": Words("等级未登记", "Zone not on file"),
    "cameras": Words("摄像机", "Cameras"),
    "no_picture": Words("无图片", "No picture"),
    "gone": Words("现场已消失", "Gone from view"),
    "recurrence": Words("复发", "Recurrence"),
    "picture_of": Words("{category} {number} 标注图", "{category} {number}, annotated picture"),
    # Case page
    "case.back": Words("返回列表", "Back to the list"),
    "case.json": Words("数据 (JSON)", "Data (JSON)"),
    "case.json.why": Words("接口数据", "As the API gives it"),
    "number": Words("案号", "Case number"),
    "event_code": Words("事件代码", "Event code"),
    "opened_at": Words("上报时间", "Opened"),
    "cleared_at": Words("消失时间", "Gone since"),
    "closed_at": Words("结案时间", "Closed"),
    "close_reason": Words("结案原因", "Closing reason"),
    "previous": Words("上一案件", "Previous case"),
    "facts": Words("案件信息", "Facts"),
    "evidence": Words("证据图片", "Evidence"),
    "evidence.none": Words("此案没有证据图片", "This case has no picture"),
    "evidence.none.why": Words(
        "上报时未附图片；请到摄像机页面核实现场。", "It was reported without one; check the scene on the cameras page."
    ),
    "evidence.removed": Words("已按保存期限删除", "Removed by retention"),
    "evidence.removed.why": Words(
        "图片已于 {at} 按保存期限删除，SHA-256 仍留存备查。",
        "It was removed on {at}, when its days had passed; its SHA-256 stays on record.",
    ),
    "evidence.first": Words("首次", "First"),
    "evidence.latest": Words("最近", "Latest"),
    "evidence.annotated": Words("标注图", "Annotated"),
    "evidence.original": Words("原图", "Original"),
    "evidence.crop": Words("局部图", "Crop"),
    "evidence.enlarge": Words("放大", "Enlarge"),
    "evidence.shut": Words("关闭大图", "Close the picture"),
    "evidence.prev": Words("上一张", "Previous picture"),
    "evidence.next": Words("下一张", "Next picture"),
    "captured_at": Words("拍摄时间", "Captured"),
    "camera": Words("摄像机", "Camera"),
    "model": Words("模型", "Model"),
    "model.hash": Words("模型权重 SHA-256", "Model weights SHA-256"),
    "picture.hash": Words("图片 SHA-256", "Picture SHA-256"),
    "not_recorded": Words("未记录", "Not recorded"),
    "history": Words("处置记录", "History"),
    "history.older": Words("另有 {count} 条较早的记录", "{count} older {count:entry|entries}"),
    "history.more": Words("另有 {count} 次发现", "{count} more {count:sighting|sightings}"),
    "event.opened": Words("上报", "Opened"),
    "event.seen": Words("再次发现", "Seen again"),
    "event.joined": Words("其他摄像机并入", "Another camera's sighting joined"),
    "event.cleared": Words("现场已消失", "Gone from view"),
    "event.late_sighting": Words("结案前的发现（迟到）", "Late sighting from before closing"),
    "event.closed": Words("结案", "Closed"),
    "event.corrected": Words("人工修正标注框", "Boxes corrected by a person"),
    "event.recorded": Words("入库", "recorded"),
    "map": Words("网格地图", "Map of the cell"),
    "map.none": Words("此网格没有边界数据", "No outline on file for this cell"),
    "map.none.why": Words("请在网格文件中加入该编码的多边形。", "Add this code's polygon to the grid file."),
    "map.alt": Words("单元网格 {code} 的边界图", "Outline of grid cell {code}"),
    "map.north": Words("北", "N"),
    "map.spot": Words("违规位置", "Violation"),
    "map.camera": Words("摄像机", "Camera"),
    "close.title": Words("结案", "Close this case"),
    "close.reason": Words("结案原因", "Reason"),
    "close.note": Words("说明", "Note"),
    "close.note.hint": Words("选“其他”时请写明", "For “other”, say what it was"),
    "close.do": Words("确认结案", "Close the case"),
    "close.why": Words(
        "结案后若再次发现，将另立新案并关联本案。", "If it is seen again later, a new linked case is opened."
    ),
    "close.not_allowed": Words("您的权限不含结案。", "Your key does not allow closing."),
    "reason.handled": Words("已整改", "Rectified"),
    "reason.rectified": Words("已整改", "Rectified"),
    "reason.false_alarm": Words("误报", "False alarm"),
    "reason.duplicate": Words("重复", "Duplicate"),
    "reason.permitted": Words("属许可范围", "Permitted here"),
    "reason.other": Words("其他", "Other"),
    # Cameras page
    "cameras.title": Words("摄像机状态", "Cameras"),
    "cameras.notice": Words("工作节点提示：", "Notice of worker"),
    "camera.id": Words("编号与名称", "Camera"),
    "camera.state": Words("状态", "State"),
    "camera.since": Words("自", "Since"),
    "camera.last": Words("最近画面", "Last picture"),
    "camera.frames": Words("解码（丢弃 / 损坏）", "Decoded (dropped / corrupt)"),
    "camera.reconnects": Words("重连", "Reconnects"),
    "camera.video": Words("编码与尺寸", "Codec and size"),
    "camera.address": Words("地址", "Address"),
    "camera.worker": Words("工作节点", "Worker"),
    "camera.interval": Words("每 {seconds} s 看一次", "Looked at every {seconds} s"),
    "camera.gop": Words("关键帧间隔 {seconds} s", "Key frame every {seconds} s"),
    "camera.stale": Words("工作节点无响应，自", "Worker silent since"),
    "camera.never": Words("尚无画面", "No picture yet"),
    "camera.cases": Words("查看此摄像机的案件", "Cases of this camera"),
    "camera.state.live": Words("在线", "Live"),
    "camera.state.connecting": Words("连接中", "Connecting"),
    "camera.state.stalled": Words("无画面", "Stalled"),
    "camera.state.down": Words("离线", "Down"),
    "camera.state.disabled": Words("停用", "Disabled"),
    "camera.state.ended": Words("播放结束", "Ended"),
    "camera.state.unknown": Words("未知", "Unknown"),
    "camera.error.unreachable": Words("无法连接", "Unreachable"),
    "camera.error.stalled": Words("无画面", "Silent"),
    "camera.error.auth": Words("用户名或密码错误", "Password refused"),
    "camera.error.not_found": Words("路径不存在", "No such path"),
    "camera.error.tls": Words("证书或加密握手失败", "TLS refused"),
    "camera.error.codec": Words("编码不支持", "Codec not supported"),
    "camera.error.corrupt": Words("画面损坏", "Pictures corrupt"),
    "camera.error.ended": Words("视频流已结束", "Feed ended"),
    "camera.error.config": Words("配置无法使用", "Not configured soundly"),
    "camera.error.error": Words("故障", "Fault"),
    "camera.picture": Words("画面检查", "Picture check"),
    "camera.picture.sound": Words("正常", "Sound"),
    "camera.picture.none": Words("尚未检查", "Not checked yet"),
    "camera.picture.withheld": Words("已跳过 {count} 张画面", "{count} {count:picture|pictures} passed over"),
    "camera.picture.reference": Words("参照画面拍摄于", "Reference picture from"),
    "camera.picture.findings": Words("画面异常", "Picture faults"),
    "finding.lost": Words("无信号", "Lost"),
    "finding.lost.measure": Words("已断 {value}（限 {limit}）", "away for {value} (limit {limit})"),
    "finding.lost.mend": Words(
        "检查电源、网络与视频地址。",
        "Check power, network and address.",
    ),
    "finding.black": Words("画面全黑", "Black"),
    "finding.black.measure": Words("亮度 {value}（限 {limit}）", "brightness {value} (limit {limit})"),
    "finding.black.mend": Words(
        "检查镜头盖、补光灯与曝光；若该处夜间无灯，应补装照明。",
        "Check the lens cap, the lamp and the exposure; where the street has no light at night, add one.",
    ),
    "finding.over_exposed": Words("过度曝光", "Over-exposed"),
    "finding.over_exposed.measure": Words("过曝面积 {value}（限 {limit}）", "burnt out: {value} (limit {limit})"),
    "finding.over_exposed.mend": Words(
        "检查曝光与宽动态设置，调整朝向以避开直射光。",
        "Check exposure and wide dynamic range; turn it away from direct light.",
    ),
    "finding.frozen": Words("画面冻结", "Frozen"),
    "finding.frozen.measure": Words("{value} 无任何变化（限 {limit}）", "the same for {value} (limit {limit})"),
    "finding.frozen.mend": Words(
        "摄像机仍在送流但画面不变：重启摄像机或其平台通道。",
        "It sends, but always one picture: restart the camera or its channel on the gateway.",
    ),
    "finding.covered": Words("画面被遮挡", "Covered"),
    "finding.covered.measure": Words("遮挡面积 {value}（限 {limit}）", "hidden: {value} (limit {limit})"),
    "finding.covered.mend": Words(
        "清除镜头前的遮挡物（枝叶、蛛网、污渍、车辆）；大雾散去后会自动恢复。",
        "Clear what is before the lens (leaves, web, dirt, a vehicle); after thick fog it recovers by itself.",
    ),
    "finding.blurred": Words("画面模糊", "Blurred"),
    "finding.blurred.measure": Words(
        "清晰度为参照的 {value}（限 {limit}）", "{value} of the reference's sharpness (limit {limit})"
    ),
    "finding.blurred.mend": Words("重新对焦，擦净镜头。", "Focus again and wipe the lens."),
    "finding.moved": Words("视角偏移", "View moved"),
    "finding.moved.measure": Words("偏移画面宽度的 {value}（限 {limit}）", "by {value} of its width (limit {limit})"),
    "finding.moved.shift": Words("画面内容右移 {x}、下移 {y} 像素", "the scene went {x} px right, {y} px down"),
    "finding.moved.gone": Words("参照画面中的景物已找不到", "nothing of the reference picture is found"),
    "finding.moved.mend": Words(
        "把摄像机转回原位；若要保留新视角，请重新标定网格并运行 gridpatrol feeds accept-view。",
        "Turn it back; to keep the new view, calibrate it again and run gridpatrol feeds accept-view.",
    ),
    "empty.cameras": Words("还没有摄像机", "No camera yet"),
    "empty.cameras.why": Words(
        "由管理员在此页添加：网络摄像机、上传的视频或服务器上的文件；也可写在 gridpatrol.toml 的 [[cameras]] 中。",
        "An admin adds them here: a network camera, an uploaded video, a file; or in gridpatrol.toml as [[cameras]].",
    ),
    # Plain pages
    "login.title": Words("登录", "Sign in"),
    "login.how": Words(
        "打开启动时终端里打印的一次性登录链接，或在此粘贴其中的登录码。",
        "Open the one-time link that was printed at start, or paste its code here.",
    ),
    "login.token": Words("一次性登录码", "One-time code"),
    "login.do": Words("登录", "Sign in"),
    "login.failed": Words("登录码无效、已使用或已过期。", "That code is wrong, used or expired."),
    "login.again": Words("请向管理员要一个新的登录链接。", "Ask the administrator for a new link."),
    "error.back": Words("返回案件列表", "Back to the cases"),
    "error.back.case": Words("返回该案件", "Back to the case"),
    "error.401": Words("请先登录", "Please sign in"),
    "error.403": Words("没有权限", "Not allowed"),
    "error.404": Words("没有找到", "Not found"),
    "error.409": Words("案件状态已改变", "The case has changed meanwhile"),
    "error.422": Words("提交的内容有误", "The form was not understood"),
    "error.500": Words("系统出错", "Something failed here"),
    "error.503": Words("系统暂时不可用", "Not available just now"),
    "error.other": Words("请求未完成", "The request was not done"),
}
"""By key; a template that asks for an unknown key fails its test, never an operator."""


def category_words(category: str) -> Words:
    """A category's name; one that has no words here is shown by its id in both languages."""
    return CATEGORY_WORDS.get(category, Words(category, category))


def phrase(key: str, fallback: str | None = None) -> Words:
    """The phrase of a key, or of the fallback key when the first is not known.

    Raises:
        KeyError: neither is known; add the phrase to ``PHRASES``.
    """
    if key in PHRASES or fallback is None:
        return PHRASES[key]
    return PHRASES[fallback]
