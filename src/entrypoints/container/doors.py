"""The doors, and what keeps everything running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dependency_injector import providers

from adapters.dingtalk.stream.frames import ROBOT_MESSAGES
from adapters.metrics.exposition import Exposition
from adapters.sql.housekeeping import SqlHousekeeping
from adapters.sql.retention import SqlRetention
from adapters.transcripts import FORMATS
from entrypoints.chores import Chores
from entrypoints.container.house import House
from entrypoints.model_check import model_check
from entrypoints.readiness import Readiness
from entrypoints.service import Service
from entrypoints.streaming.robot_messages import RobotMessages
from entrypoints.streaming.streams import Streams, reached_through
from entrypoints.web.app import web_app
from entrypoints.web.door import Gate, dingtalk_door
from entrypoints.web.health import health_routes
from entrypoints.web.history.routes import ReadingRoom, history_routes
from entrypoints.web.images import image_route
from entrypoints.web.metrics import OperatorAccess, metrics_route
from entrypoints.web.server import web_server
from entrypoints.web.transfers import Transfers


class Container(House):
    streams = providers.Selector(
        House.settings.provided.run_mode,
        http=providers.Object(None),
        stream=providers.Singleton(
            Streams,
            credentials=House.live.provided.credentials,
            topics=providers.Dict(
                {
                    ROBOT_MESSAGES: providers.Singleton(
                        RobotMessages,
                        receive=House.receive_message,
                        clock=House.clock,
                        reports=House.callback_reports,
                        logger=House.refusals,
                    )
                }
            ),
            outside=providers.Singleton(
                reached_through, House.to_dingtalk, House.dingtalk_api, House.clock
            ),
            neighbours=House.nameplates,
        ),
    )
    model_check = providers.Singleton(model_check, House.settings, House.clock, House.instruments)
    readiness = providers.Singleton(
        Readiness,
        inbox=House.inbox,
        configuration_problems=House.live.provided.current_problems,
        callback_warnings=House.callback_reports.provided.warnings,
        provider_problems=House.models.provided.warnings,
        model_warnings=model_check.provided.warnings,
        connections=streams,
    )
    door = providers.Singleton(
        dingtalk_door,
        providers.Singleton(
            Gate,
            robots=House.live.provided.robots,
            allow_unsigned=House.live.provided.allow_unsigned,
            clock=House.clock,
            logger=House.refusals,
        ),
        House.receive_message,
        reports=House.callback_reports,
    )
    reading_room = providers.Singleton(
        ReadingRoom,
        open_link=House.open_history_link,
        revoke_link=House.open_history_link.provided.revoke,
        history=House.history,
        formats=providers.Object(FORMATS),
        words=House.live.provided.page_words,
        zone=House.live.provided.zone,
        clock=House.clock,
        logger=House.refusals,
        service_url=House.settings.provided.service_url,
    )
    operator_access = providers.Singleton(
        OperatorAccess, token=House.settings.provided.metrics_token
    )
    app = providers.Singleton(
        web_app,
        door,
        providers.Singleton(health_routes, readiness, operator_access),
        providers.List(
            providers.Singleton(
                metrics_route,
                providers.Singleton(
                    Exposition,
                    instruments=House.instruments,
                    inbox=House.inbox,
                    now=House.clock.provided.now,
                ),
                operator_access,
                House.refusals,
            )
        ),
        providers.Singleton(history_routes, reading_room),
        providers.List(
            providers.Singleton(
                image_route, House.shelf.provided.get, providers.Singleton(Transfers)
            )
        ),
        logger=House.refusals,
    )
    service = providers.Singleton(
        Service,
        server=providers.Singleton(
            web_server,
            app,
            logger=House.refusals,
            most_connections=House.descriptors.provided.connections,
        ),
        listening=House.listening,
        worker=House.answer_inbox,
        inbox=House.inbox,
        live=House.live,
        readiness=readiness,
        streams=streams,
        database=House.database,
        bell=House.bell,
        model_check=model_check,
        chores=providers.Singleton(
            Chores,
            housekeeping=providers.Singleton(SqlHousekeeping, House.database, House.clock),
            retention=providers.Singleton(
                SqlRetention, database=House.database, shelf=House.shelf, clock=House.clock
            ),
            keeps_for=House.live.provided.keeps_for,
            clock=House.clock,
        ),
    )


@asynccontextmanager
async def opened_service(container: Container) -> AsyncIterator[Service]:
    """The whole service, everything opened; closed in the reverse order at the end."""
    try:
        if (opening := container.init_resources()) is not None:
            await opening
        yield await container.service.async_()
    finally:
        if (closing := container.shutdown_resources()) is not None:
            await closing
