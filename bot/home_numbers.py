"""Which numbers are from here: texts to the others cost many times more, and some networks pay who makes us send them.

A sender with such a number may be a resident all the same; so there is a budget for all of them together, not a wall.
"""

from __future__ import annotations

from collections.abc import Collection

# Of the numbers under +1 (the North American Numbering Plan): other countries' area codes, and the premium one.
# Those of Puerto Rico, Guam and the other territories are at home. Source: NANPA, area codes in service, 2026.
_NOT_HOME = {
    *("1242", "1246", "1264", "1268", "1284", "1345", "1441", "1473", "1649", "1658", "1664", "1721", "1758"),
    *("1767", "1784", "1809", "1829", "1849", "1868", "1869", "1876", "1900"),
}


def is_abroad(number: str, home: Collection[str]) -> bool:
    """Whether `number` (as +12125550100) begins with none of the `home` prefixes. What has no + is a short code.

    >>> [is_abroad(number, ("+1",)) for number in ("+12125550100", "+18765550100", "+447700900000", "12345")]
    [False, True, True, False]
    """
    if not number.startswith("+"):
        return False
    if number[1:5] in _NOT_HOME and not any(len(prefix) > 2 and number.startswith(prefix) for prefix in home):
        return True
    return not number.startswith(tuple(home))
