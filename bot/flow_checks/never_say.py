"""A sentence that may never be said: a promise of safety, a guess about status, advice that can hurt.

Passes:  `You do not have to let them in. Do not block them if they force their way in.`
Fails:   `Without a judge's warrant they can't get in.`
Why:     rights are not a shield: somebody who trusts such a sentence may be arrested, or break a law.
Mend:    as the message says; if you are not sure, ask the lawyer who signs the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem
from bot.languages.supported import SOURCE

RULE = "never-say"
_AGENTS = r"(?:ice|agents?|officers?|they|immigration(?: agents| officers)?|police)"
_CANNOT = r"(?:cannot|can ?not|can't|can never|may not|are not allowed to|is not allowed to)"
# language → (pattern over the lower-case text, what to say instead)
_FORBIDDEN: dict[str, list[tuple[str, str]]] = {
    "en": [
        (
            rf"\b{_AGENTS} {_CANNOT} (?:get in|come in|enter|go in(?:to)?|arrest|touch)\b",
            'Say what you do not have to do ("You do not have to let them in") or what staff are told to do.',
        ),
        (
            r"\byou (?:will|'ll) (?:be safe|not be (?:arrested|deported|detained)|never be|be fine|be ok(?:ay)?)\b"
            r"|\byou are safe\b|\bwe (?:will|can) protect you\b",
            "Nobody can promise that. Say what the rule is and who can help.",
        ),
        (r"\byou (?:qualify|are eligible|do not qualify)\b", "A lawyer decides that. Say that a lawyer can tell."),
        (r"\byou should (?:not )?(?:apply|file|travel|sign)\b", "Say: ask a lawyer before you do."),
        (r"\bit is safe to\b|\bit's safe to\b", "Say what is known and that a lawyer can tell."),
        (
            r"(?<!if )\byou must (?:always )?show (?:your |them )?(?:papers|id|documents)\b(?! if)|\bnever show\b",
            "Tie it to a condition, such as: if you have valid papers.",
        ),
        (
            r"\bignore the (?:hearing|notice|letter|court)\b"
            r"|(?<!if you )\bdo not go to (?:court|your hearing|immigration)",
            "Missing court leads to a removal order. Say: talk to a lawyer before the date.",
        ),
        (
            r"(?<!not )(?<!never )(?<!don't )\b(?:run away|hide from|lie to"
            r"|warn (?:others|people|your neighbors) (?:about|when|where|how))",
            "That can be a crime or make things worse. Staying silent and keeping the door closed are rights.",
        ),
        (r"\b(?:the )?city never (?:shares|asks|gives)\b", "The law has exceptions. Say what the City is told to do."),
        (
            r"\byou (?:are|may be|must be|seem to be) (?:undocumented|illegal|here illegally|without papers)\b"
            r"|\billegals?\b",
            "Never guess or name a status.",
        ),
        (
            r"\bcall 911 (?:to stop|if you see|about) ice\b",
            "911 is for danger to life; police do not stop federal agents.",
        ),
        (
            r"(?<!not )\b(?:texts?|messages?|sms|this chat|this line) (?:is|are) (?:confidential|secret|private)\b"
            r"|\bcompletely confidential\b",
            "Texts are not secret: phone companies can see them.",
        ),
    ],
    "es": [
        (
            r"\b(?:ice|los agentes|la migra|ellos) no pueden? (?:entrar|arrestar|detener)",
            'Diga qué no hay que hacer: "Usted no tiene que dejarlos entrar".',
        ),
        (
            r"\b(?:usted )?(?:estará a salvo|no (?:lo|la) (?:van a )?(?:arrestar|deportar)án?|está a salvo)\b",
            "Nobody can promise that.",
        ),
        (r"\busted califica\b|\bdebe(?:ría)? (?:no )?solicitar\b", "A lawyer decides that."),
        (r"\bno vaya a (?:la )?corte\b|\bignore la (?:cita|audiencia)", "Missing court leads to a removal order."),
        (r"\b(?:indocumentado|ilegal)(?:es|s)?\b", "Never guess or name a status."),
    ],
    "zh-Hans": [
        (r"(?:ICE|他们|执法人员|移民官)(?:不能|不可以|不得)(?:进入|进来|逮捕|抓)", "Say what one does not have to do."),
        (r"您会安全|您不会被(?:捕|逮捕|抓|遣返)|保证您?安全", "Nobody can promise that."),
        (r"您符合(?:条件|资格)|您应该申请", "A lawyer decides that."),
        (r"不要去法庭|不要出庭", "Missing court leads to a removal order."),
        (r"非法移民|您没有身份", "Never guess or name a status."),
    ],
    "ht": [
        (r"\b(?:ice|ajan yo|yo) pa (?:ka|gen dwa) (?:antre|arete)\b", "Say what one does not have to do."),
        (r"\b(?:ou ap|w ap) an sekirite\b|\byo p ap arete (?:ou|w)\b", "Nobody can promise that."),
        (r"\bou kalifye\b", "A lawyer decides that."),
        (r"\bpa ale nan tribinal\b", "Missing court leads to a removal order."),
        (r"\b(?:ilegal|san papye)\b", "Never guess or name a status."),
    ],
}
_PATTERNS = {
    language: [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in rows]
    for language, rows in _FORBIDDEN.items()
}
_SAID = {"say", "voice", "ask", "collect", "phrase", "stale", "fact", "choice", "name"}


def check(project: Project) -> Iterator[Problem]:
    """Texts with such a sentence. What a resident may text (synonyms, words) is theirs to say."""
    for words in project.unique_texts():
        if words.kind in _SAID:
            yield from _found(words.text, SOURCE, words.place)
    for language, words, message, place in project.translated():
        if words.kind in _SAID:
            yield from _found(str(message.string), language, place)


def _found(text: str, language: str, place: Place) -> Iterator[Problem]:
    flat = " ".join(text.split())
    for pattern, advice in _PATTERNS.get(language, ()):
        if found := pattern.search(flat):
            yield Problem(place, "error", f'"{found.group(0)}" may never be said. {advice}', RULE)
