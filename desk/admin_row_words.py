"""The words of rows that a form adds and takes away: hours of a week, a season, holidays, make-up working days."""

from collections.abc import Mapping

from desk.tongue import Words

ADMIN_ROW_PHRASES: Mapping[str, Words] = {
    "admin.row.days": Words("星期", "Weekdays"),
    "admin.row.from": Words("起", "From"),
    "admin.row.until": Words("止", "Until"),
    "admin.row.first": Words("第一天", "First day"),
    "admin.row.last": Words("最后一天", "Last day"),
    "admin.row.date": Words("日期", "Date"),
    "admin.row.name": Words("名称", "Name"),
    "admin.row.next_day": Words("次日", "next day"),
    "admin.row.remove": Words("删除这一行", "Remove this row"),
    "admin.row.month": Words("月", "Month"),
    "admin.row.day": Words("日", "Day"),
    "admin.row.like": Words("按周几上班", "Works as on a"),
    "admin.row.shifts": Words("或另定时间", "or its own hours"),
    "admin.row.other_years": Words("其他年份（{count}）", "Other years ({count})"),
    "admin.row.windows.hint": Words(
        "一行一段，可加多行；止早于起表示到次日。没有行：全天",
        "One span a row, as many as needed; an end before the start is the next day's. No row: always",
    ),
    "admin.row.windows.add": Words("加一个时段", "Add hours"),
    "admin.row.windows.wrong": Words(
        "请至少勾选一天，并按 18:00 的形式填写起止", "Tick a day at least, and write both times like 18:00"
    ),
    "admin.row.season": Words("季节", "Season"),
    "admin.row.season.hint": Words("每年的起止月日，可跨年；留空为全年", "Each year's days; empty: all year"),
    "admin.row.season.wrong": Words("起止的月和日都要填写", "Give month and day of both ends"),
    "admin.row.shifts.hint": Words(
        "一行一班；夜班分两行：22:00–24:00，次日 00:00–06:00", "A shift a row; a night in two: 22:00–24:00, 00:00–06:00"
    ),
    "admin.row.shifts.add": Words("加一班", "Add a shift"),
    "admin.row.holidays": Words("节假日", "Holidays"),
    "admin.row.holidays.add": Words("加节假日", "Add a holiday"),
    "admin.row.holidays.wrong": Words(
        "请填写日期；最后一天不早于第一天，一行最多 60 天",
        "Give the dates; the last day is not before the first, and a row is 60 days at most",
    ),
    "admin.row.workdays": Words("调休上班日", "Make-up working days"),
    "admin.row.workdays.add": Words("加调休上班日", "Add a working day"),
    "admin.row.workdays.wrong": Words(
        "请填写日期；时间写成 09:00-12:00，多段用空格分隔", "Give its date; hours like 09:00-12:00, several with spaces"
    ),
}
"""By key."""
