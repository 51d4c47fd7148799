"""Notes in English, and what `check-config` writes around them."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # The report of check-config
    "from_default": "default",
    "providers_heading": "providers asked, in order:",
    "through_proxy": "through {proxy}",
    "direct": "direct",
    "no_network": "built in, no network",
    "counts": "prompt templates / sensitive words: {templates} / {words}.",
    # Trust
    "open": "app_secrets and credentials are empty: callbacks are accepted from the loopback address only "
    "and nobody is administrator or VIP (before, an empty app_secrets meant no check at all); set one.",
    "unsigned": "allow_unsigned is true and no secret is set: anyone who reaches this service can post "
    "messages to it, and nobody is administrator or VIP.",
    "readable": "every account of this machine can read secrets or sensitive words; run: {command}",
    "no_administrator": "admin_users is empty: nobody is administrator.",
    "no_public_address": "service_url is empty: there are no links to histories, and only robots with "
    "credentials show pictures.",
    # Models
    "flat_keys_unused": "providers is set, so preset, api_key, base_url and azure_* are not used.",
    "api_key_unused": "azure_on is true, so api_key and base_url are not used.",
    "not_used_yet": "not used by this version yet: {keys}.",
    # What the predecessor's keys mean now
    "base_url": "base_url may end with /v1 or not: /v1 is added only where the path names no version.",
    "model": "model takes any id; there is no list of allowed names any more.",
    "model_azure": "azure_on is true: azure_deployment_name says what is asked, model only how tokens are "
    "counted.",
    "image_model": "image_model takes any id that draws, also of Azure.",
    "session_timeout": "session_timeout: a bare number is seconds, as before; 10m and 1h can be written "
    "too. It counts from the last message, and mode and context survive a restart.",
    "max_question_len": "max_question_len is counted in tokens of the model; a longer question is refused "
    "and free.",
    "max_answer_len": "max_answer_len is counted in tokens of the model; an answer that was cut says so.",
    "max_text": "max_text holds system prompt, history, question and answer together, in tokens; a long "
    "talk drops its oldest turns instead of being reset.",
    "http_proxy": "http_proxy is used for every model endpoint, Azure too, and never for DingTalk.",
    "max_request": "max_request counts answered questions and pictures, until midnight in `timezone` and "
    "over restarts; commands and failures are free.",
    "service_url": "service_url: /images/, /history/ and /download/ below it must lead to this service.",
    "service_url_placeholder": "service_url is a placeholder and not used: set the address at which this "
    "service is reached, or nothing.",
    "allow_groups": "allow_groups takes conversation ids (cid…), no titles: say 群ID in a group to see its "
    "id.",
    "allow_outgoing_groups": "allow_outgoing_groups takes conversation ids (cid…), no titles.",
    "nicknames": "{key} takes staff ids, no nicknames.",
    "allow_users": "allow_users shuts out people without a staff id too (outgoing robots, external "
    "contacts).",
    "deny_users": "deny_users holds for administrators too.",
    "admin_users": "admin_users: administrators pass the lists of groups and users, and have no daily "
    "limit.",
    "app_secrets": "credentials verify callbacks too: their secrets need not be repeated in app_secrets.",
    "sensitive_words": "sensitive_words: letter case, width and spaces between letters hide no word; in an "
    "answer each letter becomes *.",
    "help": "help replaces the built-in text, which knows the new commands; common HTML becomes Markdown.",
    "azure_off": "azure_on is false, so {keys} are not used, placeholders included.",
    "legacy_database": "{file} is the predecessor's history: `chatgpt-dingtalk import-legacy {file}` takes "
    "it over.",
    "column_key": "key",
    "column_from": "from",
    "column_value": "value",
    "notes_heading": "notes:",
    "online_heading": "models, compared with the lists of their providers:",
    "online_unread": "{provider}: its list of models could not be read (doctor says why)",
    "online_well": "nothing to say of them",
    "warnings_heading": "warnings:",
    "no_pictures": "#图片 is off: image_model is not set; set it to the name of a model that draws.",
    "shut_down": "{key} {model} was shut down on {day}: choose another.",
    "shuts_down": "{key} {model} will be shut down on {day}: choose another before.",
    "ending_cut": "{ending} was cut off the end of {key}, since requests add it by themselves: write "
    "{address}. An address that has to be used just as it is ends with #.",
    "direct_by_no_proxy": "direct, by no_proxy",
}
