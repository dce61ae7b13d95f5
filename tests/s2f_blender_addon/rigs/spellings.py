"""Whole key lists of characters as their tools write them, and which key must show which channel."""

import re

from .test_families import ARKIT, CHARACTER_CREATOR, METAHUMAN, UNIFIED


def _pairs(stems, left="L", right="R"):
    return [f"{stem}{side}" for stem in stems.split() for side in (left, right)]


FACEGOOD = (
    "brow_lower_l tongue_Scale_X tongue_Scale__X tongue_Scale_Y tongue_Scale__Y tongue_Scale_Z tongue_Scale__Z "
    "nose_out_l nose_out_r tongue_u tongue_u_u cheek_suck_r brow_raise_d mouth_stretch_u tongue_u_d tooth_d_d tongue_d "
    "tooth_r tooth_d_u cheek_UP eye_blink1_l eye_blink1_r eye_blink2_l eye_blink2_r eye_lidTight_l eye_lidTight_r "
    "eye_shutTight_l eye_shutTight_r brow_lower_r eye_upperLidRaise_l eye_upperLidRaise_r eye_downLidRaise_l "
    "eye_downLidRaise_r jaw_sideways_l jaw_sideways_r jaw_thrust_c mouth_chew_c mouth_chinRaise_d mouth_chinRaise_u "
    "brow_raise_c mouth_dimple_l mouth_dimple_r mouth_funnel_dl mouth_funnel_dr mouth_funnel_ul mouth_funnel_ur "
    "mouth_lipCornerDepressFix_l mouth_lipCornerDepressFix_r mouth_lipCornerDepress_l mouth_lipCornerDepress_r "
    "brow_raise_l mouth_lipCornerPullOpen_l mouth_lipCornerPullOpen_r mouth_lipCornerPull_l mouth_lipCornerPull_r "
    "mouth_lipStretchOpen_l mouth_lipStretchOpen_r mouth_lipStretch_l mouth_lipStretch_r mouth_lowerLipDepress_l "
    "mouth_lowerLipDepress_r brow_raise_r mouth_lowerLipProtrude_c mouth_oh_c mouth_oo_c mouth_pressFix_c "
    "mouth_press_l mouth_press_r mouth_pucker_l mouth_pucker_r mouth_screamFix_c mouth_sideways_l cheek_puff_l "
    "mouth_sideways_r mouth_stretch_c mouth_suck_dl mouth_suck_dr mouth_suck_ul mouth_suck_ur mouth_upperLipRaise_l "
    "mouth_upperLipRaise_r nose_wrinkle_l nose_wrinkle_r cheek_puff_r tooth_l eye_lookDown1_l eye_lookDown2_l "
    "eye_lookLeft_l eye_lookRight_l eye_lookUp_l eye_lookDown1_r eye_lookDown2_r eye_lookLeft_r cheek_raise_l "
    "eye_lookRight_r eye_lookUp_r tongue_Rot_1X tongue_Rot__1X tongue_Rot_2X tongue_Rot__2X tongue_Rot_3X "
    "tongue_Rot__3X tongue_Rot_1Y tongue_Rot__1Y cheek_raise_r tongue_Rot_2Y tongue_Rot__2Y tongue_Rot_3Y "
    "tongue_Rot__3Y tongue_Rot_1Z tongue_Rot__1Z tongue_Rot_2Z tongue_Rot__2Z tongue_Rot_3Z tongue_Rot__3Z cheek_suck_l"
).split()
"""All 116 of FACEGOOD-Audio2Face."""

CHARACTER_CREATOR_3 = (
    _pairs("Brow_Raise_Inner_ Brow_Raise_Outer_ Brow_Drop_ Eye_Blink_ Eye_Wide_ Eye_Squint_ Nose_Scrunch_ Cheek_Raise_")
    + _pairs("Mouth_Smile_ Mouth_Frown_ Mouth_Dimple_ Mouth_Snarl_Upper_ Mouth_Snarl_Lower_")
    + "Eyes_Blink Nose_Scrunch Cheeks_Suck Mouth_Widen Mouth_Pucker Mouth_Top_Lip_Up Mouth_Bottom_Lip_Down "
    "Mouth_Top_Lip_Under Mouth_Bottom_Lip_Under Mouth_Lips_Part Mouth_Plosive Mouth_Blow Mouth_Pucker_Open Open".split()
)
VROID = [
    f"Face.M_F00_000_00_Fcl_{name}"
    for name in (
        "ALL_Neutral ALL_Angry ALL_Fun ALL_Joy ALL_Sorrow ALL_Surprised BRW_Angry BRW_Fun BRW_Joy BRW_Sorrow "
        "BRW_Surprised EYE_Natural EYE_Angry EYE_Close EYE_Close_R EYE_Close_L EYE_Fun EYE_Joy EYE_Joy_R EYE_Joy_L "
        "EYE_Sorrow EYE_Surprised EYE_Spread EYE_Iris_Hide EYE_Highlight_Hide MTH_Close MTH_Up MTH_Down MTH_Angry "
        "MTH_Small MTH_Large MTH_Neutral MTH_Fun MTH_Joy MTH_Sorrow MTH_Surprised MTH_SkinFung MTH_SkinFung_R "
        "MTH_SkinFung_L MTH_A MTH_I MTH_U MTH_E MTH_O HA_Hide HA_Fung1 HA_Fung1_Low HA_Fung1_Up HA_Short"
    ).split()
]
VRM_0 = "Neutral A I U E O Blink Joy Angry Sorrow Fun LookUp LookDown LookLeft LookRight Blink_L Blink_R".split()
VRM_1 = (
    "happy angry sad relaxed surprised aa ih ou ee oh blink blinkLeft blinkRight lookUp lookDown lookLeft lookRight "
    "neutral"
).split()
PERFECT_SYNC = [*VRM_0, *(name[0].upper() + name[1:] for name in ARKIT)]
READY_PLAYER_ME = [
    *(f"viseme_{name}" for name in "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()), *ARKIT,
    "mouthOpen", "mouthSmile", "eyesClosed", "eyesLookUp", "eyesLookDown",
]  # fmt: skip
ROCKETBOX = [
    *(f"AK_{i:02d}_{name[0].upper()}{name[1:]}" for i, name in enumerate(ARKIT, 1)),
    *(f"AU_{n}" for n in ("01_InnerBrowRaiser", "12_LipCornerPuller", "26_JawDrop")),
    *(f"AA_VI_{i:02d}_{n}" for i, n in enumerate("Sil PP FF TH DD KK CH SS nn RR aa E I O U".split())),
]
ACTOR_CORE = [f"A{i:02d}_" + "_".join(re.findall("[A-Z]?[a-z]+", n)).title() for i, n in enumerate(ARKIT, 1)]
SRANIPAL = (
    "Eye_Left_Blink Eye_Left_Wide Eye_Left_Right Eye_Left_Left Eye_Left_Up Eye_Left_Down Eye_Right_Blink "
    "Eye_Right_Wide Eye_Right_Right Eye_Right_Left Eye_Right_Up Eye_Right_Down Eye_Left_squeeze Eye_Right_squeeze "
    "Jaw_Right Jaw_Left Jaw_Forward Jaw_Open Mouth_Ape_Shape Mouth_Upper_Right Mouth_Upper_Left Mouth_Lower_Right "
    "Mouth_Lower_Left Mouth_Upper_Overturn Mouth_Lower_Overturn Mouth_Pout Mouth_Smile_Right Mouth_Smile_Left "
    "Mouth_Sad_Right Mouth_Sad_Left Cheek_Puff_Right Cheek_Puff_Left Cheek_Suck Mouth_Upper_UpRight "
    "Mouth_Upper_UpLeft Mouth_Lower_DownRight Mouth_Lower_DownLeft Mouth_Upper_Inside Mouth_Lower_Inside "
    "Mouth_Lower_Overlay Tongue_LongStep1 Tongue_LongStep2 Tongue_Down Tongue_Up Tongue_Right Tongue_Left Tongue_Roll"
).split()
MMD = "まばたき 笑い ウィンク ウィンク右 びっくり じと目 真面目 困る にこり 怒り 上 下 あ い う え お ん 口角上げ 口角下げ 口横広げ ぺろっ 頬膨らみ".split()  # noqa: E501
MPEG_4 = (
    "open_jaw lower_t_midlip raise_b_midlip stretch_l_cornerlip stretch_r_cornerlip thrust_jaw push_b_lip push_t_lip "
    "close_t_l_eyelid close_t_r_eyelid raise_l_i_eyebrow raise_r_i_eyebrow raise_l_o_eyebrow raise_r_o_eyebrow "
    "squeeze_l_eyebrow squeeze_r_eyebrow puff_l_cheek puff_r_cheek lift_l_cheek lift_r_cheek thrust_tongue_tip "
    "raise_l_cornerlip raise_r_cornerlip"
).split()
FACEIT = [
    *ARKIT,
    *"aa_ah_ax_01 aa_02 ao_03 ey_eh_uh_04 er_05 y_iy_ih_ix_06 w_uw_07 ow_08 aw_09 oy_10 ay_11 h_12 r_13 l_14 s_z_15 "
    "sh_ch_jh_zh_16 th_dh_17 f_v_18 d_t_n_19 k_g_ng_20 p_b_m_21".split(),
]  # fmt: skip
OCULUS = [f"viseme_{name}" for name in "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()]
RHUBARB = list("ABCDEFGHX")

EVERY = {n: n for n in ARKIT}
"""All 52, each by the key of its own name."""

MB_LAB = [f"Expressions_{name}" for name in """
    browOutVertL_max browOutVertL_min browOutVertR_max browSqueezeL_max browSqueezeL_min browsMidVert_max
    browsMidVert_min cheekSneerL_max cheekSneerR_max chestExpansion_max deglutition_max eyeClosedL_max
    eyeClosedL_min eyeClosedPressureL_max eyeClosedR_max eyeClosedR_min eyeSquintL_max eyeSquintR_max eyesHoriz_max
    eyesVert_max jawHoriz_max jawHoriz_min jawOut_max jawOut_min mouthBite_max mouthChew_max mouthClosed_max
    mouthClosed_min mouthHoriz_max mouthHoriz_min mouthInflated_max mouthLowerOut_max mouthOpenAggr_max
    mouthOpenHalf_max mouthOpenLarge_max mouthOpenO_max mouthOpenTeethClosed_max mouthOpen_max mouthOpen_min
    mouthSmileL_max mouthSmileOpen_max mouthSmileR_max mouthSmile_max nostrilsExpansion_max pupilsDilatation_max
    tongueHoriz_max tongueOutPressure_max tongueOut_max tongueTipUp_max tongueVert_max browSqueezeR_max
    eyesHoriz_min eyesVert_min mouthLowerOut_min mouthInflated_min mouthOpenLarge_min mouthOpenO_min mouthSmile_min
    browOutVertR_min
""".split()]

CHARACTERS = {
    "ARKit": (ARKIT, 52, EVERY),
    "FACEGOOD": (FACEGOOD, 51, {
        "jawOpen": "mouth_stretch_c", "jawLeft": "jaw_sideways_l", "mouthRight": "mouth_sideways_r",
        "mouthSmileLeft": "mouth_lipCornerPull_l", "mouthFrownRight": "mouth_lipCornerDepress_r",
        "mouthFunnel": "mouth_funnel_dl", "mouthPucker": "mouth_pucker_l", "mouthRollUpper": "mouth_suck_ur",
        "mouthShrugLower": "mouth_chinRaise_d", "browInnerUp": "brow_raise_c", "browOuterUpLeft": "brow_raise_l",
        "eyeBlinkLeft": "eye_blink2_l", "eyeLookOutLeft": "eye_lookLeft_l", "eyeLookInRight": "eye_lookLeft_r",
        "noseSneerRight": "nose_wrinkle_r", "cheekSquintLeft": "cheek_raise_l", "eyeWideLeft": "eye_upperLidRaise_l",
    }),
    "Character Creator 3": (CHARACTER_CREATOR_3, 30, {
        "mouthSmileLeft": "Mouth_Smile_L", "mouthUpperUpRight": "Mouth_Snarl_Upper_R", "jawOpen": "Open",
        "mouthRollLower": "Mouth_Bottom_Lip_Under", "noseSneerLeft": "Nose_Scrunch_L", "browDownRight": "Brow_Drop_R",
    }),
    "Character Creator 4": (CHARACTER_CREATOR, 52, {"jawOpen": "Jaw_Open", "mouthFunnel": "Mouth_Funnel_Up_L"}),
    "ActorCore": (ACTOR_CORE, 52, {"jawOpen": "A18_Jaw_Open", "mouthSmileLeft": "A24_Mouth_Smile_Left"}),
    "MetaHuman": (METAHUMAN, 52, {"mouthSmileLeft": "CTRL_expressions_mouthCornerPullL"}),
    "VRM 0": (VRM_0, 19, {"eyeBlinkLeft": "Blink_L"}),
    "VRM 1": (VRM_1, 19, {"eyeBlinkRight": "blinkRight"}),
    "VRM with Perfect Sync": (PERFECT_SYNC, 52, {"jawOpen": "JawOpen", "eyeBlinkLeft": "EyeBlinkLeft"}),
    "VRoid": (VROID, 18, {"eyeBlinkLeft": "Face.M_F00_000_00_Fcl_EYE_Close_L"}),
    "Ready Player Me": (READY_PLAYER_ME, 52, EVERY),
    "Rocketbox": (ROCKETBOX, 52, {"jawOpen": "AK_18_JawOpen"}),
    "Faceit": (FACEIT, 52, EVERY),
    "SRanipal": (SRANIPAL, 33, {
        "eyeLookOutLeft": "Eye_Left_Left", "eyeLookInRight": "Eye_Right_Left", "mouthFrownLeft": "Mouth_Sad_Left",
        "mouthUpperUpRight": "Mouth_Upper_UpRight", "jawOpen": "Jaw_Open", "mouthLeft": "Mouth_Upper_Left",
    }),
    "Unified Expressions": (UNIFIED, 52, {"eyeBlinkLeft": "EyeClosedLeft", "mouthSmileRight": "MouthCornerPullRight"}),
    "MMD": (MMD, 20, {"tongueOut": "ぺろっ"}),
    "MB-Lab": (MB_LAB, 30, {
        "jawOpen": "Expressions_mouthOpen_max", "mouthFunnel": "Expressions_mouthOpenO_max",
        "mouthPucker": "Expressions_mouthOpenLarge_min", "eyeWideLeft": "Expressions_eyeClosedL_min",
        "browDownRight": "Expressions_browOutVertR_min", "jawRight": "Expressions_jawHoriz_min",
    }),
    "MPEG-4": (MPEG_4, 18, {"jawOpen": "open_jaw", "eyeBlinkRight": "close_t_r_eyelid", "mouthFunnel": "push_t_lip"}),
    "Oculus visemes": (OCULUS, 15, {}),
    "Rhubarb": (RHUBARB, 15, {}),
}  # fmt: skip
"""family -> (its keys, how many of the 52 channels they show at least, channel -> a key that shows it)."""
