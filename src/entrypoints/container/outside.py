"""Outside: one adapter for each port."""

from socket import socket

import httpx
from dependency_injector import containers, providers

from adapters.demo.sites import DemoSiteRecords
from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.outbound.access_tokens import AccessTokens
from adapters.dingtalk.outbound.media import DingTalkMedia
from adapters.dingtalk.outbound.messenger import DingTalkMessenger
from adapters.dingtalk.outbound.oapi_tokens import OapiTokens
from adapters.dingtalk.outbound.openapi import OpenApiReplies
from adapters.dingtalk.outbound.origins import AllowedOrigins
from adapters.dingtalk.outbound.reply_permit import ReplyPermits
from adapters.dingtalk.outbound.webhook import WebhookReplies
from adapters.metrics.doorstep import CountedDoorstep
from adapters.metrics.exposition import opened_instruments
from adapters.metrics.messenger import CountedMessenger
from adapters.metrics.outcomes import CountedOutcomes
from adapters.pictures.reading import as_png, identified
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.history import SqlHistory
from adapters.sql.history_links import SqlHistoryLinks
from adapters.sql.inbox import SqlInbox
from adapters.sql.ledger import SqlLedger
from adapters.sql.outcomes import SqlOutcomes
from application.history.masked_history import MaskedHistory
from application.inbox.persist_outcomes import PersistentOutcomes
from entrypoints.descriptors import MOST_DESCRIPTORS, DescriptorShares, shares_of
from entrypoints.live import LiveConfiguration
from entrypoints.resources import (
    loaded_tokens,
    opened_client,
    opened_clock,
    opened_database,
    opened_models,
    opened_nameplates,
    opened_pseudonyms,
    opened_site_records,
    shelf_on,
)
from entrypoints.rules import image_hosts, reach_of
from entrypoints.settings import Settings
from entrypoints.storage import limits_on, picture_folder, storage_url


class Outside(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)
    live = providers.Dependency(instance_of=LiveConfiguration)
    listening = providers.Dependency(instance_of=socket)
    descriptors = providers.Dependency(
        instance_of=DescriptorShares, default=shares_of(MOST_DESCRIPTORS)
    )
    is_trial = providers.Object(False)  # noqa: FBT003 - a value, not an argument
    rules = live.provided.rules
    source_of_records = providers.Callable({True: "demo", False: "internet"}.get, is_trial)

    database = providers.Resource(
        opened_database,
        providers.Callable(storage_url, settings),
        providers.Callable(limits_on, settings),
    )
    clock = providers.Resource(opened_clock, database)
    instruments = providers.Singleton(opened_instruments)
    doorstep = providers.Singleton(
        CountedDoorstep, providers.Singleton(SqlDoorstep, database, clock), instruments
    )
    inbox = providers.Singleton(SqlInbox, database, clock)
    outcomes = providers.Singleton(
        CountedOutcomes,
        providers.Singleton(
            PersistentOutcomes,
            outcomes=providers.Singleton(SqlOutcomes, database, clock),
            clock=clock,
        ),
        instruments,
    )
    ledger = providers.Singleton(SqlLedger, database)
    pseudonyms = providers.Resource(opened_pseudonyms, database)
    nameplates = providers.Resource(
        opened_nameplates,
        database,
        providers.Callable(storage_url, settings),
        settings.provided.dingtalk_api_url,
    )
    history = providers.Singleton(
        MaskedHistory,
        history=providers.Singleton(SqlHistory, database),
        words=live.provided.sensitive_words,
    )
    history_links = providers.Singleton(SqlHistoryLinks, database)
    shelf = providers.Singleton(
        shelf_on,
        database,
        clock,
        providers.Callable(picture_folder, settings),
        identified=providers.Object(identified),
    )
    site_records = providers.Selector(
        source_of_records,
        internet=providers.Resource(
            opened_site_records, providers.Callable(reach_of, settings), clock
        ),
        demo=providers.Singleton(DemoSiteRecords, clock),
    )
    to_dingtalk = providers.Resource(opened_client, settings.provided.concurrency)
    dingtalk_api = providers.Factory(httpx.URL, settings.provided.dingtalk_api_url)
    dingtalk_oapi = providers.Factory(httpx.URL, settings.provided.dingtalk_oapi_url)
    upload = providers.Singleton(
        DingTalkMedia,
        client=to_dingtalk,
        oapi_url=dingtalk_oapi,
        tokens=providers.Singleton(OapiTokens, to_dingtalk, dingtalk_oapi, clock),
        clock=clock,
        credentials_of=live.provided.credentials_of,
        as_png=providers.Object(as_png),
    )
    dingtalk_messenger = providers.Singleton(
        DingTalkMessenger,
        providers.Singleton(
            Layout,
            wording=live.provided.wording,
            words=live.provided.sensitive_words,
            image_hosts=providers.Callable(image_hosts, settings),
        ),
        webhook=providers.Singleton(
            WebhookReplies,
            to_dingtalk,
            origins=providers.Singleton(AllowedOrigins.of, settings.provided.webhook_hosts),
            permits=providers.Singleton(ReplyPermits, live.provided.robots),
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
    messenger = providers.Singleton(CountedMessenger, dingtalk_messenger, instruments)
    tokens = providers.Singleton(loaded_tokens, settings.provided.counted_model)
    models = providers.Resource(
        opened_models, settings.provided.effective_providers, tokens, instruments
    )
