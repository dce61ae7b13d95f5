"""Words as people have them: every form gives its words and their times, and a form that is not known is refused."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.transcript import Transcript, from_bytes, from_text

TIMES = (("Hello", 0.3, 0.75), ("my", 1.2, 1.4), ("name", 1.4, 1.65), ("is", 1.65, 1.8), ("Poppy", 1.8, 2.35))
CUES = tuple(Cue(*one) for one in TIMES)


def words(key: str = "word", start: str = "start", end: str = "end", **more: object) -> list[dict[str, object]]:
    return [{key: word, start: a, end: b, **more} for word, a, b in TIMES]


LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
""" + "".join(
    f"""    item [{n}]:
        class = "IntervalTier"
        name = "{name}"
        xmin = 0
        xmax = 2.5
        intervals: size = {len(rows)}
""" + "".join(
        f"        intervals [{i}]:\n            xmin = {a}\n            xmax = {b}\n            text = \"{text}\"\n"
        for i, (text, a, b) in enumerate(rows, 1)
    )
    for n, (name, rows) in enumerate(
        [
            ("phones", [("HH", 0.3, 0.4), ("sil", 0.4, 2.5)]),
            ("ann - words", [("", 0.0, 0.3), *TIMES, ("<eps>", 2.35, 2.5)]),
        ]
    )
)  # fmt: skip
SHORT = '"ooTextFile"\n"TextGrid"\n0\n2.5\n<exists>\n1\n"IntervalTier"\n"ORT"\n0\n2.5\n5\n' + "".join(
    f'{a}\n{b}\n"{text}"\n' for text, a, b in TIMES
)
ELAN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT><TIME_ORDER>'
    + "".join(
        f'<TIME_SLOT TIME_SLOT_ID="a{i}" TIME_VALUE="{round(a * 1000)}"/>'
        f'<TIME_SLOT TIME_SLOT_ID="b{i}" TIME_VALUE="{round(b * 1000)}"/>'
        for i, (_, a, b) in enumerate(TIMES)
    )
    + '</TIME_ORDER><TIER TIER_ID="Words">'
    + "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a{i}" TIME_SLOT_REF2="b{i}"><ANNOTATION_VALUE>{word}'
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        for i, (word, _, _) in enumerate(TIMES)
    )
    + "</TIER></ANNOTATION_DOCUMENT>"
)
SEGMENT = {"id": 0, "start": 0.3, "end": 2.35, "text": " Hello! My name is Poppy."}
FORMS = {
    "Whisper": json.dumps({"text": "…", "language": "en", "segments": [{**SEGMENT, "words": words()}]}),
    "WhisperX": json.dumps({"segments": [{**SEGMENT, "words": words(score=0.9)}], "word_segments": words()}),
    "OpenAI": json.dumps({"task": "transcribe", "duration": 2.5, "words": words(), "segments": [SEGMENT]}),
    "Vosk": json.dumps({"result": words(conf=1.0), "text": "hello my name is poppy"}),
    "Gentle": json.dumps({"transcript": "…", "words": words(case="success", alignedWord="x")}),
    "Deepgram": json.dumps({"results": {"channels": [{"alternatives": [{"transcript": "…", "words": words()}]}]}}),
    "Google": json.dumps({"results": [{"alternatives": [{"transcript": "…", "words": [
        {"word": word, "startTime": f"{a}s", "endTime": f"{b}s"} for word, a, b in TIMES]}]}]}),
    "Amazon": json.dumps({"results": {"items": [
        *({"start_time": str(a), "end_time": str(b), "type": "pronunciation", "alternatives": [{"content": word}]}
          for word, a, b in TIMES), {"type": "punctuation", "alternatives": [{"content": "."}]}]}}),
    "AssemblyAI": json.dumps({"words": [
        {"text": word, "start": round(a * 1000), "end": round(b * 1000)} for word, a, b in TIMES]}),
    "whisper.cpp": json.dumps({"transcription": [
        {"text": f" {word}", "offsets": {"from": round(a * 1000), "to": round(b * 1000)}} for word, a, b in TIMES]}),
    "aeneas": json.dumps({"fragments": [{"begin": str(a), "end": str(b), "lines": [word]} for word, a, b in TIMES]}),
    "a list of words": json.dumps(words()),
    "JSON lines": "\n".join(json.dumps(word) for word in words()),
    "TextGrid": LONG, "short TextGrid": SHORT, "ELAN": ELAN,
    "SRT": "".join(f"{i}\n00:00:0{a:.3f} --> 00:00:0{b:.3f}\n{word}\n\n".replace(".", ",")
                   for i, (word, a, b) in enumerate(TIMES)),
    "WebVTT": "WEBVTT\n\n" + "".join(f"00:0{a:.3f} --> 00:0{b:.3f}\n<v Ann>{word}</v>\n\n" for word, a, b in TIMES),
    "Audacity": "".join(f"{a}\t{b}\t{word}\n" for word, a, b in TIMES),
    "Whisper TSV": "start\tend\ttext\n" + "".join(f"{a * 1000:.0f}\t{b * 1000:.0f}\t{word}\n" for word, a, b in TIMES),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("form", FORMS)
def test_words_and_times_of_every_form_in_every_encoding(form: str, encoding: str) -> None:
    found = from_bytes(FORMS[form].replace("…", "...").encode(encoding), "line")
    assert [cue.text for cue in found.cues] == [cue.text for cue in CUES]
    for cue, wanted in zip(found.cues, CUES, strict=True):
        assert (cue.start, cue.end) == pytest.approx((wanted.start, wanted.end), abs=1e-6)


def test_segments_without_words_are_cues() -> None:
    (cue,) = from_text(json.dumps({"text": "x", "segments": [SEGMENT]}), "a.json").cues
    assert (cue.text, cue.start, cue.end) == ("Hello! My name is Poppy.", 0.3, 2.35)


def test_a_word_that_was_not_aligned_stands_between_its_neighbours() -> None:
    document = {"segments": [{"words": [words()[0], {"word": "21"}, words()[1]]}]}
    assert from_text(json.dumps(document), "a.json").cues[1] == Cue("21", 0.75, 1.2)


def test_dialogue_of_ass_without_tags_comments_and_drawings() -> None:
    text = (
        "[Script Info]\nTitle: x\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not this\n"
        "Dialogue: 0,0:00:00.50,0:00:03.00,Default,,0,0,0,,{\\i1}Hello{\\i0} there,\\Nmy friend\n"
        "Dialogue: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
    )
    assert from_text(text, "line.ass").cues == (Cue("Hello there, my friend", 0.5, 3.0),)


@pytest.mark.parametrize("writing", ["ANNA: {}", "Anna: {}", "[Anna]: {}", "ANNA (angry): {}", "Dr. Who: {}"])
def test_names_of_speakers_are_left_out_and_said(writing: str) -> None:
    text = "\n".join(writing.format(line) for line in ("Hello there.", "Who is it?"))
    found = from_text(text, "scene.txt")
    assert found.cues == (Cue("Hello there.\nWho is it?"),)
    assert "speakers" in found.notes[0]
    cued = "".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i},900\n{line}\n\n" for i, line in enumerate(text.splitlines()))
    assert [cue.text for cue in from_text(cued, "scene.srt").cues] == ["Hello there.", "Who is it?"]


@pytest.mark.parametrize(
    "text", ["He said: hello there.", "Note: this is one line.", "It is 5:30 now.", "Three things\nFirst: look.\nGo."]
)
def test_colons_in_prose_stay(text: str) -> None:
    assert from_text(text, "a.txt").cues == (Cue(text),)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{\\rtf1 Hello}", "rich text"), (b"<!DOCTYPE html><p>Hello", "web page"), (b"<html>Hello", "web page"),
        (b"<?xml version='1.0'?><tt/>", "XML"), (b"%PDF-1.7", "office program"), (b"PK\x03\x04 docx", "office program"),
        (b'{"a": 1}', "without words"), (b'{"words": 3}', "without words"), (b"{broken", "not valid JSON"),
        (b'File type = "ooTextFile"\nclass = "IntervalTier"', "TextGrid|tier"), (bytes(range(256)), "no text"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>', "entities"),
    ],
)  # fmt: skip
def test_a_form_that_is_not_known_is_refused_by_its_name(data: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=f"mine.*({sentence})"):
        from_bytes(data, "mine")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Je suis très déçu, ça marche"), ("latin-1", "Größe und Maß für später"),
        ("cp1250", "Miły ptak poszłąby"),
        ("cp1251", "Привет, меня зовут Анна и я очень рада"), ("koi8-r", "Привет, меня зовут Анна и я очень рада"),
        ("cp866", "Привет, меня зовут Анна и я очень рада"), ("cp1253", "Καλημέρα, με λένε Άννα και είμαι καλά"),
        ("cp1255", "שלום קוראים לי אנה ואני שמחה מאוד היום"), ("cp1256", "مرحبا اسمي آنا وأنا سعيدة جدا اليوم"),
        ("shift_jis", "こんにちは、私の名前はアンナです。とても嬉しい。"),
        ("euc_jp", "こんにちは、私の名前はアンナです。とても嬉しい。"),
        ("gb18030", "你好，我的名字是安娜，我在这里很高兴。"),
        ("big5", "你好，我的名字是安娜，我在這裡很高興。"),
        ("euc_kr", "안녕하세요 제 이름은 안나이고 아주 기쁩니다"),
        ("cp874", "สวัสดีครับ ผมชื่อแอนนาและผมมีความสุขมาก"),
    ],
)  # fmt: skip
def test_letters_from_before_unicode_are_read_and_said(encoding: str, text: str) -> None:
    found = from_bytes(f"1\n00:00:00,500 --> 00:00:07,000\n{text}\n".encode(encoding), "alt.srt")
    assert found.cues == (Cue(text, 0.5, 7.0),)
    assert "UTF-8" in found.notes[0]


@settings(max_examples=150)
@given(st.binary(max_size=200) | st.text('{}[]":,.0123 wordstaren\n\t-><', max_size=120).map(str.encode))
def test_any_bytes_are_words_or_a_sentence(data: bytes) -> None:
    try:
        found = from_bytes(data, "mine")
    except UserError as error:
        assert "mine" in str(error) and "\n" not in str(error)
    else:
        assert all(cue.text for cue in found.cues)


MORE_FORMS = {
    "Whisper of transformers": json.dumps({"text": "x", "chunks": [
        {"text": f" {word}", "timestamp": [a, b]} for word, a, b in TIMES]}),
    "Azure": json.dumps({"NBest": [{"Display": "x", "Words": [
        {"Word": word, "Offset": round(a * 1e7), "Duration": round((b - a) * 1e7)} for word, a, b in TIMES]}]}),
    "Rev": json.dumps({"monologues": [{"speaker": 0, "elements": [
        {"type": "text", "value": word, "ts": a, "end_ts": b} for word, a, b in TIMES]}]}),
    "letters of a synthesis": json.dumps({"alignment": {
        "characters": [c for word, _, _ in TIMES for c in f"{word} "],
        "character_start_times_seconds": [a for word, a, _ in TIMES for _ in f"{word} "],
        "character_end_times_seconds": [b for word, _, b in TIMES for _ in f"{word} "]}}),
    "start and length": json.dumps([{"text": word, "start": a, "duration": b - a} for word, a, b in TIMES]),
    "rows of a list": json.dumps(TIMES),
    "pieces of words": json.dumps({"transcription": [{"text": "x", "tokens": [
        {"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}},
        *({"text": piece, "offsets": {"from": a * 1000, "to": b * 1000}}
          for word, a, b in TIMES for piece in (f" {word[:1]}", word[1:]))]}]}),
    "CTM": "".join(f"line 1 {a:.2f} {b - a:.2f} {word} 0.98\n" for word, a, b in TIMES),
    "STM": "".join(f"line 1 ann {a:.2f} {b:.2f} <o,f0,female> {word}\n" for word, a, b in TIMES),
    "an aligner's CSV": "Begin,End,Label,Type,Speaker\n0.3,0.4,HH,phones,ann\n" + "".join(
        f"{a},{b},{word},words,ann\n" for word, a, b in TIMES),
    "a spreadsheet": "word;start;end\n" + "".join(f"{w};{a};{b}\n".replace(".", ",") for w, a, b in TIMES),
    "Audacity with frequencies": "".join(f"{a}\t{b}\t{word}\n\\\t100\t900\n" for word, a, b in TIMES),
    "SBV": "".join(f"0:00:0{a:.3f},0:00:0{b:.3f}\n{word}\n\n" for word, a, b in TIMES),
    "Whisper's listing": "".join(f"[00:0{a:.3f} --> 00:0{b:.3f}]  {word}\n" for word, a, b in TIMES),
    "SRT without blank lines": "".join(f"{i}\n00:00:0{a:.3f} --> 00:00:0{b:.3f}\n{word}\n"
                                       for i, (word, a, b) in enumerate(TIMES)),
    "SRT with blank lines too many": "".join(f"{i}\n00:00:0{a:.3f} --> 00:00:0{b:.3f}\n\n{word}\n\n"
                                             for i, (word, a, b) in enumerate(TIMES)),
    "SRT that was translated": "".join(f"{i}\n00:00:0{a:.3f} –> 00:00:0{b:.3f}\n{word}\n\n".replace(".", ", ")
                                       for i, (word, a, b) in enumerate(TIMES)),
}  # fmt: skip


@pytest.mark.parametrize("form", MORE_FORMS)
def test_words_and_times_of_rarer_forms(form: str) -> None:
    found = from_text(MORE_FORMS[form], "line").cues
    assert [(cue.text, round(cue.start, 3), round(cue.end, 3)) for cue in found] == [*TIMES]


def test_labels_and_lyrics_without_ends_last_until_the_next() -> None:
    points = "".join(f"{a}\t{a}\t{word}\n" for word, a, _ in TIMES)
    lyrics = "[ti:Hello]\n" + "".join(f"[00:0{a:.2f}]{word}\n" for word, a, _ in TIMES)
    for text in (points, lyrics):
        found = from_text(text, "a.txt").cues
        assert [(cue.text, cue.start) for cue in found] == [(word, a) for word, a, _ in TIMES]
        assert [cue.end for cue in found[:-1]] == [a for _, a, _ in TIMES[1:]]


def test_whole_numbers_are_seconds_where_words_last_no_minute() -> None:
    """A single word of 0.4 s in milliseconds, a sentence of 90 s in seconds."""
    (word,) = from_text(json.dumps([{"text": "Hello", "start": 100, "end": 500}]), "a").cues
    (sentence,) = from_text(json.dumps([{"text": "so many words", "start": 0, "end": 90}]), "a").cues
    assert (word.start, word.end, sentence.end) == (0.1, 0.5, 90)


def test_json_with_a_text_alone_is_that_text() -> None:
    assert from_text(json.dumps({"text": " Hello there."}), "a").cues == (Cue("Hello there."),)


def test_captions_that_roll_up_say_each_line_once() -> None:
    text = (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n \nno<00:00:00.400><c> no</c>\n\n"
        "00:00:02.000 --> 00:00:02.010\nno no\n \n\n"
        "00:00:02.010 --> 00:00:04.000\nno no\nmy<00:00:02.400><c> friend</c>\n"
    )
    assert [cue.text for cue in from_text(text, "a.vtt").cues] == ["no no", "my friend"]
    plain = "1\n00:00:01,000 --> 00:00:02,000\nNo.\n\n2\n00:00:02,000 --> 00:00:03,000\nNo.\n"
    assert [cue.text for cue in from_text(plain, "a.srt").cues] == ["No.", "No."]


def test_tags_in_words_and_written_signs() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n<b>Hel</b>lo<br>you &amp; {\\an8}me\n"
    assert from_text(text, "a.srt").cues == (Cue("Hello you & me", 1.0, 2.0),)


def test_a_time_that_is_none_is_named_and_not_spoken() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:02,000 --> 00:00:0x,000\nthere\n"
    with pytest.raises(UserError, match=r"mine, line 6: “00:00:02,000 --> 00:00:0x,000” is no pair of times"):
        from_text(text, "mine")


@pytest.mark.parametrize(
    ("text", "said", "note"),
    [
        ("(sighs) Hello there. [door slams] Come in!", "Hello there. Come in!", "directions: (sighs), [door slams]"),
        ("Hello.\n(She turns around.)\nCome in.", "Hello.\nCome in.", "directions: (She turns around.)"),
        ("I said (and I meant it) that.", "I said (and I meant it) that.", ""),
        ("Ann  0:00\nHello.\n\nBob  0:02\nHi.", "Hello.\nHi.", "times: Ann  0:00, Bob  0:02"),
        ("(00:00) Hello. (00:02) Hi.", "Hello. Hi.", "times: (00:00), (00:02)"),
        ("See you at 5:30\nor so.", "See you at 5:30\nor so.", ""),
        ("安娜：你好。\n鲍勃：你好吗？", "你好。\n你好吗？", "speakers: 安娜, 鲍勃"),
    ],
)
def test_of_prose_what_nobody_says_is_left_out_and_told(text: str, said: str, note: str) -> None:
    found = from_text(text, "scene.txt")
    assert found.cues == (Cue(said),)
    assert (note in found.notes[0]) if note else found.notes == ()


def test_of_subtitles_too() -> None:
    lines = ("(applause)", "(sighs) Hello", ">> ANN: Hi", "It is (nearly) 10:30")
    text = "".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i},900\n{line}\n\n" for i, line in enumerate(lines))
    found = from_text(text, "scene.srt")
    assert [cue.text for cue in found.cues][:2] == ["Hello", "Hi"]
    assert found.notes == ("Left out as names of speakers: ANN.",
                           "Left out as stage directions: (applause), (sighs), (nearly).")  # fmt: skip


def test_phones_are_no_words() -> None:
    phones = SHORT.replace('"ORT"', '"phones"')
    with pytest.raises(UserError, match="mine has a tier of phones alone"):
        from_text(phones, "mine")


def test_a_language_that_the_file_tells_and_nobody_chose_is_said() -> None:
    found = from_text(json.dumps({"language": "de", "words": words()}), "a.json")
    assert "“de”" in found.notes_in("en")[0]
    assert found.notes_in("de") == found.notes_in("de-AT") == ()


@pytest.mark.parametrize("text", ["こんにちは", "Привет как дела", "مرحبا كيف حالك", "Γειά σου, Anna"])
def test_letters_that_english_does_not_have_are_said(text: str) -> None:
    found = from_text(text, "a.txt")
    assert "not in Latin letters" in found.notes_in("en")[0]
    assert found.notes_in("ja") == ()
    assert from_text("Ça va? 1984!", "a.txt").notes_in("en") == ()


@pytest.mark.parametrize(
    "text",
    [
        "We meet at the station (10:30) and leave (11:45).",
        "The scores are\n10:30, 11:30\nand so on.",
        "Press A.\nLevel 1 --> Level 2",
        "We had a 1 2 punch",
        "Take a 1 2 punch",
        "(a) the first\n(b) the second",
    ],
)
def test_numbers_and_times_in_a_sentence_are_said(text: str) -> None:
    assert from_text(text, "script.txt") == Transcript((Cue(text),))


def test_long_runs_of_blanks_and_words_without_times_take_no_time() -> None:
    started = time.process_time()
    from_text("x" + " " * 40_000 + "x", "script.txt")
    with pytest.raises(UserError):
        from_text(json.dumps({"words": [{"word": "a"}] * 20_000}), "words.json")
    assert time.process_time() - started < 2.0


def test_noise_and_pause_are_words_to_a_recogniser() -> None:
    said = [{"word": word, "start": i, "end": i + 0.5} for i, word in enumerate(("less", "noise", "<eps>", "pause"))]
    assert [cue.text for cue in from_text(json.dumps({"words": said}), "words.json").cues] == ["less", "noise", "pause"]
