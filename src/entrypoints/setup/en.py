"""English: every sentence of setup."""

from entrypoints.setup.texts import SetupTexts

ENGLISH = SetupTexts(
    welcome=(
        "This asks for what the service needs to begin, and writes it to {file}. Each answer is tested.\n"
        "In brackets is the default, taken by Enter. Ctrl-C leaves at any time, and leaves no file."
    ),
    questions={
        "language": "语言 / Language (zh, en)",
        "service": "Model service (number or name)",
        "base_url": "Address of the API (usually ends with /v1)",
        "api_key": "API key",
        "http_proxy": "Proxy to the model service (such as http://127.0.0.1:7890)",
        "model": "Model (number or name)",
        "azure_resource_name": "Name of the Azure resource",
        "azure_deployment_name": "Name of the Azure deployment",
        "azure_api_version": "Version of the Azure API",
        "client_id": "Client ID of the robot",
        "client_secret": "Client Secret of the robot",
        "run_mode": "How messages are received (number or name)",
        "service_url": "Public address of this service (such as https://bot.example.com)",
        "admin_users": "Administrators' userids, separated by commas",
        "max_request": "Questions per person and day (0 = unlimited)",
        "dingtalk_api_url": "Address of DingTalk's OpenAPI",
    },
    optional=" (may be left empty)",
    hidden=" (not shown while you type)",
    services="Which model service do you use?",
    other_service="another service that speaks OpenAI's protocol",
    key_page="The key is made at {page}",
    choose="Type a number from 1 to {count}, or a name.",
    not_a_choice="There is no such choice: type a number from 1 to {count}, or a name that is listed.",
    listed_models="The service offers {count} models:",
    ends="ends on {day}",
    more_models="… and {count} more. Type a part of a name to search.",
    matching_models='Models with "{text}" in their name (Enter takes "{text}" itself):',
    no_list="The service gives no list of models; type a model's name (for example {example}).",
    modes={
        "stream": "Stream mode: this service connects to DingTalk, without a public address (recommended)",
        "http": "HTTP mode: DingTalk calls this service, which needs a public address",
    },
    not_usable="{name} is not usable: {problem}",
    unprintable="it has characters that cannot be shown",
    needed="This one is needed.",
    checking_list="Reading the list of models ...",
    checking_chat="Asking one short question as in a chat (the model service charges for it) ...",
    checking_robot="Asking DingTalk for an access token with these credentials ...",
    checking_stream="Asking for a stream connection ...",
    listed="the key is good, {count} models are offered",
    after_failure="The check failed: 1 type it again, 2 use it all the same",
    after_network_failure="The check failed: 1 type it again, 2 use it all the same, 3 set a proxy",
    written="The configuration is in {file}, which only you can read.",
    start="Start the service: {command}",
    doctor="Once it runs, check every step: {command}",
    stream_hint="In DingTalk's developer console choose Stream mode for the robot's messages, and publish.",
    http_hint=(
        "In DingTalk's developer console choose HTTP mode for the robot's messages, with the address "
        "{url}/ , and publish."
    ),
    http_hint_without_url=(
        "In DingTalk's developer console choose HTTP mode for the robot's messages, with the public address "
        "of this service, and publish."
    ),
    cancelled="Cancelled; no file was written.",
    file_exists="{file} exists and is not overwritten. For another file: {command}; to change it, edit it.",
    cannot_write="{file} cannot be written: {reason}. Choose another place with --output.",
    not_given="There is no terminal to ask on; give these as options or variables: {options}.",
    check_failed=(
        "A check failed, and no configuration was written. Put it right and try again, or add --no-check."
    ),
    unreadable_file="{file} cannot be read: {reason}.",
    file_head="Configuration of chatgpt-dingtalk, by setup. All keys: chatgpt-dingtalk example-config",
    file_model="The model service",
    file_proxy="For the model service only",
    file_robot="The DingTalk robot: stream needs no public address, http does",
    file_outgoing="No custom outgoing robots of groups",
    file_people="Administrators' userids, and questions per person and day (0 = unlimited)",
)
