"""What can be wrong around the models, with the way to mend it, as in the table of `docs/running.md`."""

from entrypoints.doctor.finding import Verdict, trouble

MISTAKE = trouble(
    "configuration",
    ("配置有错", "the configuration has a mistake"),
    ("按所说的位置改正，再运行 check-config", "mend it where it says, then run check-config"),
)
NO_SECRETS = trouble(
    "no-robot",
    (
        "没有配置机器人的密钥，只接受本机的消息",
        "no robot's secret is set, so only this machine may call",
    ),
    (
        "把钉钉后台的 Client ID 和 Client Secret 写进 credentials（或 AppSecret 写进 app_secrets）",
        "put Client ID and Client Secret of the robot into credentials (or its AppSecret into app_secrets)",
    ),
    Verdict.WARNING,
)
FOLDER_UNUSABLE = trouble(
    "data-dir",
    ("数据目录不能写", "the data directory cannot be written"),
    (
        "让它属于运行服务的账号（容器里是 10001），或换 data_dir",
        "make it belong to the account that runs the service (10001 in the image), or set another data_dir",
    ),
)
FOLDER_OPEN = trouble(
    "data-dir-open",
    (
        "数据目录别人也能读，里面有对话",
        "others can read the data directory, which holds conversations",
    ),
    ("chmod 700", "chmod 700"),
    Verdict.WARNING,
)
DISK_FULL = trouble(
    "disk",
    ("磁盘快满了", "the disk is nearly full"),
    (
        "腾出空间；满了以后消息会得到 503，之后自己恢复",
        "make room; messages hear 503 while it is full, and all goes on by itself afterwards",
    ),
    Verdict.WARNING,
)
DATABASE_AWAY = trouble(
    "database",
    ("数据库打不开", "the database cannot be opened"),
    (
        "SQLite：看文件的属主和磁盘；PostgreSQL：看地址、密码、防火墙、是否在运行",
        "SQLite: the file's owner and the disk; PostgreSQL: address, password, firewall, whether it runs",
    ),
)
DATABASE_NEWER = trouble(
    "database-newer",
    ("数据库是更新的版本写的", "the database belongs to a newer version"),
    (
        "用那个版本，或恢复升级前的备份",
        "run that version, or restore the backup from before the upgrade",
    ),
)
DATABASE_OLDER = trouble(
    "database-older",
    ("数据库的表结构是旧的", "the database's schema is an older one"),
    (
        "不用做什么：serve 启动时会升级（先备份）",
        "nothing: serve brings it up to date (back up before)",
    ),
    Verdict.WARNING,
)
CLOCK_OFF = trouble(
    "clock",
    (
        "本机时钟与钉钉相差太多，签名会被拒绝",
        "this machine's clock is too far from DingTalk's, signatures are refused",
    ),
    (
        "校时（timedatectl set-ntp true），容器用的是宿主机的时钟",
        "set the clock (timedatectl set-ntp true); a container has its host's",
    ),
)
CLOCK_DRIFTS = trouble(
    "clock-drifts",
    ("本机时钟与钉钉有差别", "this machine's clock differs from DingTalk's"),
    ("打开 NTP 校时", "switch NTP on"),
    Verdict.WARNING,
)
CLOCK_UNKNOWN = trouble(
    "clock-unknown",
    ("不知道钉钉的时间", "DingTalk's time is not known"),
    ("先解决连不上钉钉的问题", "mend the way to DingTalk first"),
    Verdict.SKIPPED,
)
TOKEN_REFUSED = trouble(
    "credentials",
    (
        "钉钉不接受这对 Client ID 和 Client Secret",
        "DingTalk does not accept this Client ID and Client Secret",
    ),
    ("从应用的“凭证与基础信息”重新复制", "copy them again from the application's credentials page"),
)
DINGTALK_AWAY = trouble(
    "dingtalk-unreachable",
    ("连不上钉钉开放接口", "DingTalk's OpenAPI is not reached"),
    (
        "看出口网络和 DNS；访问钉钉不走代理；专属部署设 dingtalk_api_url",
        "see the way out and DNS; no proxy is used here; set dingtalk_api_url for a private deployment",
    ),
)
PERMISSION_MISSING = trouble(
    "permission",
    (
        "应用缺少权限，会话地址过期后不能补发回答",
        "the application lacks a permission: late answers cannot be sent",
    ),
    (
        "在开发者后台的“权限管理”申请 qyapi_robot_sendmsg",
        "ask for qyapi_robot_sendmsg in the developer console, under permissions",
    ),
    Verdict.WARNING,
)
NO_CREDENTIALS = trouble(
    "no-credentials",
    (
        "没有 credentials：迟到的回答不能补发，图片不能上传",
        "no credentials: late answers and uploads of pictures are not possible",
    ),
    ("有企业内部应用时配置 credentials", "set credentials where there is an application"),
    Verdict.SKIPPED,
)
NOT_RUNNING = trouble(
    "service-not-running",
    ("服务没有在这台机器上运行", "the service does not run on this machine"),
    (
        "启动它（chatgpt-dingtalk serve），再运行一次 doctor；它若在运行，核对 host 和 port",
        "start it (chatgpt-dingtalk serve) and run doctor again; if it does run, see host and port",
    ),
)
NOT_READY = trouble(
    "service-not-ready",
    ("服务在运行，但还不能工作", "the service runs, and is not ready"),
    ("看所说的原因和日志", "see the reason it gives, and the log"),
)
NO_ADDRESS = trouble(
    "service-url-unset",
    ("没有设置 service_url：没有 #查对话 的链接", "service_url is not set: #查对话 gives no links"),
    (
        "设为公网地址，例如 https://bot.example.com",
        "set it to the public address, such as https://bot.example.com",
    ),
    Verdict.SKIPPED,
)
ADDRESS_UNREACHABLE = trouble(
    "service-url-unreachable",
    ("从 service_url 连不回本服务", "service_url does not lead back to this service"),
    (
        "看 DNS、证书、防火墙、反向代理是否转发到本机端口",
        "see DNS, the certificate, the firewall, and that the proxy passes on to this port",
    ),
)
ADDRESS_OF_ANOTHER = trouble(
    "service-url-other",
    ("service_url 那里答话的不是本服务", "something else answers at service_url"),
    (
        "看反向代理的 location，所有路径都要转发",
        "see the proxy's location: all paths must be passed on",
    ),
)
ADDRESS_PLAIN = trouble(
    "service-url-http",
    (
        "service_url 没有用 HTTPS，签名头会被看到",
        "service_url is not HTTPS, so signatures can be seen on the way",
    ),
    ("在反向代理上配置证书", "give the proxy a certificate"),
    Verdict.WARNING,
)
WEBHOOK_UNREACHABLE = trouble(
    "webhook",
    ("连不上回复的地址", "where replies go is not reached"),
    (
        "看出口网络、DNS 和证书；专属部署改 webhook_hosts",
        "see the way out, DNS and certificates; set webhook_hosts for a private deployment",
    ),
)
STREAM_REFUSED = trouble(
    "stream",
    ("钉钉不给 stream 连接", "DingTalk gives no stream connection"),
    (
        "机器人的“消息接收模式”选 Stream 并发布应用",
        "choose Stream as the robot's way to receive messages, and publish the application",
    ),
)
BROKE = trouble(
    "doctor-broke",
    ("检查本身出错", "the check itself failed"),
    ("请带上这一行报告问题", "report it with this line"),
)
