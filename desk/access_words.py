"""The words of signing in, of one's own account and of sealed pictures."""

from collections.abc import Mapping

from desk.tongue import Words

ACCESS_PHRASES: Mapping[str, Words] = {
    "login.name": Words("登录名", "Login"),
    "login.password": Words("密码", "Password"),
    "login.code": Words("动态码（如已启用）", "Code (where a second factor is set up)"),
    "login.refused": Words("登录名、密码或动态码不正确。", "Login, password or code is wrong."),
    "login.refused.why": Words(
        "请重新输入；多次失败后将暂停登录。忘记密码请联系管理员。",
        "Type them again; after several failures the door shuts for a while. An admin resets a forgotten password.",
    ),
    "login.locked": Words("失败次数过多，请在 {seconds} 秒后再试。", "Too many failures; try again in {seconds} s."),
    "login.locked.why": Words("管理员可以立即解除。", "An admin can unlock the name at once."),
    "login.busy": Words("登录人数过多，请稍后再试。", "Too many sign-ins at once; try again in a moment."),
    "login.stale": Words("登录页已失效，请重新输入。", "The sign-in page was out of date; type it again."),
    "login.or": Words("或使用登录名和密码：", "Or by a name and a password:"),
    "login.oidc.away": Words("统一身份认证暂时不可用。", "The single sign-on does not answer."),
    "login.oidc.away.why": Words(
        "请稍后再试，或使用登录名和密码；原因见服务日志。",
        "Try again in a moment, or use a name and a password; the server's log has the cause.",
    ),
    "login.oidc.refused": Words("统一身份认证未通过。", "The single sign-on did not prove who you are."),
    "login.oidc.refused.why": Words(
        "请重新登录；再次失败请联系管理员，原因见服务日志。",
        "Sign in again; if it fails again, ask an admin: the server's log has the cause.",
    ),
    "login.oidc.lost": Words("登录过程已失效。", "That sign-in was begun elsewhere, or too long ago."),
    "login.oidc.lost.why": Words(
        "请在同一窗口内重新开始，并在十分钟内完成。", "Begin again in one window, and finish within ten minutes."
    ),
    "login.oidc.unknown": Words("身份已确认，但您尚未登记。", "We know who you are, but nobody has let you in here."),
    "login.oidc.unknown.why": Words(
        "请管理员为您登记并选择“统一身份认证”。", "Ask an admin to add you with single sign-on."
    ),
    "login.oidc.taken": Words("登录名已被占用。", "Your login is in use here."),
    "login.oidc.taken.why": Words(
        "该登录名在此使用密码登录；请管理员为其开启“统一身份认证”。",
        "It comes in by a password here; ask an admin to switch single sign-on on for it.",
    ),
    "login.oidc.no-role": Words("您的账号没有本系统的角色。", "Your account has no role here."),
    "login.oidc.no-role.why": Words(
        "请账号管理部门将您加入相应的组。", "Whoever keeps the accounts adds you to a group that has one."
    ),
    "login.oidc.off": Words("您在本系统已被停用。", "You are switched off here."),
    "login.oidc.off.why": Words("请联系管理员。", "Ask an admin."),
    "login.oidc.last-admin": Words(
        "您是最后一名管理员，组信息却未含管理员。", "You are the last admin, and your groups say you are none."
    ),
    "login.oidc.last-admin.why": Words("请先指定另一名管理员。", "Make somebody else an admin first."),
    "login.oidc.unusable": Words("账号信息无法使用。", "Your account cannot be kept here as it is written there."),
    "login.oidc.unusable.why": Words(
        "登录名、姓名或单位不符合要求；请联系管理员，原因见服务日志。",
        "Login, name or unit do not fit; ask an admin: the server's log says which.",
    ),
    "login.oidc.full": Words("人员数量已满。", "There are as many people as are kept."),
    "login.oidc.full.why": Words("请联系管理员。", "Ask an admin."),
    "account.sign_on": Words(
        "您通过统一身份认证登录：密码与二次验证均在那里管理。",
        "You come in by the city's single sign-on: your password and second factor are kept there.",
    ),
    "login.link": Words("使用一次性登录链接", "Use a one-time link"),
    "account": Words("我的账号", "My account"),
    "account.roles": Words("角色", "Roles"),
    "account.unit": Words("所属单位", "Unit"),
    "account.unit.none": Words("不限单位", "Not bound to a unit"),
    "account.must_change": Words("请先修改初始密码", "Change the initial password first"),
    "account.must_change.why": Words(
        "初始密码由他人设定；修改之前不能使用其他功能。",
        "Somebody else knows the initial password; nothing else opens before it is changed.",
    ),
    "account.password": Words("修改密码", "Change the password"),
    "account.password.old": Words("当前密码", "Present password"),
    "account.password.new": Words("新密码", "New password"),
    "account.password.rules": Words(
        "10 至 128 个字符，至少 5 个不同字符，不含本人姓名或登录名，不用常见密码。",
        "10 to 128 characters, at least 5 different ones, without your own name, and none that is guessed first.",
    ),
    "account.password.do": Words("修改密码", "Change"),
    "account.password.done": Words("密码已修改，其他登录均已退出。", "Changed; every other session has ended."),
    "account.go_on": Words("开始工作", "Go to work"),
    "account.refused": Words("未能完成：", "Not done:"),
    "account.factor": Words("动态码（二次验证）", "Second factor"),
    "account.factor.off": Words("尚未启用。", "Not set up."),
    "account.factor.on": Words(
        "已启用，剩余恢复码 {count} 个。", "Set up; {count} recovery {count:code is|codes are} left."
    ),
    "account.factor.start": Words("启用动态码", "Set up"),
    "account.factor.secret": Words(
        "在手机验证器中添加此密钥，再输入显示的六位数字。密钥只显示一次。",
        "Add this key to your telephone's authenticator, then type its six figures. The key is shown this once.",
    ),
    "account.factor.code": Words("六位动态码", "Six figures"),
    "account.factor.confirm": Words("确认启用", "Turn on"),
    "account.factor.codes": Words(
        "已启用。请抄下恢复码，每个只能用一次，不再显示：",
        "It is on. Write these recovery codes down; each is good once, and they are not shown again:",
    ),
    "account.factor.drop": Words("停用动态码", "Turn off"),
    "account.factor.unavailable": Words("本机未配置密钥，不能启用。", "This process has no key for it."),
    "account.sessions": Words("登录会话", "Sessions"),
    "account.sessions.this": Words("本次登录", "this one"),
    "account.sessions.end": Words("退出其他全部会话", "End every other session"),
    "account.sessions.ended": Words("其他会话已退出。", "Every other session has ended."),
    "role.acceptor": Words("受理员", "Acceptor"),
    "role.shift_leader": Words("值班长", "Shift leader"),
    "role.dispatcher": Words("派遣员", "Dispatcher"),
    "role.handling_unit": Words("处置单位", "Handling unit"),
    "role.inspector": Words("监督员", "Inspector"),
    "role.admin": Words("管理员", "Admin"),
    "role.auditor": Words("只读", "Auditor"),
    "sealed": Words("原始图片已封存", "The original is sealed"),
    "sealed.why": Words(
        "原图含未遮挡的人脸与车牌。查看须注明理由，并记入审计日志。",
        "It shows faces and plates. Say why you look at it; the audit log keeps who, when and why.",
    ),
    "sealed.reason": Words("查看理由", "Reason"),
    "sealed.do": Words("查看原图", "Look at the original"),
    "error.429": Words("请求过于频繁", "Too many tries"),
}
