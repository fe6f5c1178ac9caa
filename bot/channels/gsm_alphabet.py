"""The GSM 03.38 alphabet, which decides what an SMS costs, and look-alikes for characters outside it.

Source: 3GPP TS 23.038, section 6.2.1; checked against the tables of the public `gsm0338` package.
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Two septets each: an escape and the character. Never split across parts.
EXTENSION = frozenset("€[]{}\\~^|\f")

# Typographic characters that look the same in plain form. Letters are never replaced: an accent may carry meaning.
LOOK_ALIKES = {
    "\u2018": "'",  # left single quotation mark
    "\u2019": "'",  # right single quotation mark
    "\u201c": '"',  # left double quotation mark
    "\u201d": '"',  # right double quotation mark
    "\u2013": "-",  # en dash
    "\u2014": "-",  # em dash
    "\u2026": "...",  # horizontal ellipsis
    "\u00a0": " ",  # no-break space
    "\u202f": " ",  # narrow no-break space
    "\u2022": "-",  # bullet
    "\t": " ",  # tab
    "`": "'",  # grave accent
    "\u00b4": "'",  # acute accent on its own
}
_TABLE = str.maketrans(LOOK_ALIKES)


def plain_punctuation(text: str) -> str:
    """`text` with typographic punctuation in its plain form; letters stay as they are."""
    return text.translate(_TABLE)


def dear_characters(text: str) -> str:
    """The characters of `text`, each once, that force the alphabet of 67 characters a part."""
    return "".join(sorted({character for character in text if character not in BASIC and character not in EXTENSION}))
