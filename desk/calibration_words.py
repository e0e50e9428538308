"""What the calibration page says: its tools, and what is wrong with control points and drawn areas."""

from collections.abc import Mapping

from desk.tongue import Words
from grid.trial import TrialFaultKind

FAULT_PHRASES: Mapping[str, Words] = {
    "fit.too_few": Words(
        "还差 {count} 个控制点：至少 4 个，铺开的 6 个以上更好",
        "{count} more points are needed: at least 4, 6 spread out are better",
    ),
    "fit.not_degrees": Words(
        "第 {points} 点的经纬度不对：应为经度、纬度（度），例如 104.0660、30.6600；经纬是否写反？",
        "Point {points}: not longitude, latitude in degrees, such as 104.0660, 30.6600; are they swapped?",
    ),
    "fit.outside_picture": Words(
        "第 {points} 点在画面之外：移回画面内", "Point {points} lies outside the picture: move it in"
    ),
    "fit.same_pixel": Words(
        "第 {points} 点在画面上是同一处：移开其中一个", "Points {points} are one place in the picture: move one of them"
    ),
    "fit.same_place": Words(
        "第 {points} 点在地图上是同一处：移开其中一个", "Points {points} are one place on the map: move one of them"
    ),
    "fit.line_in_picture": Words(
        "画面上的点都在一条直线上：在直线旁边再加点", "In the picture the points lie on one line: add some beside it"
    ),
    "fit.line_on_ground": Words(
        "地图上的点都在一条直线上：在直线旁边再加点", "On the map the points lie on one line: add some beside it"
    ),
    "fit.no_four_in_picture": Words(
        "画面上任取四点总有三点共线：移动或增加一点，使四点成四边形",
        "In the picture, of any four points three lie on one line: move or add one so that four make a quadrilateral",
    ),
    "fit.no_four_on_ground": Words(
        "地图上任取四点总有三点共线：移动或增加一点，使四点成四边形",
        "On the map, of any four points three lie on one line: move or add one so that four make a quadrilateral",
    ),
    "fit.no_fix": Words("这些点定不出地面：把点铺开一些", "These points do not fix the ground: spread them out"),
    "fit.behind_horizon": Words(
        "第 {points} 点落在地平线以上：只能标地面上的点；检查是否有两点对调",
        "Point {points} falls above the horizon: mark places on the ground only; are two points swapped?",
    ),
    "fit.mirrored": Words(
        "地面成了镜像（像从地下往上看）：检查左右或远近是否对调",
        "The ground comes out mirrored, as from below: are left and right, or near and far, swapped?",
    ),
    "fit.far_from_city": Words(
        "所有点离网格都超过 {value} m：检查经纬度，或网格文件",
        "Every point is more than {value} m from the grid: check the coordinates",
    ),
    "fit.off": Words(
        "第 {points} 点偏差 {value} m，超过允许值：重新标这一点，或核对其经纬度",
        "Point {points} is off by {value} m, more than allowed: mark it again, or check its coordinates",
    ),
    "fit.only_four": Words(
        "只有 4 个点时误差必为 0，无法核对：再加 1–2 个点",
        "With 4 points the error is 0 by construction: add one or two to check them",
    ),
    "fit.narrow": Words(
        "控制点只占画面的 {value} %：其余部分的位置不可靠，把点铺开",
        "The points span {value} % of the picture: places elsewhere are uncertain; spread them out",
    ),
    "fit.good": Words("标定可用", "The calibration is sound"),
}

CALIBRATION_PHRASES: Mapping[str, Words] = {
    **FAULT_PHRASES,
    "cal.title": Words("标定 {camera}", "Calibrate {camera}"),
    "cal.back": Words("返回摄像机", "Back to the camera"),
    "cal.mode": Words("绘制内容", "What to draw"),
    "cal.mode.points": Words("控制点", "Control points"),
    "cal.mode.regions": Words("画面分区", "Regions"),
    "cal.mode.masks": Words("遮蔽区", "Masks"),
    "cal.mode.suppressions": Words("屏蔽区", "Suppressed"),
    "cal.mode.permits": Words("许可区", "Permitted"),
    "cal.how.points": Words(
        "在画面上点地面标志（路缘角、井盖、标线端点），再在地图上点同一处。拖动或用方向键微调。",
        "Click a mark on the ground in the picture (kerb corner, manhole, line end), then the same place on the map. "
        "Drag, or nudge with the arrow keys.",
    ),
    "cal.how.regions": Words(
        "不便找控制点时：在画面上画出每个网格占的部分，并选网格。与控制点二选一。",
        "Where marks are hard to find: draw the part of the picture that shows each cell, and choose the cell. "
        "Instead of control points.",
    ),
    "cal.how.masks": Words(
        "画出不看的部分（私家院内、屏幕、橱窗）：立在其中的物体不计。",
        "Draw what is not to be looked at (a yard, a screen, a window): things that stand there do not count.",
    ),
    "cal.how.suppressions": Words(
        "画出暂时忽略的部分并写明原因：到期自动失效，被忽略的上报都有记录。",
        "Draw what is to be overlooked for a while, and say why: it ends by itself; what it turned away is kept.",
    ),
    "cal.how.permits": Words(
        "在地图上画出许可摆摊的区域，填许可号、时段和季节：区域内的上报不立案。",
        "Draw on the map where stalls are permitted, with number, hours and season: reports inside open no case.",
    ),
    "cal.picture": Words("画面", "Picture"),
    "cal.map": Words("地图", "Map"),
    "cal.picture.of": Words("{camera} 的画面", "Picture of {camera}"),
    "cal.map.of": Words("{camera} 周围的网格", "Grid cells around {camera}"),
    "cal.picture.none": Words("还没有画面", "No picture yet"),
    "cal.picture.none.why": Words(
        "点“取一张画面”连接摄像机；取不到时会说明原因。",
        "“Take a picture” connects to the camera and says why where it cannot.",
    ),
    "cal.take": Words("取一张画面", "Take a picture"),
    "cal.taking": Words("正在连接摄像机…", "Connecting to the camera…"),
    "cal.taken": Words("已取得新画面", "New picture taken"),
    "cal.no": Words("点", "No."),
    "cal.pixel": Words("画面 x, y", "Picture x, y"),
    "cal.pixel.x": Words("画面 x（像素）", "Picture x, pixels"),
    "cal.pixel.y": Words("画面 y（像素）", "Picture y, pixels"),
    "cal.lonlat": Words("经度, 纬度", "Longitude, latitude"),
    "cal.lon": Words("经度（度）", "Longitude, degrees"),
    "cal.lat": Words("纬度（度）", "Latitude, degrees"),
    "cal.error": Words("误差 m", "Error, m"),
    "cal.rms": Words("均方根误差", "RMS error"),
    "cal.worst": Words("最大误差", "Largest error"),
    "cal.max_error": Words("允许的最大误差 (m)", "Largest error allowed (m)"),
    "cal.add": Words("加一点", "Add a point"),
    "cal.remove": Words("删除", "Remove"),
    "cal.undo": Words("撤销", "Undo"),
    "cal.redo": Words("重做", "Redo"),
    "cal.save": Words("保存标定", "Save the calibration"),
    "cal.saved": Words("已保存，数秒后生效", "Saved; it counts within seconds"),
    "cal.restore": Words("恢复上一次标定", "Restore the one before"),
    "cal.restore.sure": Words(
        "用上一次保存的标定替换当前标定？", "Put the calibration that was saved before in place of this one?"
    ),
    "cal.restored": Words("已恢复上一次标定", "The one before is restored"),
    "cal.changed": Words("有未保存的改动", "There are changes that are not saved"),
    "cal.moved_on": Words(
        "别人刚刚改过这台摄像机：重新载入页面再改", "Somebody else has changed this camera: load the page again"
    ),
    "cal.read_only": Words(
        "此摄像机写在配置文件 {file} 中，页面只能试算：把下面的内容抄入该文件。",
        "This camera stands in {file}; here it can be tried out only: copy the text below into that file.",
    ),
    "cal.elsewhere": Words(
        "此摄像机由其工作节点配置，不在数据库中：此处只能查看，请在工作节点上修改。",
        "This camera is set up with its worker and not in the database: look here, change it there.",
    ),
    "cal.not_admin": Words("只有管理员可以保存标定。", "Only an admin can save a calibration."),
    "cal.pan": Words("拖动平移，滚轮或 +/− 缩放", "Drag to pan, wheel or + and − to zoom"),
    "cal.zoom.in": Words("放大", "Zoom in"),
    "cal.zoom.out": Words("缩小", "Zoom out"),
    "cal.fit": Words("全部显示", "Show all"),
    "cal.goto": Words("按网格编码定位", "Go to a grid code"),
    "cal.goto.none": Words("没有这个网格", "There is no such cell"),
    "cal.point": Words("控制点 {number}", "Control point {number}"),
    "cal.corner": Words("第 {number} 个角点", "Corner {number}"),
    "cal.place.next": Words("现在在地图上点同一处", "Now click the same place on the map"),
    "cal.place.first": Words("先在画面上点一处", "Click a place in the picture first"),
    "area.draw": Words("画一个区域", "Draw an area"),
    "area.drawing": Words(
        "逐点单击；点回第一点、双击或按 Enter 闭合，Esc 放弃，Backspace 退一点",
        "Click corner by corner; the first again, a double click or Enter closes, Esc drops, Backspace takes one back",
    ),
    "area.keys": Words(
        "Tab 选角点，方向键移动（Shift 快移），Insert 在其后加点，Delete 删点，Ctrl+Z 撤销",
        "Tab picks a corner, arrows move it (Shift: faster), Insert adds one after, Delete removes, Ctrl+Z undoes",
    ),
    "area.none": Words("还没有画区域", "Nothing is drawn yet"),
    "area.few": Words("至少要 3 个角点", "At least 3 corners are needed"),
    "area.crosses": Words(
        "边线自己相交：把角点按绕边缘的顺序排好", "Its edge crosses itself: put the corners in order around it"
    ),
    "area.flat": Words("面积太小：角点几乎在一条线上", "It has no area: the corners are nearly on one line"),
    "area.sound": Words("区域有效", "The area is sound"),
    "area.name": Words("区域 {number}", "Area {number}"),
    "area.corners": Words("{count} 个角点", "{count} corners"),
    "area.cell": Words("网格", "Cell"),
    "area.cell.pick": Words("选网格", "Choose a cell"),
    "area.save": Words("保存", "Save"),
    "area.end": Words("立即停用", "End it now"),
    "area.until": Words("至 {at}", "until {at}"),
    "area.reason": Words("原因", "Reason"),
    "area.days": Words("有效天数", "Days"),
    "area.category": Words("类别", "Category"),
    "area.where": Words("忽略何处", "What to overlook"),
    "area.where.picture": Words("画出的画面部分", "The drawn part of the picture"),
    "area.where.cell": Words("整个网格，不论摄像机", "A whole cell, whatever the camera"),
    "area.standing.none": Words("没有", "None"),
    "area.standing": Words("正在生效", "In force"),
    "permit.number": Words("许可号", "Permit number"),
    "permit.name": Words("名称", "Name"),
    "permit.days": Words("星期", "Weekdays"),
    "permit.from": Words("开始时间", "From"),
    "permit.until": Words("结束时间", "Until"),
    "permit.season": Words("季节（月-日）", "Season (month-day)"),
    "permit.season.from": Words("季节开始", "Season begins"),
    "permit.season.until": Words("季节结束", "Season ends"),
    "permit.valid.from": Words("有效期自", "Valid from"),
    "permit.valid.until": Words("有效期至", "Valid until"),
    "permit.always": Words("时段留空为全天", "No hours: all day"),
    "permit.take_back": Words("收回许可", "Take it back"),
    "permit.note": Words("备注", "Note"),
    "day.mon": Words("一", "Mo"),
    "day.tue": Words("二", "Tu"),
    "day.wed": Words("三", "We"),
    "day.thu": Words("四", "Th"),
    "day.fri": Words("五", "Fr"),
    "day.sat": Words("六", "Sa"),
    "day.sun": Words("日", "Su"),
}


def fault_words(kind: TrialFaultKind, points: tuple[int, ...], value: float | None) -> tuple[Words, dict[str, str]]:
    """The phrase for a fault, and what fills its places."""
    number = value or 0.0
    shown = f"{100 * number:.0f}" if kind is TrialFaultKind.NARROW else f"{number:.2f}".rstrip("0").rstrip(".")
    return FAULT_PHRASES[f"fit.{kind}"], {
        "points": ", ".join(str(point) for point in points),
        "value": shown,
        "count": f"{number:.0f}",
    }
