"""中文：命令行里的每一句话。"""

from entrypoints.cli.texts.catalogue import CliTexts, CommandHelp

CONFIG = "服务使用的配置文件。"

CHINESE = CliTexts(
    program="把大语言模型接入钉钉（DingTalk）聊天。",
    version="显示版本号并退出。",
    show_help="显示这份说明并退出。",
    commands={
        "serve": CommandHelp(
            "接收钉钉的消息并回答，直到收到 SIGTERM。",
            {
                "path": "配置文件；不指定时依次用 CONFIG_FILE、./config.yml，都没有就只用环境变量。",
                "trial": "试用：不需要任何配置，只监听 127.0.0.1。",
            },
        ),
        "check-config": CommandHelp(
            "打印生效的配置（密钥打码），或列出其中的每一处错误。",
            {
                "path": "要检查的文件；不指定时依次用 CONFIG_FILE、./config.yml。",
                "only_changed": "只列出您设置过的项。",
                "for_programs": "以 JSON 输出，供程序读取。",
                "online": "再向每个模型服务读取模型列表，与配置的模型比较（不收费）。",
            },
        ),
        "setup": CommandHelp(
            "一步步问出开始使用所需的配置，当场检查每个回答，写成只有您能读取的 config.yml。"
            "不会覆盖已有的文件。\n\n"
            "没有终端时，回答由选项给出，密钥由文件或环境变量给出（APIKEY、CLIENT_SECRET）。"
            "检查会向模型提一个短问题（模型服务按价格收费），不会给任何人发消息。"
            "写好了退出码为 0，检查没有通过或取消为 1，用法有误或文件已存在为 2。",
            {
                "output": "要写的文件。",
                "language": "提问、机器人和配置注释的语言。",
                "service": "模型服务；other 是其他与 OpenAI 接口兼容的服务，用 --base-url 指出。",
                "base_url": "接口地址，一般以 /v1 结尾。",
                "api_key_file": "装有 API 密钥的文件；也可用环境变量 APIKEY。",
                "http_proxy": "访问模型服务的代理。",
                "model": "模型名。",
                "azure_resource_name": "Azure 资源名称。",
                "azure_deployment_name": "Azure 部署名称。",
                "azure_api_version": "Azure API 版本。",
                "client_id": "机器人的 Client ID；也可用环境变量 CLIENT_ID。",
                "client_secret_file": "装有 Client Secret 的文件；也可用环境变量 CLIENT_SECRET。",
                "run_mode": "消息接收模式，默认 stream。",
                "service_url": "本服务的公网地址。",
                "admin_users": "管理员的 userid，用逗号分隔。",
                "max_request": "每人每天的提问次数，0 为不限，默认 50。",
                "dingtalk_api_url": "钉钉开放接口的地址（专属部署）。",
                "no_check": "不做检查。",
            },
        ),
        "example-config": CommandHelp(
            "把带注释的示例配置写到 FILE，不指定就打印出来。不会覆盖已有的文件。",
        ),
        "migrate": CommandHelp(
            "把数据库升级到最新的结构。`serve` 启动时也会自动升级。",
            {
                "path": CONFIG,
                "check": "只检查，不改动；数据库需要升级时退出码为 1。",
            },
        ),
        "doctor": CommandHelp(
            "检查从钉钉到模型的每一环，指出故障和解决办法。\n\n"
            "会像聊天那样向每个模型提一个短问题（模型服务按价格收费），不会给任何人发消息。"
            "没有故障时退出码为 0，有故障为 1，配置无法加载为 2。",
            {
                "path": CONFIG,
                "for_programs": "以 JSON 输出，供程序读取。",
                "picture": "让每个绘图模型也试画一张（按一张图收费）。",
            },
        ),
        "backup": CommandHelp(
            "把数据库和图片备份到 FILE（.tar.gz，只有您能读取；- 为标准输出）。服务可以照常运行。",
            {"force": "FILE 已经存在时覆盖它。", "config": CONFIG},
        ),
        "import-legacy": CommandHelp(
            "导入前身（Go 版）的历史记录 PATH（dingtalkbot.sqlite）。请先停止服务。\n\n"
            "原文件不会改动；已经导入过的记录不会重复导入。",
            {"config": CONFIG},
        ),
        "export-history": CommandHelp(
            "导出某个人的提问和回答。服务可以照常运行。",
            {
                "name": "昵称、userid，或列表中给出的编号。",
                "kind": "文件格式；不指定时看文件名的结尾。",
                "output": "要写入的文件，只有您能读取；不指定就输出到标准输出。",
                "force": "文件已经存在时覆盖它。",
                "everybody": "同名的所有人都导出到一个文件。",
                "config": CONFIG,
            },
        ),
        "simulate": CommandHelp(
            "在本机模拟钉钉：人、群、签名的回调，以及机器人会调用的接口。",
            {
                "target": "HTTP 模式下，机器人接收回调的地址。",
                "secret": "机器人的密钥；不指定就生成一个。",
                "client_id": "机器人的 Client ID，也是 robotCode。",
                "stream": "机器人使用 Stream 模式，由它自己连接。",
                "port": "监听的端口，0 表示任意空闲端口。",
                "host": "监听的地址。",
                "origin": "机器人访问这里所用的地址（与监听地址不同时）。",
                "control_host": "页面的其他主机名，可以重复指定。",
            },
        ),
        "send": CommandHelp(
            "像钉钉那样把 TEXT 签名后发给正在运行的服务，并打印它的回复。",
            {
                "staff_id": "发送者的 userid。",
                "nick": "发送者的昵称。",
                "group": "群名称：在这个群里艾特机器人发送。",
                "path": CONFIG,
                "timeout": "等待回复的秒数。",
            },
        ),
    },
    usage="用法：",
    options_title="选项",
    arguments_title="参数",
    commands_title="命令",
    errors_title="用法有误",
    default=r"\[默认：{}]",
    required=r"\[必填]",
    no_such_command="没有名为「{name}」的命令。",
    no_such_option="没有名为「{name}」的选项。",
    did_you_mean="您是不是想用：{names}？",
    missing="缺少 {name}。",
    bad_value="{name} 的值不能用。{allowed}",
    wrong_usage="命令的写法不对：选项缺少值，或参数太多。",
    try_help="查看用法：{command} --help",
    port_taken="无法监听 {address}（{reason}）：请在配置里换一个 port。",
    port_taken_in_trial=(
        "无法监听 {address}（{reason}）：请用变量 PORT 换一个端口，例如 PORT={other}。"
    ),
    simulator_port_taken=(
        "模拟的钉钉无法监听 {address}（{reason}）：请用变量 PORT 换一个端口，例如 PORT={other}；"
        "模拟器用它的下一个。"
    ),
    schema_is_current="数据库结构已是最新（{revision}）。",
    schema_changed="数据库结构已从 {before} 升级到 {after}。",
    schema_is_behind=(
        "数据库结构是 {before}，最新的是 {after}：请运行 migrate，或重启服务（启动时会自动升级）。"
    ),
    no_schema="空",
    file_exists="{file} 已经存在：请换一个文件名，或加上 --force 覆盖它。",
    backup_in_file="数据库和图片已备份到 {file}。config.yml 和 prompt.yml 不在里面。",
    backup_written="数据库和图片已写出。config.yml 和 prompt.yml 不在里面。",
    backup_on_terminal="备份不能显示在终端上：请指定一个文件，或用管道送出。",
    format_unknown="没有说要什么格式：请加上 --format（{formats}），或让 --output 的文件名以其中之一结尾。",
    exported="已写出 {names} 的 {count} 个问题。",
    exported_to_file="已把 {names} 的 {count} 个问题写到 {file}（只有您能读取）。",
    and_more_people="{names} 等 {count} 人",
    send_no_service="{url} 没有服务在运行：请先启动服务（{start}）。",
    send_refused="服务拒绝了这条消息（状态码 {status}）：它用的是同一份配置吗？",
    send_no_reply="{seconds} 秒内没有收到回复：原因请看服务的日志。",
    send_unsigned=(
        "配置里没有机器人的密钥，服务不能把回复发给这个命令。请设置 credentials 或 app_secrets；"
        "或者加上下面这一行，然后重启服务：\n  webhook_hosts: [{hosts}]"
    ),
    send_port_taken="本机的端口 {port} 被占用：是不是还有一个 send 在等回复？",
    send_not_delivered="服务没有接收这条消息（{delivery}）：它在运行吗？",
    send_simulator_gone="模拟的钉钉没有接收（{reason}）：试用还在运行吗？",
    picture_saved="图片已保存：{path}",
    example_written=(
        "示例配置已写到 {file}（只有您能读取）。"
        "填好 model、api_key 和机器人的密钥后，运行：{command}"
    ),
    example_exists="{file} 已经存在：请换一个文件名，或先移走它。",
    example_failed="无法写入 {file}（{reason}）。",
    no_such_file="没有这个文件：{file}",
    trial_needs_no_file="这里已经有配置，不用试用：请运行 {command}。",
    file_unwritable="无法写入 {file}（{reason}）。",
    backup_on_server=(
        "数据库是 PostgreSQL，一切都在里面：请用它自己的工具备份，例如 `pg_dump --format=custom "
        "--file=backup.dump`，地址就是 `database_url`；恢复用 `pg_restore`。"
    ),
    nothing_to_back_up="还没有可以备份的内容：{file} 不存在。",
    backup_failed="没有备份成：{reason}。",
    no_history_yet="还没有对话记录：{file} 不存在。",
    migrate_first="数据库是另一个版本的：请先运行 {command}。",
    nobody_called="没有叫 {name} 的人提过问题：请写完整的昵称或 userid。",
    several_people="有几个人叫这个名字。请把其中一个编号填在 --user 里，或者加上 --all：",
    one_of_several="  {key}  {name}  {count} 个问题，最近一次在 {day}",
    cannot_listen="无法监听 {address}（{reason}）：请换一个 --port。",
    no_address="{option} 不是地址：{found}；应当像 http://127.0.0.1:8090/ 这样",
)
