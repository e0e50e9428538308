"""The words of administration: places, catalogue, calendars, permits, suppressions, auto-filing."""

from collections.abc import Mapping

from desk.tongue import Words

ADMIN_RULE_PHRASES: Mapping[str, Words] = {
    "admin.places.none": Words("没有符合条件的网格；请在右侧导入", "No place fits; import some at the right"),
    "admin.places.back": Words("← 全部网格", "← All places"),
    "admin.places.import": Words("导入网格、单位或人员", "Import grids, units or people"),
    "admin.places.import.why": Words(
        "GeoJSON，或 Excel 存成的 CSV（UTF-8 或 GBK）。先看变化再导入；有一行出错则全部不导入，"
        "并指出是哪一行。未提到的保持不变。",
        "GeoJSON, or CSV as Excel saves it (UTF-8 or GBK). See what changes first; one wrong line and "
        "nothing is taken, and the line is named. What a file does not name stays.",
    ),
    "admin.places.export": Words("导出", "Export"),
    "admin.sheet.places": Words("网格", "Places"),
    "admin.sheet.units": Words("责任单位", "Units"),
    "admin.sheet.people": Words("联系人", "People"),
    "admin.grid": Words("巡查用网格", "The grid that is patrolled"),
    "admin.grid.cells": Words("{count} 个单元网格", "{count} unit {count:grid|grids}"),
    "admin.grid.desk": Words(
        "就是此处导入的单元网格；变更后巡查进程自动重新读取。",
        "The unit grids imported here; the worker takes a change by itself.",
    ),
    "admin.grid.file": Words(
        "由配置文件 [grid] 指定的文件提供；此处导入的资料补充等级、单位和人员。",
        "From the file that [grid] of the configuration names; what is imported here adds grades, units and people.",
    ),
    "admin.responsible": Words("由谁负责", "Who answers"),
    "admin.responsible.do": Words("查询", "Ask"),
    "admin.responsible.is": Words("责任单位：{unit}；等级：{zone}", "Unit: {unit}; grade: {zone}"),
    "admin.place.code": Words("编码", "Code"),
    "admin.place.name": Words("名称", "Name"),
    "admin.place.level": Words("级别", "Level"),
    "admin.place.within": Words("属于（上级编码）", "Within (a code's beginning)"),
    "admin.place.zone": Words("管控等级", "Grade"),
    "admin.place.units": Words("责任单位", "Responsible units"),
    "admin.place.people": Words("联系人", "People"),
    "admin.place.assigned": Words("指派记录", "Assignments"),
    "admin.place.what": Words("事项", "What"),
    "admin.place.value": Words("内容", "Who or which"),
    "admin.place.from": Words("自", "From"),
    "admin.place.to": Words("至", "Until"),
    "admin.place.end": Words("结束", "End"),
    "admin.place.end.ask": Words(
        "在所选日期之后结束“{value}”？已立案件保留原单位。",
        'End "{value}" after the chosen day? Cases keep the unit they have.',
    ),
    "admin.place.none": Words("尚无指派", "Nothing is assigned"),
    "admin.place.unit.new": Words("指定责任单位", "Another unit"),
    "admin.place.zone.new": Words("名称与等级", "Name and grade"),
    "admin.assigned.zone": Words("等级", "Grade"),
    "admin.assigned.unit": Words("责任单位", "Unit"),
    "admin.assigned.person": Words("联系人", "Person"),
    "admin.level.city": Words("市", "City"),
    "admin.level.district": Words("区", "District"),
    "admin.level.street": Words("街道", "Street"),
    "admin.level.community": Words("社区", "Community"),
    "admin.level.grid": Words("单元网格", "Unit grid"),
    # Catalogue
    "admin.catalogue.version": Words("第 {version} 版", "Version {version}"),
    "admin.catalogue.current": Words("现行", "In force"),
    "admin.catalogue.past": Words("历史版本", "Past"),
    "admin.catalogue.code": Words("事件代码", "Event code"),
    "admin.catalogue.closing": Words("结案条件", "Put right when"),
    "admin.catalogue.dwell": Words("持续时间", "Must stand"),
    "admin.catalogue.deadline": Words("办理时限", "Time allowed"),
    "admin.catalogue.near": Words("临期", "Near after"),
    "admin.catalogue.units": Words("默认单位", "Default units"),
    "admin.catalogue.changed": Words("与上一版的差别", "What it changed"),
    "admin.catalogue.import": Words("导入新版本", "Import a new version"),
    "admin.catalogue.import.why": Words(
        "先下载现行版本修改，再上传（TOML 或 JSON）。出错时指出行号和修改方法。启用只影响之后立案的案件。",
        "Download the one in force, edit it, upload it (TOML or JSON). An error names the line and the mend. "
        "It counts for cases that are opened from then on.",
    ),
    "admin.catalogue.activate": Words("启用为新版本", "Put it in force"),
    "admin.catalogue.versions": Words("全部版本", "Versions"),
    "admin.catalogue.back": Words(
        "要恢复旧版：下载旧版文件，再作为新版本导入。",
        "To go back: download an old version and import it as a new one.",
    ),
    "admin.time.working": Words("工作小时", "working h"),
    "admin.time.natural": Words("自然小时", "natural h"),
    # Calendars
    "admin.day.work": Words("工作日", "Working day"),
    "admin.day.off": Words("休息日", "Day off"),
    "admin.day.holiday": Words("节假日", "Holiday"),
    "admin.day.makeup": Words("调休上班", "Make-up working day"),
    **{
        f"admin.month.{number}": Words(f"{number} 月", name)
        for number, name in enumerate(
            (
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ),
            start=1,
        )
    },
    "admin.month.count": Words("月份旁为工作日数", "Beside each month: its working days"),
    "admin.month.days": Words("{count} 个工作日", "{count} working {count:day|days}"),
    "admin.weekday.mon": Words("周一", "Mon"),
    "admin.weekday.tue": Words("周二", "Tue"),
    "admin.weekday.wed": Words("周三", "Wed"),
    "admin.weekday.thu": Words("周四", "Thu"),
    "admin.weekday.fri": Words("周五", "Fri"),
    "admin.weekday.sat": Words("周六", "Sat"),
    "admin.weekday.sun": Words("周日", "Sun"),
    "admin.weekday.short.mon": Words("一", "Mo"),
    "admin.weekday.short.tue": Words("二", "Tu"),
    "admin.weekday.short.wed": Words("三", "We"),
    "admin.weekday.short.thu": Words("四", "Th"),
    "admin.weekday.short.fri": Words("五", "Fr"),
    "admin.weekday.short.sat": Words("六", "Sa"),
    "admin.weekday.short.sun": Words("日", "Su"),
    "admin.calendar.week": Words("每周班次", "The week's shifts"),
    "admin.calendar.days": Words("导入节假日与调休", "Import holidays and make-up days"),
    "admin.calendar.days.why": Words(
        "JSON、CSV（日期,名称,类型）或 ICS；清单未提到的日期保持不变",
        "JSON, CSV (date, name, kind) or ICS; dates that it does not name stay",
    ),
    "admin.calendar.days.do": Words("导入并重算时限", "Import, and tell deadlines anew"),
    "admin.calendar.form": Words("修改日历", "Change the calendar"),
    "admin.calendar.ask": Words(
        "保存为新版本，并重算未结案件的工作时限？", "Keep it as a new version, and tell open cases' deadlines anew?"
    ),
    "admin.calendar.name": Words("名称", "Name"),
    "admin.calendar.zone": Words("时区", "Time zone"),
    "admin.calendar.zone.why": Words("IANA 名称，如 Asia/Shanghai", "An IANA name, such as Asia/Shanghai"),
    "admin.calendar.recompute": Words("重算时限", "Deadlines"),
    "admin.calendar.recompute.why": Words(
        "修改日历时会自动重算；案件很多时可在此继续，重复执行无害。",
        "A change does it by itself; with very many cases, go on here. It is safe to repeat.",
    ),
    "admin.calendar.recompute.do": Words("重算未结案件", "Tell open cases' deadlines anew"),
    "admin.calendar.recomputed": Words(
        "检查 {looked_at} 件，更新 {changed} 件，保持 {left_alone} 件",
        "Looked at {looked_at}, changed {changed}, left {left_alone} alone",
    ),
    "admin.calendar.versions": Words("修改记录", "Versions"),
    "admin.calendar.none": Words("使用默认日历，尚未修改", "The default, as it came"),
    # Permits
    "admin.permits.none": Words("没有许可摊区", "No permit"),
    "admin.permits.map": Words("许可区域图", "Where they lie"),
    "admin.permits.import": Words("导入或导出图层", "A layer in and out"),
    "admin.permits.import.ask": Words(
        "导入这份图层？编号相同的许可会被替换，其余保持不变。",
        "Import this layer? Permits with the same number are replaced; the others stay.",
    ),
    "admin.permits.imported": Words(
        "新增 {added}，替换 {changed}，未变 {unchanged}", "{added} added, {changed} replaced, {unchanged} as they were"
    ),
    "admin.permit.add": Words("新增许可", "Add a permit"),
    "admin.permit.edit": Words("修改或延期", "Change or extend"),
    "admin.permit.end": Words("收回", "Take back"),
    "admin.permit.end.ask": Words(
        "收回许可“{name}”？该处下次上报即按普通地点判断。",
        'Take "{name}" back? The next report there is judged as anywhere else.',
    ),
    "admin.permit.number": Words("批准编号", "Number"),
    "admin.permit.name": Words("名称", "Name"),
    "admin.permit.hours": Words("时段", "Hours"),
    "admin.permit.valid": Words("有效期", "Valid"),
    "admin.permit.cells": Words("网格编码", "Cells"),
    "admin.permit.cells.count": Words("{count} 个网格", "{count} {count:cell|cells}"),
    "admin.permit.categories.hint": Words("不选为全部类别", "none ticked: every category"),
    "admin.permit.polygon": Words("区域（每行 经度, 纬度）", "Area (one lon, lat a line)"),
    "admin.permit.polygon.hint": Words(
        "至少三点，WGS-84 或 CGCS2000；内洞前空一行；也可只填网格",
        "Three at least, WGS-84 or CGCS2000; an empty line before a hole; or give cells alone",
    ),
    "admin.permit.note": Words("备注", "Note"),
    "admin.everyday": Words("每天", "Every day"),
    "admin.always": Words("全天", "Always"),
    "admin.ended": Words("已结束", "Ended"),
    # Suppressions
    "admin.suppressions.none": Words("没有屏蔽", "None"),
    "admin.suppression.all": Words("全部", "All"),
    "admin.suppression.standing": Words("生效中", "Standing"),
    "admin.suppression.expired": Words("已到期", "Expired"),
    "admin.suppression.removed": Words("已解除", "Ended"),
    "admin.suppression.what": Words("类别", "Category"),
    "admin.suppression.where": Words("位置", "Where"),
    "admin.suppression.why": Words("理由", "Reason"),
    "admin.suppression.until": Words("到期日", "Until"),
    "admin.suppression.region": Words("画面区域", "a region of its picture"),
    "admin.suppression.case": Words("来源案件", "its case"),
    "admin.suppression.extend": Words("改到期日", "Set the end"),
    "admin.suppression.end": Words("解除", "End"),
    "admin.suppression.end.ask": Words(
        "立即解除？该处的下一次上报将重新判断。", "End it now? The next report there is judged afresh."
    ),
    "admin.suppression.add": Words("按网格屏蔽", "Suppress a cell"),
    "admin.suppression.cells.hint": Words("可填多个，用空格分隔", "Several with spaces between"),
    "admin.suppression.days": Words("留空为 {days} 天", "Empty: {days} {days:day|days}"),
    "admin.suppression.draw": Words(
        "在画面上框选区域：打开摄像机的标定页。", "To draw a region in a picture, open the camera's calibration page."
    ),
    # Auto-filing
    "admin.auto.camera": Words("摄像机", "Camera"),
    "admin.auto.camera.hint": Words("* 表示全部摄像机", "* stands for every camera"),
    "admin.auto.every": Words("全部摄像机", "every camera"),
    "admin.auto.period": Words("时段", "Time"),
    "admin.auto.day": Words("白天", "Day"),
    "admin.auto.night": Words("夜间", "Night"),
    "admin.auto.reviewed": Words("正确 / 复核", "Right / reviewed"),
    "admin.auto.precision": Words("准确率及下限", "Precision, lower bound"),
    "admin.auto.none": Words("尚无复核", "Not measured"),
    "admin.auto.mode": Words("开关", "Switch"),
    "admin.auto.mode.queue": Words("人工复核", "Queue"),
    "admin.auto.mode.queue.why": Words("每一件都由人看", "A person looks at each"),
    "admin.auto.mode.measured": Words("达标才自动", "Measured"),
    "admin.auto.mode.measured.why": Words(
        "下限达到门槛时自动立案，低于门槛自动退回人工", "Files while the lower bound clears the bar"
    ),
    "admin.auto.mode.auto": Words("自动", "Auto"),
    "admin.auto.mode.auto.why": Words(
        "直接自动立案，直到复核表明准确率过低", "Files at once, until reviews say it is not precise enough"
    ),
    "admin.auto.files": Words("现在自动立案？", "Files now?"),
    "admin.auto.yes": Words("自动立案", "Files"),
    "admin.auto.no": Words("人工", "Queues"),
    "admin.auto.nothing": Words("还没有人工复核过的候选", "No candidate has been reviewed yet"),
    "admin.auto.rule": Words(
        "威尔逊下限达到 {bar}、至少复核 {least} 件才自动立案；每处只看最近 {last} 件。"
        "红线是门槛，深色段是下限，圆点是准确率。",
        "Wilson's lower bound must reach {bar} over at least {least} reviews, of the last {last} in each place. "
        "The red line is the bar, the dark part the bound, the dot the precision.",
    ),
    "admin.auto.switches": Words("已设开关", "Switches"),
    "admin.auto.switches.none": Words("未设置，全部人工复核", "None: a person looks at everything"),
    "admin.auto.turn": Words("设置开关", "Turn a switch"),
    "admin.auto.turn.do": Words("设置", "Turn"),
    "admin.auto.ask": Words(
        "更改后，今后的候选按新开关处理。确定？", "From now on candidates go by the new switch. Turn it?"
    ),
}
"""By key."""
