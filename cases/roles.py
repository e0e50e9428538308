"""The desk's roles (domain: 受理员, 值班长, 派遣员, 处置单位, 监督员, 管理员, 只读)."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is at the desk; one person may be several."""

    ACCEPTOR = "acceptor"
    """受理员: looks at candidates, confirms or rejects them."""
    SHIFT_LEADER = "shift_leader"
    """值班长: registers and closes, decides extensions and suspensions."""
    DISPATCHER = "dispatcher"
    """派遣员: gives a case to a unit."""
    HANDLING_UNIT = "handling_unit"
    """处置单位: puts it right and reports; sees its own unit's cases."""
    INSPECTOR = "inspector"
    """监督员/核查员: verifies what was reported."""
    ADMIN = "admin"
    """管理员: people, keys, catalogue, rules."""
    AUDITOR = "auditor"
    """只读: sees everything, changes nothing."""
