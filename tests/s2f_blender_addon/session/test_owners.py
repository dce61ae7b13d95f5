"""The owners of what goes on, each by itself: requests that run together, one aside, what is kept and what is said."""

import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def hello(addon):
    return str(Path(addon.__file__).parent / "model_server/sample/hello.wav")


@pytest.fixture
def request_of(load):
    """``request_of(path, …)`` is what Bake asks for."""
    return lambda *fields: load("core.messages").Infer(0, load("core.request").Request(*fields))


@pytest.fixture
def failures():
    """Sentence and report of whatever could not be done."""
    return []


@pytest.fixture
def jobs(blender, load, failures):
    """Jobs of one's own on the session's way to the model."""
    owner = load("session.jobs").Jobs(load("session").current.link, lambda *failure: failures.append(failure))
    yield owner
    owner.cancel()


def wait(poll, seconds=60.0):
    limit = time.monotonic() + seconds
    while not poll():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_several_requests_run_one_after_another_and_are_handed_over_once(jobs, failures, request_of, hello):
    written, fractions = [], []
    moods = ({"happy": 1.0}, {}, {"sad": 1.0})
    jobs.start([request_of(hello, mood) for mood in moods], written.append)
    while not jobs.poll():
        fractions.append(jobs.running.fraction if jobs.running else 1.0)
        time.sleep(0.002)
    (done,) = written
    assert [dict(job.track.provenance.emotion) for job in done] == list(moods)
    assert fractions == sorted(fractions) and min(fractions) < 1 / 3 and max(fractions) > 2 / 3


def test_one_that_fails_ends_them_all_and_nothing_is_handed_over(jobs, failures, request_of, hello):
    written = []
    jobs.start([request_of(hello), request_of(hello + ".gone"), request_of(hello)], written.append)
    wait(jobs.poll)
    assert not written and not jobs.busy and len(failures) == 1
    assert "hello.wav.gone" in failures[0][0]


def test_nothing_is_begun_beside_what_the_user_waits_for(jobs, failures, request_of, hello, load):
    jobs.start([request_of(hello)], print)
    with pytest.raises(load("core.errors").UserError, match="running"):
        jobs.start([request_of(hello)], print)
    aside = []
    jobs.aside(request_of(hello), aside.append)
    jobs.cancel()
    wait(lambda: jobs.poll() and load("session").current.link.poll())
    assert not aside and not failures


def test_what_nobody_waits_for_gives_way_and_fails_in_silence(jobs, failures, request_of, hello, load):
    load("session").current.link.ready()
    aside, written = [], []
    jobs.aside(request_of(hello, {"sad": 1.0}), aside.append)
    assert not jobs.busy and jobs.running is None
    jobs.poll()
    jobs.start([request_of(hello)], written.append)
    wait(jobs.poll)
    assert written and not aside
    jobs.aside(request_of(hello + ".gone"), aside.append)
    wait(jobs.poll)
    assert not aside and not failures
    jobs.aside(request_of(hello), aside.append)
    wait(jobs.poll)
    assert aside[0].track is not None


def test_the_memory_keeps_the_last_tracks_and_says_when_one_is_gone(load):
    made = load("session.made")
    memory = made.Memory()
    with pytest.raises(load("core.errors").UserError, match="press Bake"):
        memory.recall()
    where = made.Destination("Scene", "Face", 1, "", "hello")
    tokens = [memory.keep(made.Made(number, where)) for number in range(20)]
    assert memory.recall().track == memory.recall(tokens[-1]).track == 19
    assert memory.recall(tokens[12]).track == 12
    with pytest.raises(load("core.errors").UserError):
        memory.recall(tokens[11])


def test_a_failure_stays_until_its_operator_succeeds_or_something_new_begins(blender, load, face):
    shown = load("session").current.shown
    blender.context.scene.s2f.target = face()
    with pytest.raises(RuntimeError, match="no saved emotion"):
        blender.ops.s2f.emotion_delete(name="Nobody's")
    assert "no saved emotion" in shown.outcome.error
    blender.ops.s2f.go_to(frame=7.0)
    assert "no saved emotion" in shown.outcome.error, "another operator's success does not hide it"
    blender.ops.s2f.clip_add()
    assert shown.outcome.error
    own = load("emotion.own")
    path = own.save("Test Mood", {"jawOpen": 0.5})
    blender.ops.s2f.emotion_delete(name="Test Mood")
    assert not path.exists() and shown.outcome.error == ""


def test_what_a_bake_said_belongs_to_its_line_and_a_failure_to_whatever_is_shown(load):
    shown, report = load("session.shown").Shown(), load("bake").BakeReport
    first, second = (report((), (), keys, 1.0, 9.0, (), (), ()) for keys in (7, 8))
    shown.bake("one", first, "The sound was short.", "1 of 2 words found")
    shown.read({"happy": 0.9})
    shown.bake("two", second, "", "")
    shown.tell("The sliders have keys.")
    assert (shown.of("two").baked, shown.of("two").assumed, shown.of("two").reads) == (second, "", {})
    one = shown.of("one")
    assert (one.baked, one.assumed, one.heard) == (first, "The sound was short.", "1 of 2 words found")
    assert one.reads == {"happy": 0.9}
    assert shown.of("").baked is None and shown.of("never baked").baked is None
    shown.forget_words("one")
    assert shown.of("one").heard == "" and shown.of("one").baked == first
    shown.fail("It went wrong.")
    for line in ("one", "two", "", "never baked"):
        assert (shown.of(line).error, shown.of(line).notice) == ("It went wrong.", "The sliders have keys.")


def test_a_fresh_session_remembers_nothing(blender, load, hello, request_of):
    session = load("session")
    session.current.shown.fail("Nothing works.")
    session.current.jobs.start([request_of(hello)], print)
    old = session.current
    session.fresh()
    assert session.current is not old and not old.jobs.busy and old.link.connection is None
    assert session.current.shown.outcome.error == "" and session.current.memory.empty and session.poll()
