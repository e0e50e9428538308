"""What the desk says of requests."""

from collections.abc import Mapping

from desk.tongue import Words

REQUEST_PHRASES: Mapping[str, Words] = {
    "voices": Words("来件", "What people said"),
    "voices.update": Words("补充", "added"),
    "voices.no_words": Words("（无文字说明）", "(no words)"),
    "voices.has_contact": Words("留有联系方式（查看须注明理由）", "left a contact (sealed; shown for a reason)"),
    "voice.video_ai": Words("视频智能", "Video AI"),
    "voice.video_seat": Words("视频坐席", "Video seat"),
    "voice.mobile_video": Words("移动视频", "Mobile video"),
    "voice.hotline": Words("热线", "Hotline"),
    "voice.citizen": Words("市民", "Citizen"),
    "voice.assessment": Words("考核", "Assessment"),
    "voice.upper": Words("上级平台", "Upper platform"),
}
