"""Access tokens of the older interface, which takes files."""

import httpx

from adapters.dingtalk.outbound.access_tokens import (
    Credentials,
    Token,
    TokenCache,
    TokenRefused,
    TokenUnavailable,
    below,
    usable,
)
from adapters.dingtalk.outbound.errcodes import errcode, is_passing
from adapters.dingtalk.outbound.exchange import NoAnswer, answered
from application.ports import Clock


class OapiTokens(TokenCache):
    """`GET /gettoken`. Whether the tokens of the OpenAPI would do as well is not documented."""

    def __init__(self, client: httpx.AsyncClient, oapi_url: httpx.URL, clock: Clock) -> None:
        super().__init__(clock)
        self._client = client
        self._url = below(oapi_url, "/gettoken")

    async def fetched(self, credentials: Credentials) -> Token:
        asked_at = self.clock.now()
        keys = {"appkey": credentials.client_id, "appsecret": credentials.client_secret}
        try:
            request = self._client.build_request("GET", self._url, params=keys)
            answer = await answered(self._client, request)
        except NoAnswer as error:
            raise TokenUnavailable(str(error)) from error
        body = answer.body or {}
        number, token = errcode(body), body.get("access_token")
        if answer.is_success and number == 0 and isinstance(token, str) and token:
            return Token(text=token, renew_at=asked_at + usable(body.get("expires_in")))
        fact = f"HTTP {answer.status}, errcode {number}"
        raise TokenUnavailable(fact) if is_passing(number) else TokenRefused(fact)
