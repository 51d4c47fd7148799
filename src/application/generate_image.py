"""Have a picture drawn, within the rules, kept, and shown to the person who wished for it."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.admit_question import AdmitQuestion, Question
from application.errors import ModelFailure, OutsideFailure, StorageFailed, UploadFailed
from application.ports import (
    Clock,
    Drawing,
    ImageModel,
    Messenger,
    Outcome,
    PictureUpload,
    Pseudonyms,
    Shelf,
    TokenCounter,
)
from application.provider_pool import ProviderPool
from application.wording.literal import literal
from domain.failover import Attempt, worth_recording
from domain.history import Exchange
from domain.inbox import State

logger = logging.getLogger(__name__)

LONGEST_SHOWN = 300
"""Characters of the prompt that stand below the picture; the history has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a client gets the picture from, and what stands below it."""

    source: str
    text: str


@dataclass(slots=True, kw_only=True)
class ImageRequest:
    """When a picture was asked for, and what was tried."""

    asked_at: datetime
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateImage:
    """A picture is drawn only if it can be shown, and costs something only if it is.

    `service_url` is this service's public address; empty: it has none. What a crash interrupts is drawn
    again, and the charge stays one.
    """

    pool: ProviderPool[ImageModel]
    admit: AdmitQuestion
    shelf: Shelf
    upload: PictureUpload
    messenger: Messenger
    tokens: TokenCounter
    pseudonyms: Pseudonyms
    clock: Clock
    service_url: str

    async def __call__(self, question: Question) -> Outcome:
        message, words = question.claim.message, question.rules.wording.pictures
        if not question.rules.draws:
            return self._refused(question, "pictures_off", words.off)
        if not self.service_url and not self.upload.takes_from(message.robot):
            return self._refused(question, "pictures_not_set_up", words.not_set_up)
        if refused := await self.admit(question, size=self.tokens.count(question.text)):
            return refused
        return await self._draw(question)

    def _refused(self, question: Question, reason: str, sentence: str) -> Outcome:
        parts = self.messenger.parts_of(sentence, question.claim.message)
        return Outcome(state=State.REFUSED, reason=reason, parts=parts, session=question.session)

    async def _draw(self, question: Question) -> Outcome:
        request = ImageRequest(asked_at=self.clock.now())
        try:
            drawing = await self._generated(question, request)
        except ModelFailure as failure:
            sorry = question.rules.wording.sorry(failure)
            return self._failed(question, failure, sorry, self._exchange(question, request))
        return await self._show(question, drawing, self._exchange(question, request, drawing))

    async def _generated(self, question: Question, request: ImageRequest) -> Drawing:
        asker = self.pseudonyms.pseudonym_of(question.claim.message.sender.key)
        items = self.pool.ask(
            image_of(question.text, asker),
            fallback_on_declined=question.rules.fallback_on_declined,
        )
        drawings: list[Drawing] = []
        async with aclosing(items):
            async for item in items:
                if isinstance(item, Attempt):
                    request.attempts.append(item)
                else:
                    drawings.append(item)
        return drawings[-1]

    async def _show(self, question: Question, drawing: Drawing, exchange: Exchange) -> Outcome:
        words = question.rules.wording.pictures
        try:
            name = await self.shelf.put(drawing.picture)
        except StorageFailed as failure:
            return self._failed(question, failure, words.not_kept, exchange)
        try:
            shown = await self._shown(question, drawing, name)
        except UploadFailed as failure:
            await self._discard(name)
            return self._failed(question, failure, words.not_uploaded, exchange)
        text = question.noted(shown.text)
        parts = self.messenger.parts_of(text, question.claim.message, picture=shown.source)
        return Outcome(
            state=State.ANSWERED,
            reason="drawn",
            parts=parts,
            session=question.session,
            exchange=replace(exchange, answer=words.in_history, picture=name),
        )

    async def _shown(self, question: Question, drawing: Drawing, name: str) -> Shown:
        """At DingTalk if it takes the picture, else here, where the whole world may get at it."""
        robot, rules = question.claim.message.robot, question.rules
        words = rules.wording.pictures
        prompt = literal(rules.sensitive_words.mask_typed(question.text), longest=LONGEST_SHOWN)
        if self.upload.takes_from(robot):
            try:
                media_id = await self.upload.upload(drawing.picture, robot)
                return Shown(source=media_id, text=words.shown.format(prompt=prompt))
            except UploadFailed as failure:
                if not self.service_url:
                    raise
                facts = {"msg_id": question.claim.message.id, "fact": str(failure)}
                logger.warning("picture_linked_instead", extra=facts)
        url = f"{self.service_url}/images/{name}"
        return Shown(source=url, text=words.linked.format(prompt=prompt, url=url))

    async def _discard(self, name: str) -> None:
        try:
            await self.shelf.discard(name)
        except StorageFailed:
            logger.warning("picture_left_behind", extra={"picture": name})

    def _failed(
        self, question: Question, failure: OutsideFailure, sorry: str, exchange: Exchange
    ) -> Outcome:
        kind, message = type(failure).__name__, question.claim.message
        facts = {"msg_id": message.id, "kind": kind, "fact": str(failure)}
        logger.warning("picture_failed", extra=facts)
        return Outcome(
            state=State.FAILED,
            reason=kind,
            parts=self.messenger.parts_of(sorry, message),
            session=question.session,
            exchange=exchange,
        )

    def _exchange(
        self, question: Question, request: ImageRequest, drawing: Drawing | None = None
    ) -> Exchange:
        message = question.claim.message
        return Exchange(
            day=question.rules.quota.day_of(message.received_at),
            sender=message.sender,
            room=message.room,
            question=question.rules.sensitive_words.mask_typed(question.text),
            answer="",
            provider=request.attempts[-1].provider if drawing else "",
            model=drawing.model if drawing else "",
            prompt_tokens=(drawing.prompt_tokens if drawing else None) or 0,
            answer_tokens=(drawing.answer_tokens if drawing else None) or 0,
            took=self.clock.now() - request.asked_at,
            attempts=worth_recording(request.attempts),
        )


def image_of(prompt: str, asker: str) -> Callable[[ImageModel], AsyncGenerator[Drawing]]:
    """What is asked of each provider; `asker` is the person's pseudonym."""

    async def drawing(model: ImageModel) -> AsyncGenerator[Drawing]:
        yield await model.draw(prompt, asker=asker)

    return drawing
