"""Numbers become words as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.speech.words.numbers import cardinal, ordinal, spoken


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("3", "three"), ("0", "zero"), ("21", "twenty one"), ("100", "one hundred"), ("215", "two hundred fifteen"),
        ("215", "two hundred and fifteen"), ("1,250", "one thousand two hundred fifty"), ("100", "a hundred"),
        ("1000000", "one million"), ("21st", "twenty first"), ("2nd", "second"), ("12th", "twelfth"),
        ("20th", "twentieth"), ("1999", "nineteen ninety nine"), ("1905", "nineteen oh five"),
        ("1900", "nineteen hundred"), ("2005", "two thousand five"), ("2024", "twenty twenty four"),
        ("2024", "two thousand twenty four"), ("1990s", "nineteen nineties"), ("'90s", "nineties"),
        ("3.5", "three point five"), ("0.75", "zero point seven five"), (".5", "point five"), ("-5", "minus five"),
        ("007", "oh oh seven"), ("911", "nine one one"), ("$5", "five dollars"), ("$1", "one dollar"),
        ("$5.50", "five dollars and fifty cents"), ("£2.01", "two pounds and one penny"),
        ("$3m", "three million dollars"), ("7:30", "seven thirty"), ("10:05", "ten oh five"),
        ("12:00", "twelve o'clock"), ("50%", "fifty percent"), ("5kg", "five kilograms"), ("1/2", "one half"),
        ("3-5", "three to five"), ("555-0199", "five five five zero one nine nine"),
    ],
)  # fmt: skip
def test_a_token_is_said_so(token: str, said: str):
    assert said in spoken(token)


def test_the_usual_way_comes_first():
    assert spoken("1999")[0] == "nineteen ninety nine"
    assert spoken("$20")[0] == "twenty dollars"


@pytest.mark.parametrize("token", ["mp3", "hello", "", "5foo", "$", "21xyz"])
def test_what_is_no_number_is_none(token: str):
    assert spoken(token) == []


@given(st.integers(0, 10**15 - 1))
def test_a_cardinal_can_be_counted_back(number: int):
    ones = {cardinal(n): n for n in range(20)}
    tens = {cardinal(n): n for n in range(20, 100, 10)}
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    total = part = 0
    for word in cardinal(number).split():
        if word == "hundred":
            part *= 100
        elif word in scales:
            total, part = total + part * scales[word], 0
        else:
            part += ones.get(word, 0) + tens.get(word, 0)
    assert total + part == number


@given(st.integers(0, 10**6))
def test_an_ordinal_ends_as_one(number: int):
    assert ordinal(number).endswith(("first", "second", "third", "th"))


@given(st.text(alphabet="0123456789.,:/-+$£€%°'sthndkm ", max_size=24))
def test_any_jumble_is_words_or_nothing(token: str):
    for way in spoken(token):
        assert way and not any(c.isdigit() for c in way)
