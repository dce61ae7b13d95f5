"""How people name the keys of a face: a mesh with the names of each family is matched, and moves what it should."""

import re

import pytest

pytestmark = pytest.mark.one_blender

ARKIT = (
    "eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft eyeBlinkRight "
    "eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight jawForward jawLeft "
    "jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight mouthSmileLeft mouthSmileRight "
    "mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft mouthStretchRight "
    "mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthPressLeft mouthPressRight mouthLowerDownLeft "
    "mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight browDownLeft browDownRight browInnerUp browOuterUpLeft "
    "browOuterUpRight cheekPuff cheekSquintLeft cheekSquintRight noseSneerLeft noseSneerRight tongueOut"
).split()


def snake(name):
    return "_".join(word.capitalize() for word in re.findall("[A-Z]?[a-z]+", name))


def with_sides(name, left, right):
    return re.sub("Right$", right, re.sub("Left$", left, name))


def in_front(name):
    side = re.search("(Left|Right)$", name)
    return f"{side[0][0]}_{name[: side.start()]}" if side else name


WRITINGS = {
    "as Apple writes them": lambda i, n: n,
    "capital first": lambda i, n: n[0].upper() + n[1:],
    "small letters": lambda i, n: n.lower(),
    "capitals and underscores": lambda i, n: snake(n).upper(),
    "spaces": lambda i, n: snake(n).replace("_", " "),
    "_L and _R": lambda i, n: with_sides(n, "_L", "_R"),
    ".L and .R": lambda i, n: with_sides(n, ".L", ".R"),
    "_l and _r": lambda i, n: with_sides(n, "_l", "_r"),
    "_left and _right": lambda i, n: with_sides(n, "_left", "_right"),
    "side in front": lambda i, n: in_front(n),
    "Head_ in front": lambda i, n: f"Head_{n}",
    "blendShape1. in front": lambda i, n: f"blendShape1.{n}",
    "BS_ in front": lambda i, n: f"BS_{n}",
    "CTRL_ in front": lambda i, n: f"CTRL_{n}",
    "a name of their own in front": lambda i, n: f"AliceV2_{n}",
    "a name behind": lambda i, n: f"{n}_ncl1_1",
    "Rocketbox": lambda i, n: f"AK_{i:02d}_{n[0].upper()}{n[1:]}",
    "ActorCore": lambda i, n: f"A{i:02d}_{snake(n)}",
    "duplicated by Blender": lambda i, n: f"{n}.001",
}


@pytest.fixture
def match(load, addon):
    return load("core.naming.match").match


@pytest.mark.parametrize("writing", WRITINGS)
def test_the_52_in_any_writing_drive_one_key_each(match, writing):
    keys = [WRITINGS[writing](i, name) for i, name in enumerate(ARKIT, 1)]
    assert {(e.key, e.source, e.weight) for e in match(keys).active} == set(zip(keys, ARKIT, [1.0] * 52, strict=True))


CHARACTER_CREATOR = (
    "Brow_Raise_Inner_L Brow_Raise_Inner_R Brow_Raise_Outer_L Brow_Raise_Outer_R Brow_Drop_L Brow_Drop_R Eye_Blink_L "
    "Eye_Blink_R Eye_Squint_L Eye_Squint_R Eye_Wide_L Eye_Wide_R Eye_L_Look_L Eye_R_Look_L Eye_L_Look_R Eye_R_Look_R "
    "Eye_L_Look_Up Eye_R_Look_Up Eye_L_Look_Down Eye_R_Look_Down Nose_Sneer_L Nose_Sneer_R Cheek_Raise_L Cheek_Raise_R "
    "Cheek_Puff_L Cheek_Puff_R Mouth_Smile_L Mouth_Smile_R Mouth_Frown_L Mouth_Frown_R Mouth_Stretch_L Mouth_Stretch_R "
    "Mouth_Dimple_L Mouth_Dimple_R Mouth_Press_L Mouth_Press_R Mouth_Pucker_Up_L Mouth_Pucker_Up_R Mouth_Pucker_Down_L "
    "Mouth_Pucker_Down_R Mouth_Funnel_Up_L Mouth_Funnel_Up_R Mouth_Funnel_Down_L Mouth_Funnel_Down_R "
    "Mouth_Roll_In_Upper_L Mouth_Roll_In_Upper_R Mouth_Roll_In_Lower_L Mouth_Roll_In_Lower_R Mouth_Shrug_Upper "
    "Mouth_Shrug_Lower Mouth_L Mouth_R Mouth_Up_Upper_L Mouth_Up_Upper_R Mouth_Down_Lower_L Mouth_Down_Lower_R "
    "Mouth_Close Jaw_Open Jaw_Forward Jaw_L Jaw_R Tongue_Out"
).split()
METAHUMAN = [
    f"CTRL_expressions_{name}"
    for name in (
        "browDownL browDownR browRaiseInL browRaiseInR browRaiseOuterL browRaiseOuterR eyeBlinkL eyeBlinkR eyeWidenL "
        "eyeWidenR eyeSquintInnerL eyeSquintInnerR eyeCheekRaiseL eyeCheekRaiseR eyeLookUpL eyeLookUpR eyeLookDownL "
        "eyeLookDownR eyeLookLeftL eyeLookLeftR eyeLookRightL eyeLookRightR noseWrinkleL noseWrinkleR mouthCheekBlowL "
        "mouthCheekBlowR mouthLeft mouthRight mouthUpperLipRaiseL mouthUpperLipRaiseR mouthLowerLipDepressL "
        "mouthLowerLipDepressR mouthCornerPullL mouthCornerPullR mouthStretchL mouthStretchR mouthDimpleL mouthDimpleR "
        "mouthCornerDepressL mouthCornerDepressR mouthPressUL mouthPressUR mouthPressDL mouthPressDR mouthLipsPurseUL "
        "mouthLipsPurseUR mouthLipsPurseDL mouthLipsPurseDR mouthFunnelUL mouthFunnelUR mouthFunnelDL mouthFunnelDR "
        "mouthLipsTogetherUL mouthLipsTogetherUR mouthLipsTogetherDL mouthLipsTogetherDR mouthUpperLipRollInL "
        "mouthUpperLipRollInR mouthLowerLipRollInL mouthLowerLipRollInR mouthLipsPushUL mouthLipsPushUR jawOpen "
        "jawLeft jawRight jawFwd jawChinRaiseDL jawChinRaiseDR tongueOut"
    ).split()
]
UNIFIED = (
    "EyeClosedLeft EyeClosedRight EyeLookUpLeft EyeLookUpRight EyeLookDownLeft EyeLookDownRight EyeLookInLeft "
    "EyeLookInRight EyeLookOutLeft EyeLookOutRight EyeSquintLeft EyeSquintRight EyeWideLeft EyeWideRight BrowPinchLeft "
    "BrowPinchRight BrowLowererLeft BrowLowererRight BrowInnerUpLeft BrowInnerUpRight BrowOuterUpLeft BrowOuterUpRight "
    "CheekSquintLeft CheekSquintRight CheekPuffLeft CheekPuffRight JawOpen JawLeft JawRight JawForward MouthClosed "
    "LipSuckUpperLeft LipSuckUpperRight LipSuckLowerLeft LipSuckLowerRight LipFunnelUpperLeft LipFunnelUpperRight "
    "LipFunnelLowerLeft LipFunnelLowerRight LipPuckerUpperLeft LipPuckerUpperRight LipPuckerLowerLeft "
    "LipPuckerLowerRight MouthUpperUpLeft MouthUpperUpRight NoseSneerLeft NoseSneerRight MouthLowerDownLeft "
    "MouthLowerDownRight MouthUpperLeft MouthUpperRight MouthLowerLeft MouthLowerRight MouthCornerPullLeft "
    "MouthCornerPullRight MouthFrownLeft MouthFrownRight MouthStretchLeft MouthStretchRight MouthDimpleLeft "
    "MouthDimpleRight MouthRaiserUpper MouthRaiserLower MouthPressLeft MouthPressRight TongueOut"
).split()


@pytest.mark.parametrize("keys", [CHARACTER_CREATOR, METAHUMAN, UNIFIED], ids=["CC4", "MetaHuman", "Unified"])
def test_families_with_every_channel_show_all_52(match, keys):
    keymap = match(keys)
    assert set(ARKIT) == keymap.channels()
    assert {entry.key for entry in keymap.active} == set(keys), "and no key is left still"


@pytest.mark.parametrize(
    ("keys", "follows"),
    [
        (CHARACTER_CREATOR, {"Eye_L_Look_L": "eyeLookOutLeft", "Mouth_L": "mouthLeft"}),
        (METAHUMAN, {METAHUMAN[20]: "eyeLookInLeft", "CTRL_expressions_mouthPressDR": "mouthPressRight"}),
        (UNIFIED, {"BrowPinchLeft": "browDownLeft", "MouthUpperLeft": "mouthLeft", "EyeClosedRight": "eyeBlinkRight"}),
        (
            "Eye_Left_Blink Eye_Left_Left Eye_Right_Left Eye_Right_squeeze Jaw_Open Mouth_Pout Mouth_Sad_Left "
            "Mouth_Upper_UpRight Mouth_Lower_Inside Cheek_Puff_Left Tongue_LongStep1".split(),
            {
                "Eye_Left_Blink": "eyeBlinkLeft", "Eye_Left_Left": "eyeLookOutLeft", "Eye_Right_Left": "eyeLookInRight",
                "Eye_Right_squeeze": "eyeSquintRight", "Mouth_Pout": "mouthPucker", "Mouth_Sad_Left": "mouthFrownLeft",
                "Mouth_Upper_UpRight": "mouthUpperUpRight", "Mouth_Lower_Inside": "mouthRollLower",
                "Cheek_Puff_Left": "cheekPuff", "Tongue_LongStep1": "tongueOut",
            },
        ),
        (
            "AU_01_InnerBrowRaiser AU_09_NoseWrinkler AU_12_LipCornerPuller AU_26_JawDrop AU_18_LipPuckerer".split(),
            {"AU_01_InnerBrowRaiser": "browInnerUp", "AU_26_JawDrop": "jawOpen", "AU_18_LipPuckerer": "mouthPucker"},
        ),
        (
            "open_jaw stretch_l_cornerlip close_t_r_eyelid raise_l_i_eyebrow squeeze_r_eyebrow puff_l_cheek".split(),
            {
                "open_jaw": "jawOpen", "stretch_l_cornerlip": "mouthStretchLeft", "close_t_r_eyelid": "eyeBlinkRight",
                "raise_l_i_eyebrow": "browInnerUp", "squeeze_r_eyebrow": "browDownRight",
            },
        ),
        (
            ["あ", "い", "う", "ウィンク", "ウィンク右", "困る"],
            {"ウィンク": "eyeBlinkLeft", "ウィンク右": "eyeBlinkRight", "困る": "browInnerUp"},
        ),
        (
            "JawDrop LipsTogether Funneler Pucker LeftLipCornerDown ChinRaiserUpperLip LeftEyeClosed".split(),
            {
                "LipsTogether": "mouthClose", "Funneler": "mouthFunnel", "Pucker": "mouthPucker",
                "LeftLipCornerDown": "mouthFrownLeft", "ChinRaiserUpperLip": "mouthShrugUpper",
                "LeftEyeClosed": "eyeBlinkLeft",
            },
        ),
        (
            "JawDrop EyesLookLeft_L EyesLookLeft_R EyesLookRight_L EyesLookRight_R LipCornerPuller_L".split(),
            {
                "EyesLookLeft_L": "eyeLookOutLeft", "EyesLookLeft_R": "eyeLookInRight",
                "EyesLookRight_L": "eyeLookInLeft", "EyesLookRight_R": "eyeLookOutRight",
            },
        ),
        (
            ["あ", "い", "う", "まばたき", "ウィンク", "ウィンク右", "ウィンク２", "ｳｨﾝｸ２右"],
            {"ウィンク２": "eyeBlinkLeft", "ｳｨﾝｸ２右": "eyeBlinkRight", "ウィンク": None, "まばたき": None},
        ),
    ],
    ids=[
        "CC4", "MetaHuman", "Unified", "SRanipal", "FACS", "MPEG-4", "MMD", "Roblox", "headsets' eyes", "MMD's blinks",
    ],
)  # fmt: skip
def test_names_of_a_family_mean_what_the_family_means(match, keys, follows):
    found = {entry.key: entry.source for entry in match(keys).active}
    assert {key: found.get(key) for key in follows} == follows


def test_lips_that_roll_out_are_no_part_of_lips_that_roll_in(match):
    rolls = [f"Mouth_Roll_{way}_{lip}_{side}" for way in ("In", "Out") for lip in ("Upper", "Lower") for side in "LR"]
    keymap = match([*CHARACTER_CREATOR, *rolls[4:]])
    shown = {entry.key for entry in keymap.active if entry.source.startswith("mouthRoll")}
    assert shown == set(rolls[:4])


def test_an_l_among_letters_is_an_l_and_beside_an_r_a_side(match):
    letters = [f"Mouth_{name}" for name in ("AI", "E", "O", "U", "WQ", "MBP", "FV", "L", "etc", "rest")]
    assert sources(match(letters), "Mouth_L") == {"visemes:preston_blair/L"}
    assert sources(match([*letters, "Mouth_R"]), "Mouth_L") == {"mouthLeft"}


def sources(keymap, key):
    return {entry.source for entry in keymap.active if entry.key == key}


def test_an_eye_that_smiles_shut_blinks_only_where_nothing_else_does(match):
    both = match(["あ", "い", "う", "まばたき", "ウィンク", "ウィンク右", "笑い"])
    assert sources(both, "まばたき") == {"eyeBlinkLeft", "eyeBlinkRight"}
    assert not sources(both, "ウィンク") and not sources(both, "笑い")


@pytest.mark.parametrize(
    ("both", "one"), [("まばたき", "ウィンク２"), ("eyeBlink", "eyeBlinkLeft"), ("Smile", "Smile_R")]
)
def test_a_key_for_both_sides_is_not_lost_to_a_key_for_one(match, both, one):
    keymap = match([both, one, "jawOpen"])
    shown = sources(keymap, both)
    assert len(shown) == 2 and not sources(keymap, one), "else one eye would stay open"
    told = [entry.reason for entry in keymap.entries if entry.key == one]
    assert both in told[0]


OCULUS = "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()
SHAPES = {
    "Ready Player Me": ([f"viseme_{name}" for name in OCULUS], "oculus", 14),
    "VRChat": ([f"vrc.v_{n}" for n in "sil pp ff th dd kk ch ss nn rr aa e ih oh ou".split()], "oculus", 14),
    "Rocketbox": ([f"AA_VI_{i:02d}_{name}" for i, name in enumerate(OCULUS)], "oculus", 14),
    "VRoid": ([f"Face.M_F00_000_00_Fcl_MTH_{name}" for name in "AIUEO"], "vowels", 5),
    "VRM 1": ("aa ih ou ee oh".split(), "vowels", 5),
    "VRM 0": (list("AIUEO"), "vowels", 5),
    "MMD": (list("あいうえおん"), "vowels", 6),
    "Rhubarb": (list("ABCDEFGHX"), "rhubarb", 8),
    "Rhubarb, prefixed": ([f"mouth_{name}" for name in "ABCDEFGHX"], "rhubarb", 8),
    "Preston Blair": ("AI E O U MBP FV L WQ etc rest".split(), "preston_blair", 9),
    "Character Creator": (
        [f"V_{name}" for name in "Open Explosive Dental_Lip Tight_O Tight Wide Affricate Lip_Open".split()],
        "character_creator", 8,
    ),
    "SAPI": ("p_b_m_21 f_v_18 s_z_15 w_uw_07 aa_02 ao_03 y_iy_ih_ix_06".split(), "sapi", 7),
}  # fmt: skip


@pytest.mark.parametrize("family", SHAPES)
def test_mouth_shapes_are_recognised_as_a_set(match, family):
    keys, name, count = SHAPES[family]
    sources = [entry.source for entry in match(keys).active]
    assert len(sources) == len(set(sources)) == count
    assert all(source.startswith(f"visemes:{name}/") for source in sources)


def test_a_single_letter_alone_means_nothing(match):
    assert not match(["A", "X", "Hat"]).active


class TestNearMisses:
    """Never a silent wrong guess."""

    def test_one_key_for_both_sides_follows_their_mean(self, match):
        assert {(e.source, e.weight) for e in match(["mouthSmile"]).active} == {
            ("mouthSmileLeft", 0.5),
            ("mouthSmileRight", 0.5),
        }

    @pytest.mark.parametrize(("key", "channel"), [("eyesClosed", "eyeBlinkLeft"), ("mouthOpen", "jawOpen")])
    def test_common_names_are_taken_with_a_lower_score(self, match, key, channel):
        entry = next(e for e in match([key]).active if e.source == channel)
        assert entry.score < 0.95

    def test_a_misspelt_name_is_a_guess_and_says_so(self, match):
        (entry,) = match(["mouthPuckr"]).active
        assert (entry.source, entry.family) == ("mouthPucker", "guess")
        assert "a guess" in entry.reason
        assert entry.score <= 0.8

    @pytest.mark.parametrize(
        "key",
        [
            "jawOpen_mouthClose",
            "mouthClose_50",
            "eyeBlinkLeft_corrective",
            "Hat_wiggle",
            "smile_big",
            "L",
            "Key 1",
            "喜",
        ],
    )
    def test_correctives_in_betweens_and_others_are_left_alone(self, match, key):
        assert not match([key]).active

    def test_the_exact_name_wins_and_the_rest_is_not_needed(self, match):
        keymap = match(["mouthOpen", "jawOpen", "eyesClosed", "eyeBlinkLeft", "eyeBlinkRight"])
        assert {e.key for e in keymap.active} == {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}
        assert all("not needed" in e.reason for e in keymap.entries if not e.on)

    def test_both_halves_of_a_split_key_move(self, match):
        entries = match(["browInnerUp_L", "browInnerUp_R", "jawOpen"]).active
        assert [(e.key, e.source, e.weight) for e in entries if e.key != "jawOpen"] == [
            ("browInnerUp_L", "browInnerUp", 1.0),
            ("browInnerUp_R", "browInnerUp", 1.0),
        ]


def test_every_name_in_the_tables_stands_for_a_channel(load, addon):
    """The tables are data: a slip of the pen must not wait for a user."""
    assert len(load("core.naming.families")._aliases()) > 150
    for name, shapes in load("core.naming.mouth_shapes")._sets().items():
        assert set(shapes["names"]) == set(shapes["poses"]), name
