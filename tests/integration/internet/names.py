"""A resolver that knows what it was told, and counts."""

from collections.abc import Sequence

LOOPBACK = ("127.0.0.1",)


class ToldNames:
    """Answers its answers for a host one after another, the last for ever; None: nobody answers."""

    def __init__(self, **hosts: Sequence[Sequence[str] | None]) -> None:
        self._hosts = {name.replace("_", "."): list(answers) for name, answers in hosts.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self._hosts.get(host, [()])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            raise TimeoutError
        return answer


def at_home(*hosts: str) -> ToldNames:
    """These hosts, and `example.com`, are on the loopback."""
    return ToldNames(**{host.replace(".", "_"): [LOOPBACK] for host in (*hosts, "example.com")})
