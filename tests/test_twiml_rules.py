"""The strict reader of TwiML: what Twilio takes passes, every kind of fault is found."""

import pytest

from bot.staff.twiml_rules import MAX_BYTES, faults

SAY = '<Say voice="Polly.Joanna-Neural" language="en-US">Hello.</Say>'
GATHER = 'action="/voice/turn" method="POST" actionOnEmptyResult="true"'
NUMBER = "<Number>+12125550100</Number>"

GOOD = [
    ("a sentence and a hang-up", f"{SAY}<Hangup/>"),
    ("keys", f'<Gather input="dtmf" numDigits="1" finishOnKey="" {GATHER}>{SAY}</Gather>'),
    (
        "keys or speech",
        '<Gather input="dtmf speech" language="ru-RU" speechModel="phone_call" speechTimeout="2" '
        f"{GATHER}>{SAY}</Gather>",
    ),
    ("a telephone number", f"{SAY[:-6]}<say-as interpret-as='telephone'>911</say-as></Say><Hangup/>"),
    ("a recording", "<Play>/voice/audio/ht/0.wav</Play><Hangup/>"),
    ("a transfer", f'<Dial callerId="+15005550010" action="/voice/transfer" method="POST">{NUMBER}</Dial>'),
]

# what is wrong, the document, what the fault says
BAD = [
    ("no such verb", "<Speak>hello</Speak>", "no verb"),
    ("a verb in small letters", "<say>hello</say>", "no verb"),
    ("no such attribute", f"{SAY[:-13].replace('<Say', '<Say pitch=&quot;1&quot;')}", "not well-formed"),
    ("an unknown attribute", '<Hangup reason="x"/>', "no attribute reason"),
    ("a value that is none", f'<Gather input="voice" {GATHER}>{SAY}</Gather>', "is no value"),
    ("a Python list as value", f"""<Gather input="['dtmf', 'speech']" {GATHER}>{SAY}</Gather>""", "is no value"),
    ("a question within a question", f"<Gather {GATHER}><Gather {GATHER}/></Gather>", "may not stand in <Gather>"),
    ("a transfer within a question", f"<Gather {GATHER}><Dial>{NUMBER}</Dial></Gather>", "may not stand in <Gather>"),
    ("text beside verbs", "hello<Hangup/>", "has a text in it"),
    ("a voice that is not Twilio's", '<Say voice="Google.ur-IN-Wavenet-A" language="ur-IN">x</Say>', "voice"),
    ("a voice with another language", '<Say voice="Polly.Joanna-Neural" language="es-US">x</Say>', "voice"),
    ("no voice", "<Say>x</Say>", "voice"),
    ("nothing to say", '<Say voice="Polly.Joanna-Neural" language="en-US"></Say>', ""),
    ("too much to say", f'<Say voice="Polly.Joanna-Neural" language="en-US">{"x" * 3001}</Say>', "3001 characters"),
    ("a play of nothing", "<Play></Play>", "names no sound"),
    ("a question without an address", "<Gather/>", "asks its own address"),
    ("a question by speech alone", f'<Gather input="speech" {GATHER}/>', "hears no keys"),
    (
        "a language no model hears",
        f'<Gather input="dtmf speech" language="ht-HT" {GATHER}/>',
        'does not hear "ht-HT"',
    ),
    (
        "a language this model does not hear",
        f'<Gather input="dtmf speech" language="bn-BD" speechModel="phone_call" speechTimeout="2" {GATHER}/>',
        'does not hear "bn-BD"',
    ),
    (
        "a model that waits by itself",
        f'<Gather input="dtmf speech" language="en-US" speechModel="phone_call" speechTimeout="auto" {GATHER}/>',
        "speechTimeout in seconds",
    ),
    ("hints without speech", f'<Gather input="dtmf" hints="one" {GATHER}/>', "without speech"),
    ("a hint too long", f'<Gather input="dtmf speech" language="en-US" hints="{"x" * 101}" {GATHER}/>', "too long"),
    ("too many hints", f'<Gather input="dtmf speech" language="en-US" hints="{",".join("x" * 501)}" {GATHER}/>', "501"),
    ("the caller's number shown", f'<Dial action="/t" method="POST">{NUMBER}</Dial>', "shows the caller's number"),
    ("a transfer without an end", f'<Dial callerId="+15005550010">{NUMBER}</Dial>', "does not say how it ended"),
    (
        "a recorded transfer",
        f'<Dial record="record-from-answer" callerId="+15005550010" action="/t">{NUMBER}</Dial>',
        "record",
    ),
    ("nobody dialled", '<Dial callerId="+15005550010" action="/t"></Dial>', "numbers"),
    ("no number", '<Dial callerId="+15005550010" action="/t"><Number>911</Number></Dial>', "is no number"),
    ("words after a hang-up", f"<Hangup/>{SAY}", "never reached"),
    ("words after a transfer", f'<Dial callerId="+15005550010" action="/t">{NUMBER}</Dial>{SAY}', "never reached"),
    ("too long a document", f"{SAY * 1100}", str(MAX_BYTES)),
]


def document(verbs: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'.encode()


@pytest.mark.parametrize("verbs", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_twilio_takes(verbs: str) -> None:
    assert faults(document(verbs), "application/xml; charset=utf-8") == []


@pytest.mark.parametrize(("verbs", "told"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_twilio_does_not_take(verbs: str, told: str) -> None:
    found = faults(document(verbs), "application/xml")
    assert found
    assert any(told in fault for fault in found), found


def test_other_media_and_roots() -> None:
    assert faults(document(SAY), "text/plain")
    assert faults(b"<Message/>", "text/xml")
    assert faults(b"", "text/xml")


def test_a_whisper_may_not_dial() -> None:
    assert faults(document(f'<Dial callerId="+15005550010" action="/t">{NUMBER}</Dial>'), "text/xml", whisper=True)
    assert not faults(document(f"{SAY}<Hangup/>"), "text/xml", whisper=True)
