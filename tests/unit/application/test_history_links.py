"""Links to history: unguessable, for a while, for administrators."""

import hashlib
import random
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.history.history_links import (
    MOST_DRAWS,
    TOKEN,
    TOKEN_BYTES,
    IssueHistoryLink,
    OpenHistoryLink,
    addresses_in,
    digest_of,
    digest_of_stand_in,
    drawn_token,
)
from domain.access import AccessPolicy
from domain.history import HistoryLink
from domain.message import StaffId, UserKey, staff_key
from domain.sensitive_words import SensitiveWords
from tests.fakes.clock import ManualClock
from tests.fakes.house import rules
from tests.fakes.in_memory_history import InMemoryHistoryLinks
from tests.strategies import find_by_looking

BOSS, OTHER, ZHANG = (staff_key(StaffId(name)) for name in ("boss", "other", "张三"))
LIFETIME = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
ADMINS = frozenset({StaffId("boss"), StaffId("other")})
TOKENS = [letter * 43 for letter in "abcdefg"]


class CountingLinks(InMemoryHistoryLinks):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[bytes] = []
        self.kept: dict[bytes, HistoryLink] = {}

    async def keep(self, digest: bytes, link: HistoryLink) -> None:
        self.kept[digest] = link
        await super().keep(digest, link)

    async def find(self, digest: bytes, *, now: object) -> HistoryLink | None:
        self.searched.append(digest)
        return await super().find(digest, now=now)  # type: ignore[arg-type] # a moment, as it came


class Office:
    """Links that are issued and opened under rules which may change."""

    def __init__(self) -> None:
        self.rules = rules(access=AccessPolicy(admins=ADMINS))
        self.clock = ManualClock()
        self.links = CountingLinks()
        self.open = OpenHistoryLink(links=self.links, rules=lambda: self.rules, clock=self.clock)

    def issuing(
        self, *tokens: str, service_url: str = "https://bot.example.com"
    ) -> IssueHistoryLink:
        drawn: Iterator[str] = iter(tokens)
        return IssueHistoryLink(
            links=self.links,
            clock=self.clock,
            service_url=service_url,
            lifetime=LIFETIME,
            draw_token=lambda: next(drawn),
        )

    async def issued(self, token: str, *, person: UserKey = ZHANG, asked_by: UserKey = BOSS) -> str:
        """A link as it is once its reply was sent."""
        link = HistoryLink(person=person, asked_by=asked_by, expires_at=self.clock.now() + LIFETIME)
        await self.links.keep(digest_of(token), link)
        return token

    def change(self, **access: object) -> None:
        policy = replace(self.rules.access, **access)  # type: ignore[arg-type] # each test names real fields
        self.rules = replace(self.rules, access=policy)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_token_holds_256_random_bits_and_stands_in_an_address_as_it_is() -> None:
    drawn = {drawn_token() for _ in range(1000)}

    assert TOKEN_BYTES * 8 >= 256
    assert len(drawn) == 1000
    assert all(TOKEN.fullmatch(token) for token in drawn)


def test_tokens_come_from_the_systems_source_of_randomness() -> None:
    random.seed(1)
    first = drawn_token()
    random.seed(1)

    assert drawn_token() != first


@pytest.mark.anyio
@pytest.mark.parametrize("service_url", ["https://bot.example.com/x", "https://bot.example.com/x/"])
async def test_a_link_has_three_addresses_and_names_nobody(
    office: Office, service_url: str
) -> None:
    issue = office.issuing(TOKENS[0], service_url=service_url)

    issued = await issue(ZHANG, BOSS, office.rules)

    assert issued.page == f"https://bot.example.com/x/history/{TOKENS[0]}"
    assert issued.markdown == f"https://bot.example.com/x/download/{TOKENS[0]}?format=md"
    assert issued.csv == f"https://bot.example.com/x/download/{TOKENS[0]}?format=csv"
    assert issued.expires_at == office.clock.now() + LIFETIME


@pytest.mark.anyio
async def test_only_a_digest_is_kept_and_it_is_not_the_one_that_is_looked_for(
    office: Office,
) -> None:
    await office.issuing(TOKENS[0])(ZHANG, BOSS, office.rules)

    (digest,) = office.links.kept
    assert digest == digest_of_stand_in(TOKENS[0])
    assert digest != hashlib.sha256(TOKENS[0].encode()).digest()
    assert TOKENS[0] not in repr(office.links.kept)
    assert await office.open(TOKENS[0]) is None


@pytest.mark.anyio
async def test_a_link_opens_the_history_of_the_person_it_was_asked_for(office: Office) -> None:
    token = await office.issued(TOKENS[0], person=ZHANG)
    other = await office.issued(TOKENS[1], person=OTHER)

    expires_at = office.clock.now() + LIFETIME
    assert await office.open(token) == HistoryLink(
        person=ZHANG, asked_by=BOSS, expires_at=expires_at
    )
    assert await office.open(other) == HistoryLink(
        person=OTHER, asked_by=BOSS, expires_at=expires_at
    )


@pytest.mark.anyio
async def test_a_link_ends_to_the_millisecond(office: Office) -> None:
    token = await office.issued(TOKENS[0])

    office.clock.pass_by(LIFETIME - MILLISECOND)
    assert await office.open(token) is not None
    office.clock.pass_by(MILLISECOND)
    assert await office.open(token) is None


@pytest.mark.anyio
async def test_a_revoked_link_opens_nothing_and_the_others_go_on(office: Office) -> None:
    token, other = await office.issued(TOKENS[0]), await office.issued(TOKENS[1])

    await office.open.revoke(token)
    await office.open.revoke(token)

    assert await office.open(token) is None
    assert await office.open(other) is not None


@pytest.mark.anyio
@pytest.mark.parametrize(
    "change",
    [{"admins": ADMINS - {StaffId("boss")}}, {"denied_users": frozenset({StaffId("boss")})}],
    ids=["demoted", "denied"],
)
async def test_a_link_dies_with_the_role_of_who_asked_and_lives_again_with_it(
    office: Office, change: dict[str, object]
) -> None:
    token, others = (
        await office.issued(TOKENS[0], asked_by=BOSS),
        await office.issued(TOKENS[1], asked_by=OTHER),
    )
    before = office.rules

    office.change(**change)

    assert await office.open(token) is None
    assert await office.open(others) is not None
    office.rules = before
    assert await office.open(token) is not None


@pytest.mark.anyio
async def test_whoever_was_not_administrator_has_no_link_however_it_was_made(
    office: Office,
) -> None:
    for place, asker in enumerate(["staff:zhang", "sender:boss", "boss", "staff:", ""]):
        token = await office.issued(TOKENS[place], asked_by=UserKey(asker))

        assert await office.open(token) is None


def mangled(token: str) -> list[str]:
    return [
        "",
        token[:-1],
        token + "a",
        f" {token}",
        f"{token}\n",
        f"{token}=",
        f"{token[:-1]}/",
        f"{token[:-1]}.",
        f"{token[:-1]}%",
        f"{token[:-1]}中",
        f"{token[:-1]}\uff41",
        f"{token[:-1]}\ud800",
        f"{token[:-1]}\0",
        "a" * 1_000_000,
        digest_of(token).hex(),
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("place", range(len(mangled(TOKENS[0]))))
async def test_what_has_not_the_form_of_a_token_is_not_even_looked_for(
    office: Office, place: int
) -> None:
    token = await office.issued(TOKENS[0])

    assert await office.open(mangled(token)[place]) is None
    await office.open.revoke(mangled(token)[place])

    assert office.links.searched == []
    assert await office.open(token) is not None


@pytest.mark.anyio
async def test_ten_thousand_random_tokens_open_nothing(office: Office) -> None:
    tokens = [await office.issued(drawn_token()) for _ in range(20)]
    letters = string.ascii_letters + string.digits + "-_"
    near = [token[:-1] + letter for token in tokens for letter in letters if token[-1] != letter]

    opened = [await office.open(token) for token in [drawn_token() for _ in range(10_000)] + near]

    assert set(opened) == {None}
    assert len(office.links.searched) == len(opened)


@pytest.mark.anyio
async def test_a_token_that_says_a_sensitive_word_is_drawn_again(office: Office) -> None:
    spoiled = f"{'x' * 20}1-9_8-9{'x' * 16}"
    words = SensitiveWords(["1-98-9"], find_by_looking)
    issue = office.issuing(spoiled, spoiled, TOKENS[0])

    issued = await issue(ZHANG, BOSS, replace(office.rules, sensitive_words=words))

    assert issued.page.endswith(TOKENS[0])
    assert list(office.links.kept) == [digest_of_stand_in(TOKENS[0])]


@pytest.mark.anyio
async def test_where_every_token_says_a_sensitive_word_there_is_a_link_all_the_same(
    office: Office,
) -> None:
    words = SensitiveWords(["a"], find_by_looking)
    issue = office.issuing(*repeat(TOKENS[0], MOST_DRAWS))

    issued = await issue(ZHANG, BOSS, replace(office.rules, sensitive_words=words))

    assert issued.page.endswith(TOKENS[0])


staff = st.sampled_from([StaffId(name) for name in ("a", "ab", "A", "staff:a")])
keys = st.one_of(
    staff.map(staff_key),
    st.sampled_from(["a", "sender:a", "imported:a", "staff:", "staff:staff:a"]).map(UserKey),
)


@given(st.frozensets(staff), st.frozensets(staff), keys)
def test_administrators_who_are_not_denied_may_go_on_and_nobody_else(
    admins: frozenset[StaffId], denied: frozenset[StaffId], user: UserKey
) -> None:
    access = AccessPolicy(admins=admins, denied_users=denied)

    may = access.is_still_admin(user)

    assert may is any(
        user == f"staff:{one}" and one in admins and one not in denied
        for one in ("a", "ab", "A", "staff:a")
    )


@pytest.mark.anyio
async def test_the_addresses_in_an_answer_are_those_of_the_links(office: Office) -> None:
    issued = await office.issuing(TOKENS[0])(ZHANG, BOSS, office.rules)
    text = f"[page]({issued.page}) [md]({issued.markdown}) {issued.csv} {issued.page} https://a.example/history/x"

    assert addresses_in(text) == (issued.page, issued.markdown, issued.csv)
