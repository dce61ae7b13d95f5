"""English numbers as people say them; where they differ (years, noughts), in each way."""

import re

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINAL = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_MONEY = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen")}
_FRACTION = {"1/2": "one half", "1/4": "one quarter", "3/4": "three quarters", "1/3": "one third", "2/3": "two thirds"}
_UNITS = {
    "%": "percent", "km": "kilometers", "m": "meters", "cm": "centimeters", "mm": "millimeters", "kg": "kilograms",
    "g": "grams", "mg": "milligrams", "l": "liters", "ml": "milliliters", "mph": "miles per hour", "ft": "feet",
    "lb": "pounds", "lbs": "pounds", "oz": "ounces", "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz",
    "gb": "gigabytes", "mb": "megabytes", "kb": "kilobytes", "k": "k", "x": "times", "am": "a m", "pm": "p m",
    "h": "hours", "s": "seconds", "ms": "milliseconds", "min": "minutes", "°": "degrees", "°c": "degrees celsius",
    "°f": "degrees fahrenheit",
}  # fmt: skip
_LONGEST = 15
"""Digits; what is longer is read one by one."""

_WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"


def cardinal(number: int) -> str:
    """0 <= ``number`` in words: 215 is "two hundred fifteen"."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return _joined(number, 100, "hundred")
    value, name = next((value, name) for value, name in _LARGE if number >= value)
    return _joined(number, value, name)


def _joined(number: int, value: int, name: str) -> str:
    rest = number % value
    return f"{cardinal(number // value)} {name}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """21 is "twenty first"."""
    *before, last = cardinal(number).split()
    regular = last.removesuffix("y") + "ie" * last.endswith("y") + "th"
    return " ".join([*before, _ORDINAL.get(last, regular)])


def year(number: int) -> str | None:
    """1100 to 2099 as two numbers ("nineteen ninety nine"); None for what nobody says so."""
    if not 1100 <= number <= 2099 or 2000 <= number <= 2009:
        return None
    high, low = divmod(number, 100)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def digits(text: str, zero: str = "zero") -> str:
    """ "407" is "four zero seven"."""
    return " ".join(zero if d == "0" else _ONES[int(d)] for d in text)


def spoken(token: str) -> list[str]:
    """The ways to say ``token`` if it is made of digits ("3.5", "$20", "1990s", "7:30", "21st"); else none."""
    token = token.lower().lstrip("'")
    if token in _FRACTION:
        return [_FRACTION[token]]
    if found := re.fullmatch(rf"([-+]?)([$£€¥])({_WHOLE})(?:\.([0-9]+))?(k|m|bn)?", token):
        return _money(*found.groups())
    if found := re.fullmatch(r"([0-9]{1,2}):([0-9][0-9])(?::([0-9][0-9]))?", token):
        return _clock(*(int(part) for part in found.groups() if part))
    if found := re.fullmatch(rf"({_WHOLE})(st|nd|rd|th)", token):
        return [ordinal(_int(found[1]))]
    if found := re.fullmatch(r"([0-9]{2}|[0-9]{4})'?s", token):
        return [_plural(way) for way in _whole(found[1])]
    if found := re.fullmatch(rf"([-+−]?)({_WHOLE})?(?:\.([0-9]+))?([a-z°%]*)", token):
        return _plain(*found.groups(default=""))
    if re.fullmatch(r"[0-9.,/:+\-–()]*[0-9][0-9.,/:+\-–()]*", token):  # 3-5, 1/9/2020, 555-0199
        parts = re.findall(r"[0-9]+", token)
        to = " to ".join(cardinal(_int(part)) for part in parts) if len(parts) == 2 else ""
        each = " ".join(_whole(part)[0] for part in parts)
        return list(dict.fromkeys(way for way in (to, each, " ".join(digits(part) for part in parts)) if way))
    return []


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def _whole(text: str) -> list[str]:
    """The ways to say a whole number."""
    plain = text.replace(",", "")
    if len(plain) > _LONGEST:
        return [digits(plain)]
    number = int(plain)
    ways = [digits(plain), digits(plain, "oh")] if plain[0] == "0" and len(plain) > 1 else [cardinal(number)]
    if number >= 100 and plain[0] != "0":
        first, rest = ways[0].split(" ", 1) if " " in ways[0] else (ways[0], "")
        ways.append(re.sub(r"\bhundred (?!million|thousand|billion|trillion)", "hundred and ", f"{first} {rest}"))
        if first == "one":
            ways.append(f"a {rest}")
    if "," not in text:
        as_year = year(number)
        ways = ([as_year] if as_year else []) + ways
        if len(plain) > 2 and plain[0] != "0":
            ways += [digits(plain), digits(plain, "oh")]
    return list(dict.fromkeys(way.strip() for way in ways))


def _plain(sign: str, whole: str, decimals: str, unit: str) -> list[str]:
    if (not whole and not decimals) or (unit and unit not in _UNITS):
        return []
    before = "minus " if sign in "-−" and sign else "plus " if sign else ""
    if decimals:
        amount = cardinal(_int(whole)) if whole else ""
        ways = list(dict.fromkeys(f"{amount} point {digits(decimals, zero)}".strip() for zero in ("zero", "oh")))
    else:
        ways = _whole(whole)
    after = f" {_UNITS[unit]}" if unit else ""
    ways = [f"{before}{way}{after}" for way in ways]
    if after.endswith("s") and whole == "1" and not decimals:
        ways.append(ways[0].removesuffix("s"))
    return ways


def _money(sign: str | None, symbol: str, whole: str, decimals: str | None, scale: str | None) -> list[str]:
    unit, small = _MONEY[symbol]
    before = "minus " if sign == "-" else ""
    amount = cardinal(_int(whole))
    if scale:
        large = {"k": "thousand", "m": "million", "bn": "billion"}[scale]
        point = f" point {digits(decimals)}" if decimals else ""
        return [f"{before}{amount}{point} {large} {unit}s"]
    one = _int(whole) == 1
    plain = unit if one or unit == "yen" else f"{unit}s"
    if not decimals or not int(decimals):
        return list(dict.fromkeys([f"{before}{amount} {plain}", f"{before}{amount} {unit}"]))
    if len(decimals) != 2:
        return [f"{before}{amount} point {digits(decimals)} {plain}"]
    coins = int(decimals)
    change = small if coins == 1 else "pence" if small == "penny" else f"{small}s"
    return [
        f"{before}{amount} {plain} {cardinal(coins)}",
        f"{before}{amount} {plain} and {cardinal(coins)} {change}",
        f"{before}{amount} {cardinal(coins)}",
    ]


def _clock(hour: int, minute: int, second: int | None = None) -> list[str]:
    late = "oh " if 0 < minute < 10 else ""
    said = f"{cardinal(hour)} {late}{cardinal(minute)}" if minute else cardinal(hour)
    ways = [said] if minute else [f"{said} o'clock", said, f"{said} hundred"]
    return ways if second is None else [f"{way} {cardinal(second)}" for way in ways]


def _plural(words: str) -> str:
    """Of a year or a number: "nineteen nineties"."""
    *before, last = words.split()
    ending = "ies" if last.endswith("y") else "es" if last.endswith("x") else "s"
    return " ".join([*before, last.removesuffix("y") + ending if ending == "ies" else last + ending])
