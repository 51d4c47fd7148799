"""The composition root: every choice of technology, read from top to bottom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import httpx
from dependency_injector import containers, providers

from adapters.clock import SystemClock
from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.outbound.access_tokens import AccessTokens
from adapters.dingtalk.outbound.messenger import DingTalkMessenger
from adapters.dingtalk.outbound.openapi import OpenApiReplies
from adapters.dingtalk.outbound.origins import AllowedOrigins
from adapters.dingtalk.outbound.webhook import WebhookReplies
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.housekeeping import SqlHousekeeping
from adapters.sql.inbox import SqlInbox
from adapters.sql.ledger import SqlLedger
from adapters.sql.outcomes import SqlOutcomes
from application.answer_inbox import AnswerInbox
from application.answer_question import AnswerQuestion
from application.ask_models import AskModels
from application.deliver_reply import DeliverReply
from application.handle_message import HandleMessage
from application.persist_outcomes import PersistentOutcomes
from application.process_claim import ProcessClaim
from application.receive_message import ReceiveMessage
from application.report_usage import ReportUsageOf
from entrypoints.chores import Chores
from entrypoints.live import LiveConfiguration
from entrypoints.readiness import Readiness
from entrypoints.resources import (
    loaded_tokens,
    opened_client,
    opened_database,
    opened_providers,
    opened_pseudonyms,
)
from entrypoints.rules import image_hosts
from entrypoints.service import Service
from entrypoints.settings import Settings
from entrypoints.storage import storage_url
from entrypoints.vendors import azure_model, demo_model, limits_of, openai_model
from entrypoints.web.app import web_app
from entrypoints.web.door import Gate, dingtalk_door
from entrypoints.web.health import health_routes
from entrypoints.web.server import web_server

CONVERSATIONS_OF_ONE_USER = 4
"""So many are worked on at a time; the other conversations of the same person wait their turn."""


class Container(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)
    live = providers.Dependency(instance_of=LiveConfiguration)
    listening = providers.Dependency(instance_of=socket)
    rules = live.provided.rules

    # Outside: one adapter for each port.
    clock = providers.Singleton(SystemClock)
    database = providers.Resource(opened_database, providers.Callable(storage_url, settings))
    doorstep = providers.Singleton(SqlDoorstep, database, clock)
    inbox = providers.Singleton(SqlInbox, database, clock)
    outcomes = providers.Singleton(
        PersistentOutcomes, outcomes=providers.Singleton(SqlOutcomes, database, clock), clock=clock
    )
    ledger = providers.Singleton(SqlLedger, database)
    pseudonyms = providers.Resource(opened_pseudonyms, database)
    to_dingtalk = providers.Resource(opened_client, settings.provided.concurrency)
    dingtalk_api = providers.Factory(httpx.URL, settings.provided.dingtalk_api_url)
    messenger = providers.Singleton(
        DingTalkMessenger,
        providers.Singleton(
            Layout,
            wording=live.provided.wording,
            image_hosts=providers.Callable(image_hosts, settings),
        ),
        webhook=providers.Singleton(
            WebhookReplies,
            to_dingtalk,
            origins=providers.Singleton(AllowedOrigins.of, settings.provided.webhook_hosts),
            clock=clock,
        ),
        openapi=providers.Singleton(
            OpenApiReplies,
            to_dingtalk,
            dingtalk_api,
            providers.Singleton(AccessTokens, to_dingtalk, dingtalk_api, clock),
        ),
        credentials_of=live.provided.credentials_of,
    )
    tokens = providers.Singleton(loaded_tokens, settings.provided.model)
    limits = providers.Callable(limits_of, settings)
    vendor = providers.FactoryAggregate(
        openai=providers.Factory(openai_model, limits=limits),
        azure=providers.Factory(azure_model, limits=limits),
        demo=providers.Factory(demo_model, tokens=tokens),
    )
    models = providers.Resource(
        opened_providers, settings.provided.effective_providers, vendor.provider
    )

    # Use cases: the house itself.
    bell = providers.Singleton(asyncio.Event)
    receive_message = providers.Singleton(ReceiveMessage, doorstep=doorstep, bell=bell)
    ask_models = providers.Singleton(
        AskModels, providers=models, clock=clock, time_limit=settings.provided.request_timeout
    )
    answer_question = providers.Singleton(
        AnswerQuestion,
        ask=ask_models,
        ledger=ledger,
        messenger=messenger,
        tokens=tokens,
        pseudonyms=pseudonyms,
        clock=clock,
    )
    handle_message = providers.Singleton(
        HandleMessage,
        rules=rules,
        messenger=messenger,
        clock=clock,
        answer_question=answer_question,
        report_usage=providers.Singleton(ReportUsageOf, ledger),
    )
    process_claim = providers.Singleton(
        ProcessClaim,
        handle_message=handle_message,
        deliver=providers.Singleton(
            DeliverReply, messenger=messenger, outcomes=outcomes, clock=clock
        ),
        outcomes=outcomes,
        messenger=messenger,
        rules=rules,
    )
    answer_inbox = providers.Singleton(
        AnswerInbox,
        inbox=inbox,
        outcomes=outcomes,
        process=process_claim,
        clock=clock,
        bell=bell,
        concurrency=settings.provided.concurrency,
        per_user=CONVERSATIONS_OF_ONE_USER,
    )

    # The doors, and what keeps everything running.
    readiness = providers.Singleton(
        Readiness, inbox=inbox, configuration_problems=live.provided.current_problems
    )
    door = providers.Singleton(
        dingtalk_door,
        providers.Singleton(
            Gate,
            robots=live.provided.robots,
            allow_unsigned=live.provided.allow_unsigned,
            clock=clock,
        ),
        receive_message,
    )
    app = providers.Singleton(web_app, door, providers.Singleton(health_routes, readiness))
    service = providers.Singleton(
        Service,
        server=providers.Singleton(web_server, app),
        listening=listening,
        worker=answer_inbox,
        inbox=inbox,
        live=live,
        readiness=readiness,
        chores=providers.Singleton(
            Chores,
            housekeeping=providers.Singleton(SqlHousekeeping, database, clock),
            clock=clock,
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
