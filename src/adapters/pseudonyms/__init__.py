"""Names for people that tell strangers nothing."""

import hashlib
import hmac

from domain.message import UserKey

LENGTH = 32


class KeyedPseudonyms:
    """A keyed hash: the same person always has the same name, and only the key's owner can tell whose."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def pseudonym_of(self, user: UserKey) -> str:
        return hmac.new(self._key, user.encode(), hashlib.sha256).hexdigest()[:LENGTH]
