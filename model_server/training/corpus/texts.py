"""What the synthetic voices read: English sentences of our own and pseudo-words in the script of each language.

Made-up words teach sounds rather than vocabulary; p, b and m are more frequent than in life, because they are what
an eye checks first.
"""

from dataclasses import dataclass
from random import Random

_SUBJECTS = """my brother|the baker|a small boy|her mother|the president|nobody|everyone|the old man|our team|
the company|a tall woman|the purple bird|Bob|Emma|Peter|the people of this town|somebody|a famous painter|the cat|
the problem|this book|that black horse|the moon|a warm summer evening|the chef|your neighbour|the child|
the whole family|a group of students|the captain"""
_VERBS = """bought|painted|moved|wanted to see|remembered|could not believe|brought back|kept|jumped over|admired|
put away|broke|looked at|came up with|made|found|stopped|showed us|believed in|climbed|used to love|prepared|
thought about|read about|left behind|washed|followed|opened|compared|improved"""
_OBJECTS = """a big map|the broken lamp|some apple pie|many pumpkins|the bubble bath|an empty box|two pairs of boots|
my best pajamas|a cup of tea|the wrong number|every single window|a rubber ball|the public library|pepper and salt|
a simple method|the river bank|three yellow balloons|his job|a thousand questions|the very first page|fresh fish|
something beautiful|the voice of reason|a good reason|the old wooden boat|those five puppies|the computer|
the biggest mountain|a cheap umbrella|some more time"""
_ENDINGS = """in the middle of the night|by the pool|on Monday morning|with a smile|for a couple of months|at home|
before lunch|because it was raining|without any help|as soon as possible|during the summer|again and again|
but nobody cared|and then went to bed|from the top of the hill|after the game|under the bridge|in spite of the weather|
just in time|when the phone rang||||"""
_REMARKS = """Maybe.|Please come back.|What a pity!|I hope so.|That is impossible.|Why not?|Thank you very much.|
Give me a break.|Keep it simple.|We shall see.|Stop it, please!|How about you?|Oh, really?|Never mind.|
You must be joking.|
I am not sure about that.|Look out!|Of course we do.|Who would have thought?|Good morning, everybody."""
_WORDS = """able about above accept bed bell bib blame blue bomb both bowl brave bump cabin camp cap chamber chip club
comb cup damp deep dream drop dump farm film five flame foam frame game gap gum happen harbour help hip hobby home hope
hub jam job jump keep lab lamb lamp limb lip lump map member mob mom moth mouth mumble name number opera pain paper park
pebble pen pimple pipe plum pop proper pump rib ripe robe rope rub ship shop simple sip slam soap spoon stamp stump sum
super swim table tape temper thumb tomb top trip tube type upper vapour web whip womb zip fever valve oval fluffy thief
weather either think three wash wish measure judge church yellow you wool queen quick sing long ring finger actor cool
shoe food moon wood good could law saw caught boy toy noise house now loud cow fire hire player here there tour"""


def _words(text: str) -> list[str]:
    return text.replace("\n", "").split("|")


def english(random: Random) -> str:
    """One to three English sentences or a list of words."""
    kind = random.random()
    if kind < 0.25:
        return ", ".join(random.sample(_WORDS.split(), random.randint(3, 9))) + "."
    if kind < 0.35:
        return " ".join(random.sample(_words(_REMARKS), random.randint(1, 3)))
    parts = (random.choice(_words(choices)) for choices in (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS))
    sentence = " ".join(" ".join(parts).split())
    if random.random() < 0.3:
        sentence += random.choice([", and ", ", but ", "; "]) + " ".join(random.sample(_WORDS.split(), 3))
    return sentence[0].upper() + sentence[1:] + random.choice("..?!")


@dataclass(frozen=True)
class Syllables:
    """Letters to build syllables from: onsets, nuclei and codas, each separated by blanks."""

    onsets: str
    nuclei: str
    codas: str
    joiner: str = ""


_EVERY = "p b m p b m f v t d n s z k g l r h"
_CODAS = " m n p b s l r t k"
# fmt: off
SCRIPTS: dict[str, Syllables] = {
    "roman": Syllables(f"{_EVERY} w y ch sh th tr pl br bl st sp gr ", "a e i o u", f"{_CODAS} ng"),
    "french": Syllables(f"{_EVERY} c j ch gn tr pl br ", "a é i o u ou eu an on in ai oi è",
                        " r l s t que le me pe be"),
    "german": Syllables(f"{_EVERY} w j sch st pf br kl ", "a e i o u ä ö ü ei au eu ie", f"{_CODAS} ng ch"),
    "nordic": Syllables(f"{_EVERY} j sj st br kl ", "a e i o u y ä ö å ø", f"{_CODAS} ng"),
    "slavic": Syllables(f"{_EVERY} j č š ž c st br kr ", "a e i o u y", _CODAS),
    "pinyin": Syllables("b p m f b p m d t n l g k h j q x zh ch sh r z c s",
                     "a1 a2 a3 a4 i1 i4 u3 u4 ai4 ei2 ao3 ou4 an1 en2 ang4 eng1 ong2", "", " "),
    "kana": Syllables("か き く け こ さ し す せ そ た ち つ て と な に ぬ ね の は ひ ふ へ ほ ま み む め も "
                   "ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ ま み む め も や ゆ よ ら り る れ ろ わ", " ん い う ー", ""),
    "hangul": Syllables("바 비 부 보 마 미 무 모 파 피 푸 포 가 기 구 고 나 니 누 노 다 디 두 도 사 시 수 소 "
                     "자 지 주 하 히 후 호 라 리 루 로 아 이 우 어 여 에 빠 뽀 밤 밥 입 놈", " ", ""),
    "devanagari": Syllables("प ब म प ब म भ फ त द न स क ग ल र ह व च ज श ट ड थ", "ा ि ी ु ू े ै ो ौ ं ा", " म न र ल ट"),
    "bengali": Syllables("প ব ম প ব ম ভ ফ ত দ ন স ক গ ল র হ চ জ", "া ি ী ু ূ ে ো া", " ম ন র ল"),
    "tamil": Syllables("ப ம ப ம த ந ச க ல ர வ ய ட", "ா ி ீ ு ூ ெ ே ொ ோ", " ம் ன் ல் ர்"),
    "arabic": Syllables("ب م ب م ف ت د ن س ك ل ر ه و ي ج ش ث ذ خ ح ع غ ق ص ط ز", "َ ِ ُ ا ي و", " م ن ر ل ب"),
    "persian": Syllables("پ ب م پ ب م ف ت د ن س ک گ ل ر ه و ی ج ش چ خ ق ز", "ا ی و َ ِ ُ", " م ن ر ل ب پ"),
    "cyrillic": Syllables("п б м п б м ф в т д н с з к г л р х ж ш ч ц й ст бр", "а е и о у я ю э",
                          " м н п б с л р т к"),
    "greek": Syllables("π μπ μ π μπ μ φ β τ δ ν σ ζ κ γ λ ρ χ θ ξ ψ", "α ε ι ο ου α", " ν ς ρ μ"),
}
# fmt: on

LANGUAGES: dict[str, str] = {
    "de": "german", "fr": "french", "es": "roman", "es-419": "roman", "it": "roman", "pt": "roman", "pt-br": "roman",
    "nl": "roman", "pl": "roman", "cs": "slavic", "sv": "nordic", "da": "nordic", "nb": "nordic", "fi": "roman",
    "hu": "roman", "tr": "roman", "ro": "roman", "id": "roman", "ms": "roman", "vi": "roman", "hr": "slavic",
    "sk": "slavic", "sw": "roman", "af": "german", "ca": "roman", "et": "nordic", "lv": "roman", "lt": "roman",
    "cmn-latn-pinyin": "pinyin", "ja": "kana", "ko": "hangul", "hi": "devanagari", "mr": "devanagari",
    "bn": "bengali", "ta": "tamil", "ar": "arabic", "fa": "persian", "ru": "cyrillic",
    "bg": "cyrillic", "el": "greek", "en-us": "roman", "en-gb": "roman",
}  # fmt: skip
"""espeak-ng voices and the script of their pseudo-words."""


def pseudo(random: Random, script: str, words: int = 8) -> str:
    """A sentence of ``words`` made-up words."""
    letters = SCRIPTS[script]

    def word() -> str:
        syllables = [
            random.choice(letters.onsets.split(" "))
            + random.choice(letters.nuclei.split(" "))
            + (random.choice(letters.codas.split(" ")) if random.random() < 0.35 else "")
            for _ in range(random.choice([1, 2, 2, 3]))
        ]
        return letters.joiner.join(syllables)

    return " ".join(word() for _ in range(words)) + random.choice("..?!")
