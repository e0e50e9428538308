"""The words of an installation's first steps."""

from collections.abc import Mapping

from desk.tongue import Words

START_PHRASES: Mapping[str, Words] = {
    "start": Words("首次使用", "First steps"),
    "start.lead": Words(
        "从空白系统到第一个确认的案件，共六步，全部在本页引导下完成。",
        "From an empty installation to the first confirmed case in six steps; this page leads through them.",
    ),
    "start.done": Words("已完成", "Done"),
    "start.now": Words("现在做这一步", "Now"),
    "start.later": Words("稍后", "Later"),
    "start.finished": Words("全部完成，可以开始值守", "All done; the desk is ready"),
    "start.finished.why": Words(
        "第一个案件已经确认。接下来可以添加更多摄像机、人员和责任单位。",
        "The first case is confirmed. Next: more cameras, people and responsible units.",
    ),
    "start.me": Words("建立自己的账号", "Make yourself"),
    "start.me.why": Words(
        "一次性登录链接只能用一次，请先建立自己的管理员账号。",
        "The one-time link works once; make an admin of your own before anything else.",
    ),
    "start.me.is": Words("已有管理员账号", "An admin is there"),
    "start.me.again": Words("再输入一次密码", "The password again"),
    "start.me.differs": Words("两次输入的密码不同", "The two passwords differ"),
    "start.me.do": Words("建立并登录", "Make it, and sign in"),
    "start.me.link": Words(
        "须通过启动时打印的一次性登录链接进入", "This takes the one-time link that was printed at the start"
    ),
    "start.grid": Words("划出网格", "Lay out the grid"),
    "start.grid.why": Words(
        "每个案件都落在一个单元网格里。有网格图层就上传；没有就先在摄像机所在位置生成方格，以后再换。",
        "Each case lies in a unit grid. Upload the city's layer, or make squares around the camera's place for now.",
    ),
    "start.grid.is": Words("已有 {count} 个单元网格", "Unit grids: {count}"),
    "start.grid.make": Words("生成方格", "Make squares"),
    "start.grid.upload": Words("或上传网格图层（GeoJSON）", "Or upload a layer (GeoJSON)"),
    "start.grid.name": Words("地名", "Name of the place"),
    "start.grid.lon": Words("中心经度", "Longitude of the middle"),
    "start.grid.lat": Words("中心纬度", "Latitude of the middle"),
    "start.grid.where": Words(
        "WGS-84 坐标，单位为度，例如 104.0810 与 30.6570。只为试用视频文件，任意地点都可以。",
        "WGS-84, degrees, such as 104.0810 and 30.6570. To try a video file, any place will do.",
    ),
    "start.grid.cells": Words("每边格数", "Squares a side"),
    "start.grid.size": Words("每格边长（米）", "Side of one square, metres"),
    "start.grid.file": Words(
        "网格由配置文件指定，请在该文件中修改。",
        "The grid stands in a file that the configuration names; edit it there.",
    ),
    "start.camera": Words("添加一台摄像机或一段视频", "Add a camera, or a video file"),
    "start.camera.why": Words(
        "上传自己的视频文件，或填写摄像机地址；在小地图上点选它所在的网格。",
        "Upload a video file of your own, or type a camera's address; choose its cell on the small map.",
    ),
    "start.camera.is": Words("已有 {count} 台摄像机", "Cameras: {count}"),
    "start.camera.do": Words("添加摄像机", "Add a camera"),
    "start.view": Words("标定画面", "Place its view"),
    "start.view.why": Words(
        "先把整幅画面归到一个网格也可以；要知道物体的准确位置，请在画面和地图上各点至少四个点。",
        "The whole picture may count as one cell; to tell where things stand, set four points in picture and map.",
    ),
    "start.view.is": Words("{count} 台已归入网格", "Tied to the grid: {count}"),
    "start.view.do": Words("标定 {camera}", "Calibrate {camera}"),
    "start.wait": Words("等待第一个候选", "Wait for the first candidate"),
    "start.wait.why": Words(
        "画面每隔几秒看一次；同一处违规要持续存在足够久（按类别最长约 {minutes} 分钟）才成为候选。"
        "延时视频按拍摄时间计算。本页每 3 秒自动更新，不必守着。",
        "Pictures are looked at every few seconds; a violation must stand long enough (up to {minutes} min, by "
        "category). A time lapse counts by the time at which it was taken. This page follows by itself.",
    ),
    "start.wait.film": Words(
        "录像长 {length} 秒，时间倍率 {scale}，相当于 {minutes} 分钟",
        "{length} s of film, at time scale {scale}: {minutes} min",
    ),
    "start.wait.short": Words(
        "不够长：放完也不足 {minutes} 分钟。请修改摄像机，把时间倍率设为 {wanted} 以上，或勾选循环播放。",
        "Too short: it is over before {minutes} min have passed. Change the camera: a time scale of {wanted} or "
        "more, or let it play again and again.",
    ),
    "start.wait.ended": Words(
        "已放完，没有出现候选，不会再有新的画面。请修改摄像机：换一段录像，提高时间倍率，或勾选循环播放。",
        "It has been played to its end without a candidate; no more pictures come. Change the camera: another film, a "
        "greater time scale, or let it play again and again.",
    ),
    "start.wait.change": Words("修改 {camera}", "Change {camera}"),
    "start.wait.none": Words("巡查进程还没有报告摄像机状态", "No worker has told of a camera yet"),
    "start.wait.looks": Words("已看 {count} 次", "Looked at: {count}"),
    "start.wait.is": Words("已有候选或案件", "A candidate is there"),
    "start.review": Words("复核它", "Review it"),
    "start.review.why": Words(
        "打开候选，看图片，受理或驳回。受理后即为第一个确认的案件。",
        "Open the candidate, look at its pictures, accept or reject. Accepted, it is the first confirmed case.",
    ),
    "start.review.do": Words("打开 {number}", "Open {number}"),
    "start.review.is": Words("已确认：{number}", "Confirmed: {number}"),
}
"""By key."""
