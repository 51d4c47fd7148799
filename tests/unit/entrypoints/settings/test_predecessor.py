"""The configuration of the service before this one loads unchanged."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from domain.command import Mode
from entrypoints.settings import Settings
from entrypoints.settings.changes import CHANGES
from entrypoints.settings.notes import notes_on
from entrypoints.settings.texts import Text
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

FORMER = """
log_level: "debug"
run_mode: "http"
api_key: "sk-Former0123456789"
base_url: ""
model: "gpt-4-0314"
image_model: "dall-e-2"
session_timeout: 900
max_question_len: 2048
max_answer_len: 2048
max_text: 4096
http_proxy: "socks5://127.0.0.1:7890"
default_mode: "串聊"
max_request: 20
port: "8090"
service_url: "http://chat.example.com"
chat_type: "0"
allow_groups: ["cidrabcdefgh1234567890AAAAA=="]
allow_outgoing_groups: ["disabled"]
allow_users: []
deny_users: ["1301691029702733"]
vip_users: []
admin_users: ["1301691029702722","0123456789"]
app_secrets: ["Former-App-Secret_1", "Former-App-Secret_2"]
credentials:
  -
    client_id: "dingformer1"
    client_secret: "Former-Client-Secret"
sensitive_words: ["坏词"]
help: "欢迎使用\\n\\n- 发送 **帮助** 查看说明"

azure_on: false # comment
azure_api_version: "2023-03-15-preview"
azure_resource_name: "xxxx"
azure_deployment_name: "xxxx"
azure_openai_token: "xxxx"
stream_mode: false
card_template_id: "a1b2c3d4.schema"
"""

VARIABLES = {
    "LOG_LEVEL": "info",
    "APIKEY": "sk-Former0123456789",
    "BASE_URL": "",
    "MODEL": "gpt-3.5-turbo",
    "SESSION_TIMEOUT": "600",
    "HTTP_PROXY": "http://host.docker.internal:15732",
    "DEFAULT_MODE": "单聊",
    "MAX_REQUEST": "0",
    "PORT": "8090",
    "SERVICE_URL": "http://chat.example.com",
    "CHAT_TYPE": "0",
    "ALLOW_GROUPS": "a,b",
    "ALLOW_OUTGOING_GROUPS": "a,b",
    "ALLOW_USERS": "a,b",
    "DENY_USERS": "a,b",
    "VIP_USERS": "a,b",
    "ADMIN_USERS": "a,b",
    "APP_SECRETS": "first1,second2",
    "SENSITIVE_WORDS": "aa,bb",
    "AZURE_ON": "false",
    "AZURE_API_VERSION": "",
    "AZURE_RESOURCE_NAME": "",
    "AZURE_DEPLOYMENT_NAME": "",
    "AZURE_OPENAI_TOKEN": "",
    "HELP": "欢迎\\n\\n你好\n  ，再见",
}


def test_a_former_file_loads_with_the_meaning_it_had() -> None:
    settings = loaded(FORMER, APIKEY="").settings

    assert settings.model == "gpt-4-0314"
    assert settings.default_mode is Mode.MULTI_TURN
    assert settings.session_timeout == timedelta(minutes=15)
    assert (settings.max_request, settings.port, settings.chat_type) == (20, 8090, "0")
    assert settings.admin_users == ("1301691029702722", "0123456789")
    assert settings.help == "欢迎使用\n\n- 发送 **帮助** 查看说明"
    assert settings.credentials[0].secret.reveal() == "Former-Client-Secret"


def test_a_former_azure_file_may_keep_its_placeholder_key() -> None:
    text = (
        FORMER.replace("sk-Former0123456789", "xxxxxxxxx")
        .replace("azure_on: false", "azure_on: true")
        .replace('"xxxx"', '"real1"')
    )

    (provider,) = loaded(text, APIKEY="").settings.effective_providers

    assert provider.kind == "azure"


@pytest.mark.parametrize("line", [line for line in FORMER.splitlines() if ': "' in line])
def test_every_former_text_may_be_left_empty_except_a_robots_id_and_secret(line: str) -> None:
    key = line.split(":", maxsplit=1)[0]
    empty = FORMER.replace(line, f'{key}: ""')
    needed = {"api_key", "model", "    client_id", "    client_secret"}

    assert bool(mistakes_in(empty, APIKEY="")) is (key in needed)


def test_the_former_variables_load_together() -> None:
    settings = loaded("", **VARIABLES).settings

    assert settings.http_proxy is not None
    assert settings.http_proxy.reveal() == "http://host.docker.internal:15732"
    assert settings.allow_outgoing_groups == ("a", "b")
    assert settings.sensitive_words == ("aa", "bb")
    assert settings.help == "欢迎\n\n你好\n  ，再见"
    assert [secret.reveal() for secret in settings.app_secrets] == ["first1", "second2"]


def notes(text: str, **environment: str) -> str:
    return "\n".join(str(note) for note in notes_on(loaded(text, **environment)))


def keys_explained(text: str, **environment: str) -> set[str]:
    """The first word of each note that begins with a key."""
    first_words = {
        re.split(r"[^\w]", str(note))[0] for note in notes_on(loaded(text, **environment))
    }
    return first_words & set(Settings.__struct_fields__)


def test_each_key_of_a_former_file_whose_meaning_changed_is_explained_once() -> None:
    told = list(notes_on(loaded(FORMER, APIKEY="")))

    assert keys_explained(FORMER, APIKEY="") == {
        "admin_users",
        "azure_on",
        "credentials",
        "deny_users",
        "help",
        "http_proxy",
        "image_model",
        "max_answer_len",
        "max_question_len",
        "max_request",
        "max_text",
        "model",
        "sensitive_words",
        "service_url",
        "session_timeout",
    }
    assert len(told) == len(set(told))


def test_a_file_with_new_keys_only_gets_no_lesson() -> None:
    assert keys_explained("app_secrets: [a1b2c3d4e5]\nservice_url: https://x.example.com\n") == {
        "admin_users",
        "model",
        "service_url",
    }


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("base_url: https://x.example.com", "/v1 is added only"),
        ("allow_groups: [运维群]", "allow_groups takes conversation ids"),
        ("allow_outgoing_groups: [运维群]", "allow_outgoing_groups takes conversation ids"),
        ("vip_users: [张三]", "vip_users takes staff ids"),
        ("allow_users: [zhang]", "shuts out people without a staff id"),
        ("service_url: http://xxxxxx", "service_url is a placeholder"),
        ("azure_resource_name: xxxx", "azure_resource_name are not used"),
        ("providers: [{name: d, kind: demo}]", "providers is set"),
        ("card_template_id: abc", "not used by this version yet: card_template_id"),
    ],
)
def test_a_note_is_given_where_it_applies_and_only_there(line: str, sign: str) -> None:
    assert sign in notes(line)
    assert sign not in notes("")


PLACEHOLDERS = (
    "http://xxxxxx",
    "https://xxx.xxx.com:8090/",
    "http://x.x.x.x:8090",
    "http://",
    "xxxxxx",
    "http://ip:port",
    "http://IP:端口",
    "http://你的域名",
    "https://您的公网地址.com:8090",
    "http://换成自己的",
    "当前服务的外网地址",
    "<address>",
    "http://【公网IP】:8090",
    "https://${HOST}",
    "https://your-domain.com",
)


@pytest.mark.parametrize("address", PLACEHOLDERS)
@pytest.mark.parametrize("is_variable", [False, True])
def test_a_placeholder_for_the_public_address_is_a_note_and_not_used(
    address: str, *, is_variable: bool
) -> None:
    text = "" if is_variable else f"service_url: '{address}'"
    variables = {"SERVICE_URL": address} if is_variable else {}

    assert loaded(text, **variables).settings.service_url == ""
    assert "service_url is a placeholder" in notes(text, **variables)


@pytest.mark.parametrize(
    "address",
    [
        "http://chat.example.com",
        "http://127.0.0.1:8090",
        "http://[::1]:8090",
        "https://例子.公司",
        "https://机器人.中国/bot",
        "http://x.com",
        "http://ip.cn",
        "http://chatgpt:8090",
        "http://youradio.com",
    ],
)
def test_a_real_public_address_is_none(address: str) -> None:
    assert loaded(f"service_url: {address}").settings.service_url == address
    assert "placeholder" not in notes(f"service_url: {address}")


@pytest.mark.parametrize("address", ["bot.example.com", "ftp://bot", "http://a b", "http://u@h"])
def test_what_is_meant_as_an_address_and_is_none_is_refused(address: str) -> None:
    (line,) = mistakes_in(f"service_url: '{address}'")

    assert line.startswith("config.yml:")


def test_placeholders_of_azure_are_read_only_where_azure_is_used() -> None:
    text = 'azure_resource_name: "资源名称"\n'

    assert "azure_resource_name are not used" in notes(text)
    assert any(
        "azure_resource_name" in line and "no resource name" in line
        for line in mistakes_in(f"{text}azure_on: true")
    )


def test_ids_of_groups_and_people_are_not_taken_for_names() -> None:
    text = "allow_groups: [cidA]\nallow_outgoing_groups: [cidB, disabled]\nvip_users: [li4]\n"

    assert "no titles" not in notes(text)
    assert "no nicknames" not in notes(text)


def test_with_azure_the_notes_are_about_azure() -> None:
    told = notes(
        "azure_on: true\nazure_api_version: '2024-06-01'\nazure_resource_name: r\n"
        "azure_deployment_name: d\nazure_openai_token: a1b2c3d4\nmodel: gpt-4o\nbase_url: https://x.example.com\n"
    )

    assert "azure_deployment_name says what is asked" in told
    assert "api_key and base_url are not used" in told
    assert "model takes any id" not in told
    assert "/v1" not in told


@pytest.mark.parametrize(
    "line",
    [
        "image_model: gpt-image-1",
        "dingtalk_oapi_url: https://x.example.com",
        "history_link_ttl: 1h",
        "retention_days: 30",
    ],
)
def test_what_is_used_by_now_is_not_called_unused(line: str) -> None:
    assert "not used by this version" not in notes(line)


def test_the_former_history_is_pointed_at() -> None:
    assert "import-legacy" not in notes("")
    Path("data").mkdir()
    Path("data/dingtalkbot.sqlite").touch()

    assert "chatgpt-dingtalk import-legacy data/dingtalkbot.sqlite" in notes("")


def test_without_a_public_address_it_is_told_what_is_missing() -> None:
    assert "service_url is empty" in notes("")
    assert "service_url is empty" not in notes("service_url: https://x.example.com")


def test_every_note_is_in_both_languages() -> None:
    changes = [change.said or Text(change.key) for change in CHANGES]
    for note in (*changes, *notes_on(loaded(FORMER, APIKEY=""))):
        assert re.search(r"[\u4e00-\u9fff]", note.told("zh")), note
        assert not re.search(r"[\u4e00-\u9fff]", note.told("en").replace("群ID", "")), note
