"""Every mistake says where it is, what was found and what is allowed."""

from pathlib import Path

import pytest

from entrypoints.settings import ConfigurationError, load
from tests.unit.entrypoints.settings.configurations import FILE, loaded, mistakes_in

BROKEN = [
    ("max_request: 10O", 'config.yml:1: max_request: "10O" is not a whole number', "0 = unlimited"),
    (
        "max_request: 010",
        'config.yml:1: max_request: "010" has leading zeros',
        "allowed: 0 or more",
    ),
    ("max_request: 1e3", '"1e3" is not a whole number', "allowed: 0 or more"),
    ("max_request: 0x10", '"0x10" is not a whole number', "allowed: 0 or more"),
    ("max_request: 1_000", '"1_000" is not a whole number', "allowed: 0 or more"),
    ("max_request: １０", '"１０" is not a whole number', "allowed: 0 or more"),
    ("max_request: -1", '"-1" is out of range', "allowed: 0 or more"),
    ("max_request: true", '"true" is not a whole number', "allowed: 0 or more"),
    ('max_request: ""', '"" is not a whole number', "allowed: 0 or more"),
    ("max_request: [1]", "config.yml:1: max_request: a list or a mapping", "a single value"),
    ("max_text: 0", '"0" is out of range', "allowed: 1 or more (tokens)"),
    ("\n\nmax_requets: 1", "config.yml:3: max_requets: unknown key", "did you mean max_request?"),
    ("Model: a", "config.yml:1: Model: unknown key", "did you mean model?"),
    ("model: a\nport: 1\nmodel: b", "config.yml:3: model: given twice", "first at config.yml:1"),
    ("port: 65536", 'port: "65536" is out of range', "allowed: 1 to 65535"),
    ("max_request: 1000000001", '"1000000001" is out of range', "0 or more"),
    ("port: http", 'port: "http" is not a whole number', "allowed: 1 to 65535"),
    ("session_timeout: 10 min", '"10 min" is not a duration', "600s, 10m, 1h, 7d"),
    ("session_timeout: 10:00", '"10:00" is not a duration', "600s, 10m, 1h, 7d"),
    ("session_timeout: 0", '"0" is out of range', "allowed: 1s to"),
    ("request_timeout: 9999999999d", '"9999999999d" is out of range', "allowed: 1s to 3650d"),
    ("default_mode: 群聊", 'default_mode: "群聊" is unknown', "allowed: 单聊, 串聊"),
    ("log_level: inof", 'log_level: "inof" is unknown', "did you mean info?"),
    ("chat_type: 3", 'chat_type: "3" is unknown', "allowed: 0, 1, 2"),
    ("chat_type: 01", 'chat_type: "01" is unknown', "allowed: 0, 1, 2"),
    ("language: fr", 'language: "fr" is unknown', "allowed: zh, en"),
    ("timezone: no", 'timezone: "no" is not a time zone', "Asia/Shanghai"),
    ("timezone: asia/shangai", "is not a time zone", "did you mean Asia/Shanghai?"),
    ("timezone: ../../etc/passwd", "is not a time zone", "Asia/Shanghai"),
    ("timezone: Asia", '"Asia" is not a time zone', "Asia/Shanghai"),
    ("azure_on: maybe", 'azure_on: "maybe" is neither true nor false', "true or false"),
    ("azure_on: 2", '"2" is neither true nor false', "true or false"),
    ("allow_users: a,b", "config.yml:1: allow_users: is not a list", "[a, b]"),
    ("allow_users: [a，b]", 'allow_users[0]: "a，b" is not one id', "ordinary commas"),
    ("allow_users:\n  - a\n  - [b]", "config.yml:3: allow_users[1]: a list", "a single value"),
    ("http_proxy: 127.0.0.1:7890", '"127.0.0.1:7890" is not such an address', "socks5h://"),
    ("http_proxy: socks4://h:1", '"socks4://h:1" is not such an address', "socks5h://"),
    ("http_proxy: http://h:99999", "is not such an address", "socks5h://"),
    ("http_proxy: http://h/path", '"http://h/path" has a path', "socks5h://"),
    ("base_url: api.example.com", '"api.example.com" is not such', "http:// or https://"),
    ("base_url: 你的URL", '"你的URL" is not such an address', "http:// or https://"),
    ("service_url: https:/h", '"https:/h" is not such an address', "http:// or https://"),
    ("webhook_hosts: [https://h/robot]", "webhook_hosts[0]: ", "scheme://host[:port]"),
    ("webhook_hosts: [https://u@h]", 'webhook_hosts[0]: "https://…"', "without user"),
    ("webhook_hosts: ['https://*.dingtalk.com']", "webhook_hosts[0]: ", "wildcard"),
    ("webhook_hosts: []", "webhook_hosts: is empty", "at least one origin"),
    ("database_url: mysql://h/d", '"mysql" is not a database', "sqlite:///path"),
    ("database_url: postgresql:/h/d", '"postgresql" is not a database', "postgresql://"),
    ("database_url: postgresql://u:p@h:abc/d", "has a port that is no number", "host:port"),
    ("database_url: postgresql://u:p@h/d?foo=bar", 'not known, "foo"', "allowed: sslmode"),
    ("database_url: postgresql://u:p@h/d?sslmode=odd", "another sslmode", "verify-full"),
    ("workers: 2", "workers: is more than 1", "with SQLite: 1"),
    ("workers: 0", '"0" is out of range', "1 to 128"),
    ("temperature: 3", '"3" is not a number in range', "allowed: 0 to 2"),
    ("temperature: .inf", '".inf" is not a number in range', "allowed: 0 to 2"),
    ("app_secrets: [xxx]", "app_secrets[0]: is a placeholder", "the real one"),
    ("app_secrets: ['']", "app_secrets[0]: is blank", "the real one"),
    ("run_mode: stream", "config.yml:1: run_mode: is stream, which needs", "credentials"),
    ("stream_mode: true", "config.yml:1: stream_mode: streamed cards", "not part of this version"),
    ("sensitive_words_file: gone.txt", "sensitive_words_file: gone.txt", "there is no such file"),
    ("prompt_file: gone.yml", "config.yml:1: prompt_file: gone.yml", "there is no such file"),
    ("azure_on: true", "config.yml: azure_openai_token: is missing", "azure_on: true needs it"),
    ("azure_on: on\nazure_deployment_name: xxxx", "azure_deployment_name: is a placeholder", ""),
    ("azure_on: on\nazure_openai_token: xxxx", "azure_openai_token: is a placeholder", ""),
    ("providers: [{kind: demo}]", "config.yml:1: providers[0].name: is missing", ""),
    ("providers: [{name: a}]", "config.yml:1: providers[0].kind: is missing", ""),
    ("providers: [{name: a, kind: openai}]", "providers[0].api_key: is missing", ""),
    ("providers: [{name: a, kind: azure}]", "providers[0].resource_name: is missing", ""),
    (
        "providers: [{name: a, kind: gemini}]",
        '[0].kind: "gemini" is unknown',
        "openai, azure, demo",
    ),
    (
        "providers:\n  - {name: a, kind: demo}\n  - {name: b, kind: demo, api_kye: k}",
        "config.yml:3: providers[1].api_kye: unknown key",
        "did you mean api_key?",
    ),
    (
        "providers:\n  - {name: a, kind: demo}\n  - {name: a, kind: demo}",
        "config.yml:3: providers[1].name: is the same as that of providers[0]",
        "",
    ),
    (
        "credentials: [{client_id: put-your-client-id-here, client_secret: a1b2}]",
        "credentials[0].client_id: is a placeholder",
        "Client ID",
    ),
    ("credentials: [{client_id: <ding>, client_secret: a1b2}]", "client_id: is a placeholder", ""),
    ("providers: demo", "config.yml:1: providers: is not a list", ""),
    (
        "providers: [demo]",
        "config.yml:1: providers[0]: is not a mapping",
        "keys name, preset, kind",
    ),
    ("credentials: [{client_id: d1}]", "credentials[0].client_secret: is missing", ""),
    ("API_KEY：k\nmodel：m", "config.yml:1: this is not YAML", "type `: `"),
    ("credentials:\n\t- client_id: d", "config.yml:2: this is not YAML", "column 1 is a tab"),
    ("model: a\nport 1", "config.yml:2: this is not YAML, column 1", "a colon"),
    ("model: a\nport 1\nhost: h", "config.yml:2: this is not YAML, column 1", "a colon"),
    ("model: a\nport = 1\nhost: h", "config.yml:2: this is not YAML", "column 6 is `=`"),
    ("model=a\nport=1", "config.yml:1: this line is no key", "column 6 is `=`; type `: `"),
    ("model: a\n// note\nport: 1", "config.yml:2: this is not YAML", "type `#`"),
    ("allow_users: [a, b\nport: 1", "config.yml:1: this is not YAML, column 14", "bracket"),
    (" model: a\nport: 1", "config.yml:2: this is not YAML", "indentation differs"),
    ("allow_users:\n  -a\n  -b", "config.yml:2: allow_users: is not a list", "follow the `-`"),
    (
        "credentials:\n  client_id: d",
        "credentials: is not a list",
        "[{client_id: …, client_secret: …}]",
    ),
    ("providers:\n  preset: ollama", "providers: is not a list", "[{preset: deepseek"),
    ("prices: [{model: m, input: 1}]", "prices[0].input: unknown key", "allowed: model, since"),
    ("端口: 1", "config.yml:1: 端口: unknown key", ""),
    ("ｐｏｒｔ: 1", "unknown key", "did you mean port?"),
    ("model: gpt‑6‑luna", '"gpt‑6‑luna" has characters', "‑ (U+2011): type `-`"),
    ("model: ｇｐｔ-6", '"ｇｐｔ-6" has characters', "type `g`"),
    ("base_url: https://api。example。com", "is not such an address", "。 (U+3002): type `.`"),
    ("chat_type: 私聊", 'chat_type: "私聊" is unknown', "1 private chats only"),
    ("timezone: 北京", "is not a time zone", "did you mean Asia/Shanghai?"),
    ("timezone: UTC+8", "is not a time zone", "did you mean Asia/Shanghai?"),
    ("preset: Kimi", 'preset: "Kimi" is unknown', "did you mean moonshot?"),
    ("preset: 通义千问", 'preset: "通义千问" is unknown', "did you mean dashscope?"),
    ("app_secrets: [Bearer abc123]", "app_secrets[0]: begins with Bearer", "only the key"),
    ("app_secrets: [abc***xyz]", "app_secrets[0]: is a masked secret", "all of it"),
    ("app_secrets: [abc...xyz]", "app_secrets[0]: is a masked secret", "all of it"),
    (
        "azure_on: true\nazure_resource_name: https://my.openai.azure.com",
        "azure_resource_name: ",
        "did you mean my?",
    ),
    ("model: a\n\tport: 1", "config.yml:2: this is not YAML", "column 1 is a tab"),
    ("model：gpt-4\nport: 1", "config.yml:1: this is not YAML", "column 6 is ： (U+FF1A)"),
    ("model: @a", "config.yml:1: this is not YAML", "in quotes"),
    ("a: &a [1]\nb: [*a, *a]", "config.yml:1: anchors (&) and aliases (*)", "in quotes"),
    ("model: !!python/name:os.system x", "config.yml:1: tags (!)", "in quotes"),
    ("model: a\x00b", "config.yml:1: a control character", "delete it"),
    ("model: a\n---\nmodel: b", "config.yml:2: a second document", "allowed: one"),
    ("just words", "config.yml:1: there are no keys here", "preset: deepseek"),
    ("? [a]\n: b", "config.yml:1: a list or a mapping stands where a key", ""),
    ("model: " + "[" * 200 + "]" * 200, "nested too deeply", "8 levels"),
]


@pytest.mark.parametrize(("text", "found", "allowed"), BROKEN)
def test_a_mistake_in_the_file_is_told_with_its_place_and_what_is_allowed(
    text: str, found: str, allowed: str
) -> None:
    mistakes = mistakes_in(text)

    assert any(line.startswith("config.yml") and found in line for line in mistakes), mistakes
    assert any(found in line and allowed in line for line in mistakes)
    assert all("\n" not in line for line in mistakes)


def test_a_key_without_a_value_is_missing_on_its_own_line() -> None:
    mistakes = mistakes_in("port: 1\nmodel: ''\napi_key:\n", MODEL="", APIKEY="")

    assert [one.partition(" is")[0] for one in mistakes] == [
        "config.yml:2: model:",
        "config.yml:3: api_key:",
    ]


@pytest.mark.parametrize("name", ["config.yaml", "Config.yml", "config.yml.txt", "config.json"])
def test_a_file_of_another_name_is_pointed_at(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("model: m\n")
    (tmp_path / "config.example.yml").write_text("model: m\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as raised:
        load(environment={"APIKEY": "sk-a1b2c3"})

    first, second = map(str, raised.value.mistakes)
    assert (
        first
        == f"{name}: is not read under this name; call it config.yml, or name it with --config"
    )
    assert "MODEL" in second


IN_ENVIRONMENT = [
    ("MAX_REQUEST", "10O", 'environment MAX_REQUEST: "10O" is not a whole number'),
    ("PORT", "0", 'environment PORT: "0" is out of range'),
    ("ALLOW_USERS", "a b", 'environment ALLOW_USERS: allow_users[0]: "a b" is not one id'),
    ("APIKEY", "换成你的key", "environment APIKEY: is a placeholder"),
    ("APP_SECRETS", "xxx,yyy", "environment APP_SECRETS: app_secrets[1]: is a placeholder"),
    ("DINGTALK_CREDENTIALS", "d1", "environment DINGTALK_CREDENTIALS: entry 1 has no colon"),
    ("DINGTALK_CREDENTIALS", "d1:", "credentials[0].client_secret: is missing"),
    (
        "PROVIDERS",
        "[{name: a, kind: demo, x: 1}]",
        "environment PROVIDERS: providers[0].x: unknown",
    ),
    ("PROVIDERS", "[", "environment PROVIDERS: is not YAML or JSON"),
    ("MODEL", "gpt\udcff", "environment MODEL: is not UTF-8 text"),
]


@pytest.mark.parametrize(("variable", "value", "mistake"), IN_ENVIRONMENT)
def test_a_mistake_in_the_environment_is_told_with_its_variable(
    variable: str, value: str, mistake: str
) -> None:
    assert any(line.startswith("environment ") for line in mistakes_in("", **{variable: value}))
    assert any(mistake in line for line in mistakes_in("", **{variable: value}))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    mistakes = mistakes_in(
        "port: x\nmodle: a\n" + "\n" * 7 + "run_mode: stream\nx: 1\n", MAX_TEXT="no"
    )

    assert [line.split(": ")[0] for line in mistakes] == [
        "config.yml:1",
        "config.yml:2",
        "config.yml:10",
        "config.yml:11",
        "environment MAX_TEXT",
    ]


def test_the_environment_is_judged_even_when_the_file_is_not_yaml() -> None:
    mistakes = mistakes_in("model: [", MAX_TEXT="no")

    assert [line.split(": ")[0] for line in mistakes] == ["config.yml:1", "environment MAX_TEXT"]


def test_without_a_file_the_missing_key_is_told_as_a_variable() -> None:
    with pytest.raises(ConfigurationError, match=r"^environment APIKEY: is missing"):
        load(environment={})


def test_a_bad_switch_does_not_make_other_keys_look_missing() -> None:
    assert len(mistakes_in("azure_on: maybe", APIKEY="")) == 1


def test_a_named_file_that_is_missing_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match=r"^gone\.yml: there is no such file"):
        load(Path("gone.yml"), environment={})


def test_a_directory_in_the_place_of_the_file_is_explained() -> None:
    FILE.mkdir()

    with pytest.raises(ConfigurationError, match=r"is a directory.*docker"):
        load(environment={})


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ("model: 模型".encode("utf-16"), "UTF-16"),
        (b"port: 1\nmodel: " + "模型".encode("gbk"), r"config\.yml:2: byte 0xd0 is not UTF-8"),
        (b"#" * (1 << 20) + b"##", "too large; allowed: 1 MiB"),
    ],
)
def test_a_file_that_is_no_small_utf8_text_is_explained(content: bytes, mistake: str) -> None:
    FILE.write_bytes(content)

    with pytest.raises(ConfigurationError, match=mistake):
        load(environment={})


def test_a_byte_order_mark_of_utf8_does_no_harm() -> None:
    assert loaded("\ufeffport: 1\n").settings.port == 1


def test_a_key_that_could_be_a_misplaced_secret_is_not_printed() -> None:
    (mistake,) = mistakes_in("sk-canary-1234: x")

    assert "canary" not in mistake
    assert "config.yml:1" in mistake
