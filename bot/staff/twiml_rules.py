"""What Twilio accepts as the answer to a call: verbs, attributes, nesting, limits, voices and hearing.

Tables of Twilio's documentation (TwiML for Programmable Voice, Gather, Say, Dial; text-to-speech voices), written down
apart from the code that makes our TwiML, so that the one can find fault with the other.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator

Element = ElementTree.Element
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

MAX_BYTES = 64 * 1024
SOUND_TYPES = {
    *("audio/mpeg", "audio/wav", "audio/wave", "audio/x-wav", "audio/aiff", "audio/x-aifc", "audio/x-aiff"),
    *("audio/x-gsm", "audio/gsm", "audio/ulaw"),
}
# Voice → the `language` it may be used with.
VOICES = {
    "Polly.Joanna-Neural": "en-US",
    "Polly.Matthew-Neural": "en-US",
    "Polly.Lupe-Neural": "es-US",
    "Polly.Pedro-Neural": "es-US",
    "Polly.Zhiyu-Neural": "cmn-CN",
    "Polly.Hiujin-Neural": "yue-CN",
    "Google.yue-HK-Standard-A": "yue-HK",
    "Google.ru-RU-Wavenet-A": "ru-RU",
    "Google.bn-IN-Wavenet-A": "bn-IN",
    "Polly.Seoyeon-Neural": "ko-KR",
    "Google.ar-XA-Wavenet-A": "ar-XA",
    "Polly.Hala-Neural": "ar-AE",
    "Polly.Lea-Neural": "fr-FR",
    "Polly.Remi-Neural": "fr-FR",
    "Polly.Ola-Neural": "pl-PL",
}
# Characters in one <Say>: of Polly's without the markup, of Google's with it.
MAX_POLLY, MAX_GOOGLE = 3000, 5000
# Speech model → the languages it hears; "default" hears whatever the provider does.
HEARD_BY_DEFAULT = {
    *("en-US", "es-US", "cmn-Hans-CN", "cmn-Hant-TW", "yue-Hant-HK", "ru-RU", "bn-BD", "bn-IN", "ko-KR"),
    *("ar-EG", "ar-YE", "ar-MA", "ur-PK", "ur-IN", "fr-FR", "fr-CA", "pl-PL"),
}
MODELS = {
    "default": HEARD_BY_DEFAULT,
    "phone_call": {"en-US", "en-GB", "en-AU", "fr-FR", "fr-CA", "ja-JP", "ru-RU", "es-US", "es-ES", "pt-BR"},
    "experimental_conversations": {"en-US", "es-ES", "es-US", "fr-CA", "fr-FR", "ko-KR", "pl-PL", "ru-RU", "ar-EG"},
    "experimental_utterances": {"en-US", "es-ES", "es-US", "fr-CA", "fr-FR", "ko-KR", "pl-PL", "ru-RU", "ar-EG"},
}
MAX_HINTS, MAX_HINT = 500, 100

_METHOD = re.compile("GET|POST")
_COUNT = re.compile("[1-9][0-9]*")
_SECONDS = re.compile("[0-9]+")
_BOOL = re.compile("true|false")
_TEXT = re.compile(".+", re.DOTALL)
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_KEYS = re.compile("[0-9*#]*")

# Verb → attribute → what its value looks like.
ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "Response": {},
    "Say": {"voice": _TEXT, "language": _TEXT, "loop": _SECONDS},
    "Play": {"loop": _SECONDS, "digits": re.compile("[0-9w*#]+")},
    "Pause": {"length": _COUNT},
    "Gather": {
        "action": _TEXT,
        "method": _METHOD,
        "input": re.compile("dtmf|speech|dtmf speech"),
        "timeout": _COUNT,
        "speechTimeout": re.compile("auto|[1-9][0-9]*"),
        "numDigits": _COUNT,
        "finishOnKey": _KEYS,
        "actionOnEmptyResult": _BOOL,
        "language": _TEXT,
        "speechModel": _TEXT,
        "hints": _TEXT,
        "profanityFilter": _BOOL,
        "partialResultCallback": _TEXT,
        "partialResultCallbackMethod": _METHOD,
    },
    "Redirect": {"method": _METHOD},
    "Hangup": {},
    "Reject": {"reason": re.compile("rejected|busy")},
    "Dial": {
        "action": _TEXT,
        "method": _METHOD,
        "timeout": _COUNT,
        "timeLimit": _COUNT,
        "callerId": _NUMBER,
        "answerOnBridge": _BOOL,
        "hangupOnStar": _BOOL,
        "record": re.compile("do-not-record"),  # the hotline never records
        "ringTone": re.compile("automatic|[a-z]{2}"),
        "sequential": _BOOL,
    },
    "Number": {"url": _TEXT, "method": _METHOD, "sendDigits": _TEXT, "statusCallback": _TEXT},
    "break": {"strength": _TEXT, "time": re.compile("[0-9.]+m?s")},
    "emphasis": {"level": re.compile("strong|moderate|reduced")},
    "lang": {_XML_LANG: _TEXT},
    "p": {},
    "phoneme": {"alphabet": _TEXT, "ph": _TEXT},
    "prosody": {"volume": _TEXT, "rate": _TEXT, "pitch": _TEXT},
    "s": {},
    "say-as": {"interpret-as": re.compile("characters|spell-out|cardinal|number|ordinal|digits|date|time|telephone")},
    "sub": {"alias": _TEXT},
    "w": {"role": _TEXT},
}
_SPOKEN = {"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
# Verb → what may stand in it.
CHILDREN: dict[str, set[str]] = {
    "Response": {"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Reject", "Dial"},
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number"},
    "Say": _SPOKEN,
    **{tag: _SPOKEN for tag in ("emphasis", "lang", "p", "prosody", "s")},
}
_WHISPER = {"Say", "Play", "Gather", "Hangup"}
_HAS_TEXT = {"Say", "Play", "Redirect", "Number", *_SPOKEN} - {"break"}


def faults(document: bytes, kind: str, whisper: bool = False) -> list[str]:
    """Everything in an answer (its body and its media type) that Twilio would not take or that would fail a caller."""
    return list(_faults(document, kind, whisper))


def _faults(document: bytes, kind: str, whisper: bool) -> Iterator[str]:
    if kind.partition(";")[0] not in {"application/xml", "text/xml"}:
        yield f"the media type is {kind}, not application/xml"
    if len(document) > MAX_BYTES:
        yield f"{len(document)} bytes; Twilio takes {MAX_BYTES}"
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        yield f"not well-formed: {error}"
        return
    if root.tag != "Response":
        yield f"the root is <{root.tag}>, not <Response>"
    for element in root.iter():
        yield from _form(element)
        check = _MEANING.get(element.tag)
        if check:
            yield from check(element)
    for verb in root:
        if whisper and verb.tag not in _WHISPER:
            yield f"<{verb.tag}> may not stand in a whisper"
    verbs = [verb.tag for verb in root]
    for at, verb in enumerate(root):
        ends = verb.tag in {"Hangup", "Redirect", "Reject"} or (verb.tag == "Dial" and "action" in verb.attrib)
        if ends and at + 1 < len(verbs):
            yield f"<{verbs[at + 1]}> after <{verb.tag}> is never reached"


def _form(element: Element) -> Iterator[str]:
    known = ATTRIBUTES.get(element.tag)
    if known is None:
        yield f"<{element.tag}> is no verb"
        return
    for name, value in element.attrib.items():
        if name not in known:
            yield f"<{element.tag}> has no attribute {name}"
        elif not known[name].fullmatch(value):
            yield f'<{element.tag} {name}="{value}"> is no value of it'
    for child in element:
        if child.tag in ATTRIBUTES and child.tag not in CHILDREN.get(element.tag, set()):
            yield f"<{child.tag}> may not stand in <{element.tag}>"
    texts = [element.text or "", *(child.tail or "" for child in element)]
    if element.tag not in _HAS_TEXT and any(text.strip() for text in texts):
        yield f"<{element.tag}> has a text in it"


def _say(say: Element) -> Iterator[str]:
    voice, language = say.get("voice", ""), say.get("language", "")
    if VOICES.get(voice) is None or VOICES[voice] != language:
        yield f'no voice "{voice}" speaks "{language}"'
    spoken = "".join(say.itertext())
    if not any(character.isalnum() for character in spoken):
        yield "<Say> says nothing"
    size, most = (
        (len(ElementTree.tostring(say, "unicode")), MAX_GOOGLE)
        if voice.startswith("Google.")
        else (len(spoken), MAX_POLLY)
    )
    if size > most:
        yield f"<Say> of {size} characters; this voice takes {most}"


def _play(play: Element) -> Iterator[str]:
    if not (play.text or "").strip():
        yield "<Play> names no sound"


def _gather(gather: Element) -> Iterator[str]:
    keys, speech = "dtmf" in gather.get("input", "dtmf"), "speech" in gather.get("input", "dtmf")
    if not gather.get("action") or not gather.get("method"):
        yield "<Gather> without action or method asks its own address again"
    if not keys:
        yield "<Gather> hears no keys; hearing speech may fail at any time"
    language, model = gather.get("language", "en-US"), gather.get("speechModel", "default")
    if speech and language not in MODELS.get(model, set()):
        yield f'the speech model "{model}" does not hear "{language}"'
    if speech and "speechModel" in gather.attrib and not _COUNT.fullmatch(gather.get("speechTimeout", "")):
        yield "a speech model wants a speechTimeout in seconds"
    if not speech:
        for name in {"speechModel", "hints", "language", "speechTimeout", "profanityFilter"} & set(gather.attrib):
            yield f"<Gather {name}> without speech"
    hints = gather.get("hints", "").split(",")
    if len(hints) > MAX_HINTS:
        yield f"{len(hints)} hints; Twilio takes {MAX_HINTS}"
    yield from (f'the hint "{hint}" is too long' for hint in hints if len(hint) > MAX_HINT)
    if any(play.get("digits") for play in gather.iter("Play")):
        yield "<Play digits> may not stand in <Gather>"


def _dial(dial: Element) -> Iterator[str]:
    if not dial.get("callerId"):
        yield "<Dial> without callerId shows the caller's number"
    if not dial.get("action"):
        yield "<Dial> without action does not say how it ended"
    numbers = dial.findall("Number")
    if not 1 <= len(numbers) <= 10:
        yield f"<Dial> of {len(numbers)} numbers; one to ten can be dialled"
    yield from (f'"{number.text}" is no number' for number in numbers if not _NUMBER.fullmatch(number.text or ""))


_MEANING: dict[str, Callable[[Element], Iterator[str]]] = {
    "Say": _say,
    "Play": _play,
    "Gather": _gather,
    "Dial": _dial,
}
