"""Findings for people and for programs."""

from collections.abc import Iterable, Iterator

import msgspec

from entrypoints.doctor.examination import is_well
from entrypoints.doctor.finding import Finding, Language, Verdict

MARKS = {
    Verdict.WELL: "[ ok ]",
    Verdict.WARNING: "[warn]",
    Verdict.FAILED: "[FAIL]",
    Verdict.SKIPPED: "[ -- ]",
}
MEND = {"zh": "办法", "en": "mend"}
SUMMARY = {
    True: {"zh": "没有发现故障。", "en": "Nothing is broken."},
    False: {"zh": "有故障，见上面的 [FAIL]。", "en": "Something is broken: see [FAIL] above."},
}


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding as JSON."""

    hop: str
    verdict: str
    about: str = ""
    code: str = ""
    told: str = ""
    mend: str = ""
    fact: str = ""


def lines(findings: Iterable[Finding], language: Language) -> Iterator[str]:
    """A line for each finding, with another that says how to mend it, and a last one that sums up."""
    found = tuple(findings)
    for one in found:
        yield from lines_of(one, language)
    yield SUMMARY[is_well(found)][language]


def lines_of(finding: Finding, language: Language) -> Iterator[str]:
    """A finding, and how to mend it."""
    which = f"{finding.hop} {finding.about}".rstrip()
    trouble = finding.trouble
    told = f"{trouble.told[language]} " if trouble else ""
    fact = f"({finding.fact})" if told and finding.fact else finding.fact
    yield f"{MARKS[finding.verdict]} {which}: {told}{fact}".rstrip(" :")
    if trouble is not None:
        yield f"       {MEND[language]}: {trouble.mend[language]} [{trouble.code}]"


def as_json(findings: Iterable[Finding], language: Language) -> str:
    """`{"ok": …, "findings": [{hop, verdict, about, code, told, mend, fact}, …]}`, empty fields left out."""
    found = tuple(findings)
    told = [
        Told(
            hop=one.hop,
            verdict=one.verdict.value,
            about=one.about,
            code=one.trouble.code if one.trouble else "",
            told=one.trouble.told[language] if one.trouble else "",
            mend=one.trouble.mend[language] if one.trouble else "",
            fact=one.fact,
        )
        for one in found
    ]
    body = msgspec.json.encode({"ok": is_well(found), "findings": told})
    return msgspec.json.format(body, indent=2).decode()
