"""A house with its door open."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.web.service import Address, House, serving


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def address(house: House) -> AsyncIterator[Address]:
    async with serving(house) as address:
        yield address


@pytest.fixture
async def client(address: Address) -> AsyncIterator[httpx.AsyncClient]:
    async with address.client() as client:
        yield client
