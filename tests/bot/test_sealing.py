"""What is stored is sealed: nothing but the right key at the right place opens it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.sealing import Seals

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
OLD, NEW = "an old secret", "a new secret"


@given(value=values, place=st.text())
def test_what_is_sealed_opens_at_its_place_and_only_there(value: object, place: str) -> None:
    seals = Seals([NEW], b"test")
    sealed = seals.seal(value, place)
    assert seals.open(sealed, place) == value
    assert seals.open(sealed, f"{place} ") is None
    assert Seals([NEW], b"other purpose").open(sealed, place) is None
    assert sealed != seals.seal(value, place)


@given(value=values, damage=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(value: object, damage: int, bit: int) -> None:
    sealed = bytearray(Seals([NEW], b"test").seal(value, "place"))
    sealed[damage % len(sealed)] ^= 1 << bit
    assert Seals([NEW], b"test").open(bytes(sealed), "place") is None


@given(junk=st.binary(max_size=80))
def test_junk_opens_to_nothing(junk: bytes) -> None:
    assert Seals([NEW, OLD], b"test").open(junk, "place") is None


@given(value=values)
def test_a_key_is_replaced_without_losing_what_it_sealed(value: object) -> None:
    sealed = Seals([OLD], b"test").seal(value, "place")
    assert Seals([NEW, OLD], b"test").open(sealed, "place") == value
    assert Seals([NEW], b"test").open(sealed, "place") is None
