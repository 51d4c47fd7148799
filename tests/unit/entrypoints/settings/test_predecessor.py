"""The configuration of the service before this one loads unchanged."""

from datetime import timedelta

import pytest

from domain.command import Mode
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
    needed = {"api_key", "    client_id", "    client_secret"}

    assert bool(mistakes_in(empty, APIKEY="")) is (key in needed)


def test_the_former_variables_load_together() -> None:
    settings = loaded("", **VARIABLES).settings

    assert settings.http_proxy is not None
    assert settings.http_proxy.reveal() == "http://host.docker.internal:15732"
    assert settings.allow_outgoing_groups == ("a", "b")
    assert settings.sensitive_words == ("aa", "bb")
    assert settings.help == "欢迎\n\n你好\n  ，再见"
    assert [secret.reveal() for secret in settings.app_secrets] == ["first1", "second2"]
