"""What a look at a camera's address tells, in words: that it answers, or why not and what to do."""

from collections.abc import Mapping

from desk.tongue import Words

PROBE_PHRASES: Mapping[str, Words] = {
    "probe.answers": Words("有画面", "It answers"),
    "probe.answers.in": Words("{seconds} 秒后收到第一张画面", "First picture after {seconds} s"),
    "probe.gop": Words("关键帧间隔 {seconds} s（{frames} 帧）", "Key frame every {seconds} s ({frames} frames)"),
    "probe.gop.one": Words(
        "等待期间只见到一个关键帧：把摄像机的关键帧间隔（GOP）设为 2 s 左右",
        "Only one key frame came in time: set the camera's key-frame interval (GOP) to about 2 s",
    ),
    "probe.gop.long": Words(
        "关键帧间隔超过 5 s：巡查只看关键帧，建议设为 2 s 左右",
        "More than 5 s between key frames: the patrol looks at key frames only; about 2 s is best",
    ),
    "probe.fps": Words("{fps} 帧/秒", "{fps} frames/s"),
    "probe.fails": Words("没有画面", "No picture"),
    "probe.mend.unreachable": Words(
        "主机或端口没有应答：检查摄像机电源与网络、地址与端口、防火墙。",
        "Host or port does not answer: check the camera's power and network, the address and port, the firewall.",
    ),
    "probe.mend.stalled": Words(
        "已连接，但没有画面传来：重启摄像机；检查码流是否启用；网络拥堵时改用 TCP。",
        "Connected, but no picture came: restart the camera; see that the stream is on; on a busy network use TCP.",
    ),
    "probe.mend.auth": Words(
        "用户名或密码被拒绝：重新输入；确认该用户有实时预览权限。",
        "User name or password was refused: type them again; the user must be allowed to see live video.",
    ),
    "probe.mend.not_found": Words(
        "服务器上没有这个路径，或这台机器上没有这个文件：核对地址中端口之后的部分。",
        "There is no such path on the server, or no such file on this machine: check what follows the port.",
    ),
    "probe.mend.tls": Words(
        "加密握手失败：检查端口；摄像机未启用加密时把 rtsps 改为 rtsp。",
        "The TLS handshake failed: check the port; where the camera has no TLS write rtsp instead of rtsps.",
    ),
    "probe.mend.codec": Words(
        "编码无法解码：把摄像机设为 H.264 或 H.265。",
        "The codec cannot be decoded: set the camera to H.264 or H.265.",
    ),
    "probe.mend.corrupt": Words(
        "收到的不是可用的视频：检查端口与协议；文件请重新导出为 H.264 MP4。",
        "What came is no usable video: check port and scheme; export a file again as H.264 MP4.",
    ),
    "probe.mend.ended": Words(
        "连接后立即被挂断：查看同时观看人数上限，稍候再试。",
        "It hung up at once: look at its limit of viewers, then try again.",
    ),
    "probe.mend.config": Words(
        "地址写得不完整或不认识：例如 rtsp://192.0.2.17:554/stream1，或视频文件的完整路径。",
        "The address is incomplete or not known: write rtsp://192.0.2.17:554/stream1, or a video file's whole path.",
    ),
    "probe.mend.error": Words(
        "稍候再试；仍失败时查看下面的原文。", "Try again; if it fails still, read the text below."
    ),
}


def mend_key(error_kind: str) -> str:
    """Key of what to do about a kind of fault."""
    key = f"probe.mend.{error_kind}"
    return key if key in PROBE_PHRASES else "probe.mend.error"
