"""What the wall says."""

from collections.abc import Mapping

from desk.tongue import Words

WALL_PHRASES: Mapping[str, Words] = {
    "nav.wall": Words("视频墙", "Wall"),
    "wall.title": Words("视频墙", "Wall"),
    "wall.size": Words("每页画面数", "Pictures on a page"),
    "wall.page": Words("第 {page} / {pages} 页", "Page {page} of {pages}"),
    "wall.previous": Words("上一页", "Previous page"),
    "wall.next": Words("下一页", "Next page"),
    "wall.full": Words("全屏", "Full screen"),
    "wall.full.leave": Words("退出全屏", "Leave full screen"),
    "wall.tours": Words("巡视", "Tours"),
    "wall.tour.none": Words("全部摄像机", "All cameras"),
    "wall.tour.pause": Words("暂停巡视（空格）", "Pause the tour (space)"),
    "wall.tour.go": Words("继续巡视（空格）", "Go on with the tour (space)"),
    "wall.tour.running": Words("{seconds} 秒后翻页", "next page in {seconds} s"),
    "wall.tour.paused": Words("巡视已暂停", "The tour is paused"),
    "wall.tour.edit": Words("编辑巡视", "Edit tours"),
    "wall.tour.which": Words("巡视名称", "Name"),
    "wall.tour.new": Words("新巡视", "New tour"),
    "wall.tour.every": Words("每页停留（秒）", "Seconds a page"),
    "wall.tour.cameras": Words("摄像机", "Cameras"),
    "wall.tour.narrow": Words("按编号或名称筛选", "Narrow by id or name"),
    "wall.tour.keep": Words("保存", "Keep"),
    "wall.tour.remove": Words("删除", "Remove"),
    "wall.tour.kept": Words("巡视已保存", "The tour is kept"),
    "wall.tour.removed": Words("巡视已删除", "The tour is removed"),
    "wall.tour.empty": Words("请至少选一台摄像机", "Choose one camera at least"),
    "wall.shut": Words("关闭", "Close"),
    "wall.open": Words("看 {camera} 的实时画面", "Live view of {camera}"),
    "wall.live": Words("实时画面", "Live view"),
    "wall.live.alt": Words("{camera} 的实时画面，面部与车牌已遮挡", "Live view of {camera}, faces and plates hidden"),
    "wall.live.full": Words("实时画面名额已满，请稍后再试", "Every live view is taken; try again soon"),
    "wall.picture.alt": Words("{camera} 最近分析的画面", "{camera}, the last analysed picture"),
    "wall.age": Words("{seconds} 秒前", "{seconds} s ago"),
    "wall.age.minutes": Words("{minutes} 分钟前", "{minutes} min ago"),
    "wall.age.old": Words("画面已旧", "Old picture"),
    "wall.waiting": Words("等待画面", "Waiting for a picture"),
    "wall.silent": Words("工作节点无响应", "Worker silent"),
    "wall.cases": Words("此摄像机的案件", "Its cases"),
    "wall.masked": Words(
        "面部与车牌已遮挡；查看行为记入审计日志。", "Faces and plates are hidden; looking is written to the audit log."
    ),
    "wall.empty.why": Words(
        "加入摄像机并运行工作节点后，画面会出现在这里。",
        "Pictures appear here once cameras are added and a worker runs.",
    ),
    "keys.wall": Words(
        "键盘：← → 翻页，1–4 画面数，空格 暂停巡视，f 全屏，Enter 实时画面，Esc 关闭",
        "Keys: ← → pages, 1–4 size, space pauses a tour, f full screen, Enter live view, Esc closes",
    ),
}
"""By key."""
