"""The house itself: the use cases, each with the ports it needs."""

import asyncio
import logging

from dependency_injector import providers

from adapters.sql.spending import SqlSpending
from application.admit_question import AdmitQuestion
from application.answer_question import AnswerQuestion
from application.generate_image import GenerateImage
from application.handle_message import HandleMessage
from application.history.history_links import (
    CompleteHistoryLinks,
    IssueHistoryLink,
    OpenHistoryLink,
)
from application.history.look_up_history import LookUpHistoryOf
from application.inbox.answer_inbox import AnswerInbox
from application.inbox.deliver_reply import DeliverReply
from application.inbox.process_claim import ProcessClaim
from application.inbox.receive_message import ReceiveMessage
from application.inspect_site import InspectSite
from application.obey_command import ObeyCommand
from application.provider_pool import ProviderPool
from application.rate_limited_logger import RateLimitedLogger
from application.report_balance import ReportBalance
from application.report_usage import ReportUsageOf
from entrypoints.callback_reports import CallbackReports
from entrypoints.container.outside import Outside
from entrypoints.providers import accounts_of

MOST_IMAGE_TRIES = 2
"""At one provider: a picture that comes too late may have been paid for."""

CONVERSATIONS_OF_ONE_USER = 4
"""So many are worked on at a time; the other conversations of the same person wait their turn."""


class House(Outside):
    bell = providers.Singleton(asyncio.Event)
    refusals = providers.Singleton(
        RateLimitedLogger,
        logging.getLogger("entrypoints.web"),
        count=Outside.instruments.provided.count_refusal,
    )
    callback_reports = providers.Singleton(
        CallbackReports,
        logger=refusals,
        count=Outside.instruments.provided.count_callback_error,
    )
    receive_message = providers.Singleton(
        ReceiveMessage, doorstep=Outside.doorstep, bell=bell, repeated=refusals
    )
    chat_models = providers.Singleton(
        ProviderPool,
        providers=Outside.models.provided.chat,
        clock=Outside.clock,
        time_limit=Outside.settings.provided.request_timeout,
    )
    admit_question = providers.Singleton(
        AdmitQuestion, ledger=Outside.ledger, messenger=Outside.messenger
    )
    answer_question = providers.Singleton(
        AnswerQuestion,
        pool=chat_models,
        admit=admit_question,
        messenger=Outside.messenger,
        tokens=Outside.tokens,
        pseudonyms=Outside.pseudonyms,
        clock=Outside.clock,
    )
    draw_picture = providers.Singleton(
        GenerateImage,
        pool=providers.Singleton(
            ProviderPool,
            providers=Outside.models.provided.images,
            clock=Outside.clock,
            time_limit=Outside.settings.provided.request_timeout,
            most_tries=MOST_IMAGE_TRIES,
        ),
        admit=admit_question,
        shelf=Outside.shelf,
        upload=Outside.upload,
        messenger=Outside.messenger,
        tokens=Outside.tokens,
        pseudonyms=Outside.pseudonyms,
        clock=Outside.clock,
        service_url=Outside.settings.provided.service_url,
    )
    look_up_history = providers.Singleton(
        LookUpHistoryOf,
        history=Outside.history,
        links=Outside.history_links,
        issue_link=providers.Singleton(
            IssueHistoryLink,
            links=Outside.history_links,
            clock=Outside.clock,
            service_url=Outside.settings.provided.service_url,
            lifetime=Outside.settings.provided.history_link_ttl,
        ),
        clock=Outside.clock,
        service_url=Outside.settings.provided.service_url,
    )
    open_history_link = providers.Singleton(
        OpenHistoryLink, links=Outside.history_links, rules=Outside.rules, clock=Outside.clock
    )
    report_balance = providers.Singleton(
        ReportBalance,
        accounts=providers.Singleton(
            accounts_of, Outside.settings.provided.effective_providers, Outside.clock
        ),
        spending=providers.Singleton(SqlSpending, Outside.database),
        clock=Outside.clock,
    )
    obey_command = providers.Singleton(
        ObeyCommand,
        messenger=Outside.messenger,
        answer_question=answer_question,
        draw_picture=draw_picture,
        report_usage=providers.Singleton(ReportUsageOf, Outside.ledger),
        report_balance=report_balance,
        look_up_history=look_up_history,
        inspect_site=providers.Singleton(
            InspectSite, records=Outside.site_records, clock=Outside.clock
        ),
    )
    handle_message = providers.Singleton(
        HandleMessage,
        rules=Outside.rules,
        messenger=Outside.messenger,
        clock=Outside.clock,
        obey=obey_command,
    )
    process_claim = providers.Singleton(
        ProcessClaim,
        handle_message=handle_message,
        deliver=providers.Singleton(
            DeliverReply,
            messenger=Outside.messenger,
            complete=providers.Singleton(
                CompleteHistoryLinks,
                links=Outside.history_links,
                rules=Outside.rules,
                clock=Outside.clock,
                service_url=Outside.settings.provided.service_url,
                lifetime=Outside.settings.provided.history_link_ttl,
            ),
            outcomes=Outside.outcomes,
            clock=Outside.clock,
        ),
        outcomes=Outside.outcomes,
        messenger=Outside.messenger,
        rules=Outside.rules,
    )
    answer_inbox = providers.Singleton(
        AnswerInbox,
        inbox=Outside.inbox,
        outcomes=Outside.outcomes,
        process=process_claim,
        clock=Outside.clock,
        bell=bell,
        concurrency=Outside.settings.provided.concurrency,
        per_user=CONVERSATIONS_OF_ONE_USER,
    )
