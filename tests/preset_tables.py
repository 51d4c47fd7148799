"""The tables of the documents that show the presets. Run as a program it writes them anew."""

from collections.abc import Callable, Iterator
from pathlib import Path

from entrypoints.presets import PRESETS, Preset
from entrypoints.settings.display import shown

ROOT = Path(__file__).parents[1]
BEGIN = "<!-- presets:begin -->\n"
END = "<!-- presets:end -->"


def full_table() -> Iterator[str]:
    yield "| `preset` | 服务 service | 地址 address | 密钥 key | 首字时限 first token | 例子 example |"
    yield "|---|---|---|---|---|---|"
    for one in PRESETS.values():
        service = (
            one.service if one.service == one.service_zh else f"{one.service_zh} · {one.service}"
        )
        address = f"`{one.address}`" if one.address else "–"
        wait = f"`{shown(one.first_token_timeout)}`"
        yield f"| `{one.name}` | {service} | {address} | {_key(one)} | {wait} | `{one.example_model}` |"


def english_table() -> Iterator[str]:
    yield "| `preset` | service | key |"
    yield "|---|---|---|"
    for one in PRESETS.values():
        yield f"| `{one.name}` | {one.service} | {_key(one, none='none', own='made there')} |"


def chinese_table() -> Iterator[str]:
    yield "| `preset` | 服务 | 密钥 |"
    yield "|---|---|---|"
    for one in PRESETS.values():
        yield f"| `{one.name}` | {one.service_zh} | {_key(one, none='不需要', own='在网关里创建')} |"


def _key(preset: Preset, *, none: str = "–", own: str = "–") -> str:
    if preset.key_page:
        return f"<{preset.key_page}>"
    return own if preset.needs_key else none


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "docs/models.md": full_table,
    "README.md": english_table,
    "README.zh-CN.md": chinese_table,
}


def with_table(page: str, table: Iterator[str]) -> str:
    """The page with this table between the two marks."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n".join(table) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    for name, table in TABLES.items():
        file = ROOT / name
        file.write_text(with_table(file.read_text("utf-8"), table()), encoding="utf-8")
