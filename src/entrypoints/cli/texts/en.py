"""English: every sentence of the command line."""

from entrypoints.cli.texts.catalogue import CliTexts, CommandHelp

CONFIG = "The service's configuration."

ENGLISH = CliTexts(
    program="A language model in DingTalk (钉钉) chats.",
    version="Show the version and exit.",
    show_help="Show this page and exit.",
    commands={
        "serve": CommandHelp(
            "Take DingTalk's messages and answer them, until SIGTERM.",
            {
                "path": "The configuration; else CONFIG_FILE, else ./config.yml, else the environment alone.",
                "trial": "Try it out: nothing to configure, listens on 127.0.0.1 only.",
            },
        ),
        "check-config": CommandHelp(
            "Print the effective configuration, secrets masked, or every mistake in it.",
            {
                "path": "The file to check; else CONFIG_FILE, else ./config.yml.",
                "only_changed": "List only the keys that you have set.",
                "for_programs": "Print it as JSON.",
                "online": "Also read each service's list of models and compare (free of charge).",
            },
        ),
        "setup": CommandHelp(
            "Ask for what the service needs to begin, test each answer, and write config.yml, which only you "
            "can read. An existing file is never overwritten.\n\n"
            "Without a terminal the answers come by options, and secrets by files or variables (APIKEY, "
            "CLIENT_SECRET). The check asks the model one short question, which its service charges for, and "
            "sends nothing to anybody. Exits with 0 if it is written, with 1 if a check failed or you "
            "cancelled, with 2 for a wrong call or an existing file.",
            {
                "output": "The file to write.",
                "language": "The language of the questions, of the robot, and of the comments in the file.",
                "service": "The model service; other is one with OpenAI's protocol, at --base-url.",
                "base_url": "Address of the API, usually ending with /v1.",
                "api_key_file": "A file that holds the API key; or the variable APIKEY.",
                "http_proxy": "Proxy to the model service.",
                "model": "Name of the model.",
                "azure_resource_name": "Name of the Azure resource.",
                "azure_deployment_name": "Name of the Azure deployment.",
                "azure_api_version": "Version of the Azure API.",
                "client_id": "Client ID of the robot; or the variable CLIENT_ID.",
                "client_secret_file": "A file that holds the Client Secret; or the variable CLIENT_SECRET.",
                "run_mode": "How messages are received, stream by default.",
                "service_url": "Public address of this service.",
                "admin_users": "Administrators' userids, separated by commas.",
                "max_request": "Questions per person and day, 0 = unlimited, 50 by default.",
                "dingtalk_api_url": "Address of DingTalk's OpenAPI, for a private deployment.",
                "no_check": "Test nothing.",
            },
        ),
        "example-config": CommandHelp(
            "Write the commented example configuration to FILE, or print it. Never overwrites a file.",
        ),
        "migrate": CommandHelp(
            "Bring the database to the newest schema. `serve` does the same when it starts.",
            {
                "path": CONFIG,
                "check": "Change nothing; exit with 1 where the database has to be brought up to date.",
            },
        ),
        "doctor": CommandHelp(
            "Check every step from DingTalk to the model and back, and say how to repair what fails.\n\n"
            "Asks each model one short question, as in a chat, which the model service charges for, and "
            "sends nothing to anybody. Exits with 0 if nothing failed, with 1 if something did, with 2 if "
            "the configuration cannot be loaded.",
            {
                "path": CONFIG,
                "for_programs": "Print the findings as JSON.",
                "picture": "Let each image model make a picture too, which is charged for.",
            },
        ),
        "backup": CommandHelp(
            "Write database and images to FILE, a .tar.gz that only you can read; - is the standard output. "
            "The service may be running.",
            {"force": "Replace FILE if it exists.", "config": CONFIG},
        ),
        "import-legacy": CommandHelp(
            "Import the history in PATH, the Go version's dingtalkbot.sqlite. Stop the service before.\n\n"
            "The file is not changed, and nothing is imported twice.",
            {"config": CONFIG},
        ),
        "export-history": CommandHelp(
            "Export a person's questions and answers. The service may be running.",
            {
                "name": "A nickname, a userid, or a key as listed.",
                "kind": "The format of the file; else what its name ends with.",
                "output": "The file to write, which only you can read; else the standard output.",
                "force": "Replace the file if it exists.",
                "everybody": "All people of that name, in one file.",
                "config": CONFIG,
            },
        ),
        "simulate": CommandHelp(
            "Simulate DingTalk on this machine: people, groups, signed callbacks, and what a robot calls.",
            {
                "target": "Where the robot takes callbacks, for HTTP mode.",
                "secret": "The robot's secret; generated if not given.",
                "client_id": "The robot's Client ID, which is its robotCode too.",
                "stream": "The robot uses stream mode and connects itself.",
                "port": "The port to listen on; 0 is any free one.",
                "host": "The address to listen on.",
                "origin": "The address by which the robot reaches this, where it is another one.",
                "control_host": "Another host name for the page; may be repeated.",
            },
        ),
        "send": CommandHelp(
            "Send TEXT to the running service as DingTalk would, signed, and print its reply.",
            {
                "staff_id": "The sender's userid.",
                "nick": "The sender's nickname.",
                "group": "The title of a group: send it there, mentioning the robot.",
                "path": CONFIG,
                "timeout": "Seconds to wait for the reply.",
            },
        ),
    },
    usage="Usage:",
    options_title="Options",
    arguments_title="Arguments",
    commands_title="Commands",
    errors_title="Wrong usage",
    default=r"\[default: {}]",
    required=r"\[required]",
    no_such_command='There is no command "{name}".',
    no_such_option='There is no option "{name}".',
    did_you_mean="Did you mean {names}?",
    missing="{name} is missing.",
    bad_value="{name} has a value that cannot be used. {allowed}",
    wrong_usage="The command is not written right: an option lacks its value, or there are too many words.",
    try_help="How to use it: {command} --help",
    port_taken="Cannot listen on {address} ({reason}): set another port in the configuration.",
    port_taken_in_trial=(
        "Cannot listen on {address} ({reason}): choose another port by the variable PORT, "
        "such as PORT={other}."
    ),
    simulator_port_taken=(
        "The simulated DingTalk cannot listen on {address} ({reason}): choose another port by the "
        "variable PORT, such as PORT={other}; the simulator takes the one after it."
    ),
    schema_is_current="The schema is up to date ({revision}).",
    schema_changed="The schema was brought from {before} to {after}.",
    schema_is_behind=(
        "The schema is at {before}, the newest is {after}: run migrate, "
        "or restart the service, which does it when it starts."
    ),
    no_schema="nothing",
    file_exists="{file} exists already: name another file, or replace it with --force.",
    backup_in_file="{file} holds the database and the images. config.yml and prompt.yml are not in it.",
    backup_written="The database and the images are written. config.yml and prompt.yml are not among them.",
    backup_on_terminal="A backup cannot be shown on a terminal: name a file, or send it through a pipe.",
    format_unknown=(
        "No format is named: give --format ({formats}), or an --output whose name ends with one of them."
    ),
    exported="{count} questions of {names} are written.",
    exported_to_file="{count} questions of {names} are in {file}, which only you can read.",
    and_more_people="{names} and others ({count} people)",
    send_no_service="No service runs at {url}: start it first ({start}).",
    send_refused="The service refused the message (status {status}): does it use the same configuration?",
    send_no_reply="No reply within {seconds} seconds: the service's log says why.",
    send_unsigned=(
        "The configuration holds no secret of a robot, so the service may not reply to this command. "
        "Set credentials or app_secrets; or add this line and restart the service:\n"
        "  webhook_hosts: [{hosts}]"
    ),
    send_port_taken="Port {port} of this machine is taken: is another send still waiting for its reply?",
    send_not_delivered="The service did not take the message ({delivery}): does it run?",
    send_simulator_gone="The simulated DingTalk did not take it ({reason}): is the trial still running?",
    picture_saved="Picture saved: {path}",
    example_written=(
        "The example configuration is in {file}, which only you can read. Fill in model, api_key and "
        "the robot's secret, then run: {command}"
    ),
    example_exists="{file} exists already: name another file, or move it away.",
    example_failed="{file} cannot be written ({reason}).",
    no_such_file="there is no such file: {file}",
    trial_needs_no_file="There is a configuration, which needs no trial mode: run {command}.",
    file_unwritable="{file} cannot be written ({reason}).",
    backup_on_server=(
        "The database is a PostgreSQL, and everything is in it: back it up with PostgreSQL's own tools, for "
        "example `pg_dump --format=custom --file=backup.dump` with the address of `database_url`, and "
        "restore it with `pg_restore`."
    ),
    nothing_to_back_up="There is nothing to back up yet: {file} does not exist.",
    backup_failed="No backup was made: {reason}.",
    no_history_yet="There is no history yet: {file} does not exist.",
    migrate_first="The database is of another version: run {command} first.",
    nobody_called="Nobody called {name} has asked anything: give the whole nickname or staff id.",
    several_people="Several people have this name. Give one of these as --user, or --all:",
    one_of_several="  {key}  {name}  {count} questions, the last on {day}",
    cannot_listen="Cannot listen on {address} ({reason}): take another --port.",
    no_address="{option} is no address: {found}; it looks like http://127.0.0.1:8090/",
)
