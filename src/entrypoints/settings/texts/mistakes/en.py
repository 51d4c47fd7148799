"""Mistakes in English. A sentence follows the place and the key: `config.yml:3: port: …`."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "environment": "environment {name}",
    "separator": "; ",
    "all_of": "{problems}",
    "did_you_mean": "; did you mean {near}?",
    # Keys
    "unknown_key": "unknown key{hint}",
    "unknown_key_there": "unknown key; allowed: {keys}",
    "given_twice": "given twice, first at {first}",
    "missing": "is missing",
    "same_as": "is the same as that of {other}",
    "no_keys": "there are no keys here; allowed: lines such as preset: deepseek",
    "not_single": "a list or a mapping; allowed: a single value",
    "not_mapping": "is not a mapping; allowed: keys {keys}",
    "not_list": "is not a list; allowed: a list such as {example}",
    "dash_without_space": "a space has to follow the `-`",
    "not_yaml_or_json": "is not YAML or JSON; allowed: a list such as [{{key: value}}]",
    "no_colon_in_pair": "entry {number} has no colon; allowed: id:secret,id:secret",
    "not_utf8_variable": "is not UTF-8 text",
    # Single values
    "not_one_line": "{found} is blank or has line breaks; allowed: one line of text",
    "blank_prose": "{found} is blank; allowed: some text, or leave the key out",
    "not_one_id": "{found} is not one id; allowed: ids parted by ordinary commas",
    "not_listening_host": "{found} is not a host; allowed: an address such as 0.0.0.0 or ::",
    "leading_zeros": "{found} has leading zeros; {allowed}",
    "not_whole": "{found} is not a whole number; {allowed}",
    "out_of_range": "{found} is out of range; {allowed}",
    "not_decimal": "{found} is not a number in range; {allowed}",
    "from_to": "allowed: {least} to {most}{note}",
    "or_more": "allowed: {least} or more{note}",
    "from_to_decimal": "allowed: {least} to {most}, such as 0.7",
    "note": " ({meaning})",
    "unlimited": "0 = unlimited",
    "for_ever": "0 = keep for ever",
    "tokens": "tokens",
    "connections": "connections",
    "processes": "processes",
    "conversations": "conversations at once",
    "not_switch": "{found} is neither true nor false; allowed: true or false",
    "not_duration": "{found} is not a duration; allowed: 600 (seconds), 600s, 10m, 1h, 7d",
    "duration_range": "{found} is out of range; allowed: 1s to {most}d",
    "unknown_choice": "{found} is unknown; allowed: {choices}{hint}",
    "choices_meaning": "{choices} ({meaning})",
    "chat_kinds": "0 any, 1 private chats only, 2 groups only",
    "not_model": "{found} has characters that no model's name has; allowed: the name that its service gives",
    "not_zone": "{found} is not a time zone; allowed: a name such as Asia/Shanghai{hint}",
    "in_odd_quotes": "{found} stands in quotes {marks}, which YAML takes for letters; type {fixed}",
    # Addresses
    "not_web": "{found} is not such an address; allowed: http:// or https:// with a host",
    "web_has_more": "{found} has a user, a query or a #; allowed: http:// or https:// with a host and "
    "path only",
    "not_proxy": "{found} is not such an address; allowed: http://, https://, socks5:// or socks5h:// "
    "with a host and perhaps a port",
    "proxy_has_path": "{found} has a path; allowed: http://, https://, socks5:// or socks5h:// with a "
    "host and perhaps a port",
    "not_origin": "{found} is not such an address; allowed: scheme://host[:port] without user, path or "
    "wildcard",
    "more_than_origin": "{found} is more than an origin; allowed: scheme://host[:port] without user, "
    "path or wildcard",
    "not_resource": "{found} is no resource name; allowed: letters, digits, -{hint}",
    "not_database": "{found} is not a database that can be used; allowed: sqlite:///path or "
    "postgresql://user:password@host/name",
    "this_database": "this",
    "database_port": "has a port that is no number; allowed: host or host:port",
    "database_parameter": "has a parameter that is not known, {name}; allowed: sslmode",
    "one_parameter": "one",
    "database_sslmode": "has another sslmode than there is; allowed: {modes}",
    "not_lookup_server": "{found} is no server; allowed: a host, perhaps with :port",
    # Secrets
    "masked_secret": "is a masked secret, with characters missing; allowed: all of it, or make a new one",
    "bearer_secret": "begins with Bearer; allowed: only the key behind it",
    "blank_secret": "is blank; allowed: the real one, as the provider or DingTalk shows it",
    "placeholder_secret": "is a placeholder, not a real secret; allowed: the real one, as the provider or "
    "DingTalk shows it",
    "impossible_secret": "is a placeholder or has characters that no secret has; allowed: the real one, "
    "as the provider or DingTalk shows it",
    "quoted_secret": 'stands in quotes {marks}, which YAML takes for letters; put it in " " or in none',
    # Prices
    "star_inside": "{found} has a * that is not at its end; allowed: such as qwen*",
    "not_price": "{found} is no price; allowed: a number such as 2.50, without a currency",
    "not_day": "{found} is no day; allowed: a date such as 2026-01-31",
    "not_currency": "{found} is no currency; allowed: three letters such as USD, CNY",
    "price_without_model": "is missing; allowed: the model's id, perhaps with * at its end",
    "no_price": "names no price; allowed: prompt, answer, picture",
    # Providers
    "not_kind_of_preset": "is not the kind of preset {preset}; allowed: {kind}, or leave it out",
    "no_key": "is missing; allowed: the key of the model's provider (environment APIKEY), or use azure_on "
    "or providers",
    "no_address": "is missing; preset {preset} needs the address of the gateway",
    "two_services": "is {preset} while azure_on is true; allowed: one of the two",
    "needed_by": "is missing; {by} needs it",
    "placeholder_for": "is a placeholder; {by} needs the real one",
    # Rules between keys
    "no_cards": "streamed cards are not part of this version; allowed: false",
    "no_credentials": "is stream, which needs credentials: give the client_id and client_secret of each "
    "robot; allowed without them: http",
    "workers_need_postgresql": "is more than 1, which needs a PostgreSQL as database_url; allowed with "
    "SQLite: 1",
    "no_webhook": "is empty, so no reply could be sent; allowed: at least one origin",
    # Prompt templates
    "not_title": "{found} is no title; allowed: letters without white space",
    "missing_title": "is missing; a title that begins with # stands in quotes",
    "title_twice": "{found} is the title of the entry at {first} too",
    "two_prefixes": "is the older name of prefix, which is given too; allowed: one of them",
    # Files
    "utf16": "is UTF-16 text; save it as UTF-8 (in Notepad: Save as, UTF-8)",
    "not_utf8": "byte 0x{byte} is not UTF-8; save the file as UTF-8, not GBK",
    "directory": "is a directory, not a file (docker makes one when the file to mount does not exist)",
    "not_regular": "is not a regular file",
    "no_file": "there is no such file",
    "misnamed": "is not read under this name; call it {name}, or name it with --config",
    "unreadable": "cannot be read: {reason}",
    "unusable_path": "the path is not usable",
    "too_large": "is too large; allowed: {most} MiB",
    "never_tried": "no service was configured or tried here: start it first (`{start}`), or name --config",
    "secret_file": "cannot be used ({reason}); set DATA_DIR to a folder that can",
    # YAML
    "control_character": "a control character ({character}) is in this line, column {column}; delete it",
    "not_yaml": "this is not YAML{column}: {problem}{hint}",
    "at_column": ", column {column}",
    "no_yaml": "this is not YAML",
    "not_a_key": "this line is no key: {hint}",
    "yaml_no_colon": "a colon with a space behind it is missing here; type `key: value`",
    "yaml_second_colon": "no `: ` can stand here; the line is indented too far, or a value that holds it "
    "needs quotes",
    "yaml_indent": "the indentation differs from that of the lines above, or a quote is not closed",
    "yaml_list": "an entry of a list must begin with `- `, indented like those above",
    "yaml_list_place": "a list must begin on a line of its own, below its key",
    "yaml_bracket": "a bracket is not closed, or a comma is missing; type [a, b]",
    "yaml_start": "nothing can begin with this character; put the value in quotes",
    "yaml_quote": "a quote is not closed",
    "yaml_escape": "a backslash in \" \" has a meaning of its own; use ' ' quotes",
    "yaml_tab": "a tab stands in the indentation; use spaces",
    "yaml_other": "the syntax is not right",
    "anchors": "anchors (&) and aliases (*) are not supported; put a value that begins so in quotes",
    "tags": "tags (!) are not supported; put a value that begins so in quotes",
    "second_document": "a second document (---) begins; allowed: one",
    "too_deep": "values are nested too deeply; allowed: {most} levels",
    "key_is_no_text": "a list or a mapping stands where a key is expected",
    "hint_tab": "column {column} is a tab; indent with spaces",
    "hint_character": "column {column} is {character}; type {fixed}",
    "hint_invisible": "column {column} is invisible, {character}; delete it, or type an ordinary space",
    "hint_no_space": "no space follows the colon at column {column}; type `: `",
    "hint_equals": "column {column} is `=`; type `: `",
    "hint_comment": "column {column} is no comment; type `#`",
    "hint_quotes": "; put a value that begins with @ ` % * & ! in quotes",
    "with_hint": "{problem}; {hint}",
    "value_character": "it holds {character}: type {fixed}",
    "value_invisible": "it holds an invisible character, {character}: delete it",
    # Models
    "no_model": "is missing: no model is taken by itself, since services retire them. Set `model` "
    "(environment MODEL), for example {examples}; what a service offers is on its own pages",
    "no_model_there": "is missing: set `model` of this provider, or `model` for all; for example "
    "{examples}",
    "no_key_of_preset": "is missing; make one at {page} (environment APIKEY)",
    # What a provider is sent besides
    "bad_body": "is not a mapping; allowed: parameters with their values, as they stand in a request",
    "body_owns": "is set by this program; allowed: other parameters",
    "bad_headers": "is not a mapping; allowed: names of headers with their values",
    "bad_header_name": "is no name of a header; allowed: letters, digits and -",
    "bad_header_value": "holds what no header can hold; allowed: one line of ASCII characters",
    "header_owned": "is set by this program; allowed: other headers",
    "not_direct_host": "{found} is no host; allowed: a name, an address or a network such as 10.0.0.0/8, "
    "perhaps with :port, or *",
}
