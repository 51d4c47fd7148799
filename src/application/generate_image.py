"""Have a picture drawn, within the rules, kept, and shown to the person who wished for it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from application.admit_question import AdmitQuestion, Question
from application.ask_image_models import Drawn, Wish
from application.errors import ModelFailure, OutsideFailure, StorageFailed, UploadFailed
from application.ports import (
    Clock,
    Messenger,
    Outcome,
    PictureUpload,
    Pseudonyms,
    Shelf,
    TokenCounter,
)
from application.wording.literal import literal
from domain.history import Exchange
from domain.inbox import State

logger = logging.getLogger(__name__)

LONGEST_SHOWN = 300
"""Characters of the prompt that stand below the picture; the history has all of it."""

HaveDrawn: TypeAlias = Callable[[Wish], Awaitable[Drawn]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a client gets the picture from, and what stands below it."""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPicture:
    """A picture is drawn only if it can be shown, and costs something only if it is.

    `service_url` is this service's public address; empty: it has none. What a crash interrupts is drawn
    again, and the charge stays one.
    """

    have_drawn: HaveDrawn
    admit: AdmitQuestion
    shelf: Shelf
    upload: PictureUpload
    messenger: Messenger
    tokens: TokenCounter
    pseudonyms: Pseudonyms
    clock: Clock
    service_url: str

    async def __call__(self, question: Question) -> Outcome:
        message = question.claim.message
        if not self.service_url and not self.upload.takes_from(message.robot):
            parts = self.messenger.parts_of(question.rules.wording.pictures.not_set_up, message)
            return Outcome(
                state=State.REFUSED,
                reason="pictures_not_set_up",
                parts=parts,
                session=question.session,
            )
        if refused := await self.admit(question, size=self.tokens.count(question.text)):
            return refused
        return await self._draw(question)

    async def _draw(self, question: Question) -> Outcome:
        began = self.clock.now()
        wish = Wish(
            prompt=question.text,
            asker=self.pseudonyms.pseudonym_of(question.claim.message.sender.key),
        )
        try:
            drawn = await self.have_drawn(wish)
        except ModelFailure as failure:
            sorry = question.rules.wording.sorry(failure)
            return self._failed(question, failure, sorry, self._exchange(question, began))
        return await self._show(question, drawn, self._exchange(question, began, drawn))

    async def _show(self, question: Question, drawn: Drawn, exchange: Exchange) -> Outcome:
        words = question.rules.wording.pictures
        try:
            name = await self.shelf.put(drawn.drawing.picture)
        except StorageFailed as failure:
            return self._failed(question, failure, words.not_kept, exchange)
        try:
            shown = await self._shown(question, drawn, name)
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

    async def _shown(self, question: Question, drawn: Drawn, name: str) -> Shown:
        """At DingTalk if it takes the picture, else here, where the whole world may get at it."""
        robot, rules = question.claim.message.robot, question.rules
        words = rules.wording.pictures
        prompt = literal(rules.sensitive_words.mask_typed(question.text), longest=LONGEST_SHOWN)
        if self.upload.takes_from(robot):
            try:
                media_id = await self.upload.upload(drawn.drawing.picture, robot)
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
        self, question: Question, began: datetime, drawn: Drawn | None = None
    ) -> Exchange:
        message, drawing = question.claim.message, drawn.drawing if drawn else None
        return Exchange(
            day=question.rules.quota.day_of(message.received_at),
            sender=message.sender,
            room=message.room,
            question=question.rules.sensitive_words.mask_typed(question.text),
            answer="",
            provider=drawn.provider if drawn else "",
            model=drawing.model if drawing else "",
            prompt_tokens=(drawing.prompt_tokens if drawing else None) or 0,
            answer_tokens=(drawing.answer_tokens if drawing else None) or 0,
            took=self.clock.now() - began,
        )
