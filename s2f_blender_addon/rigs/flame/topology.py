"""FLAME's mesh by numbers of its vertices: where the landmarks of a face are on it, and its eyeballs.

Numbers alone: nothing of the model is here. Landmarks are named as in ``carry.landmarks``.
"""

VERTICES = 5023

EYEBALLS = range(3931, 5023)
"""Both eyeballs, the left one first."""

LEFT_EYEBALL, RIGHT_EYEBALL = slice(3931, 4477), slice(4477, 5023)

LANDMARKS = {
    "forehead": 3505, "nose_bridge": 3553, "nose_tip": 3564, "nose_base": 3507,
    "upper_lip_top": 3543, "upper_lip": 3531, "lower_lip": 3506, "lower_lip_bottom": 3511,
    "chin_fold": 3502, "chin": 3401, "jaw_bottom": 3399, "throat": 3461,
    "mouth_corner_left": 1579, "mouth_corner_right": 2714,
    "upper_lip_side_left": 1670, "upper_lip_side_right": 2787,
    "lower_lip_side_left": 1804, "lower_lip_side_right": 2907,
    "eye_outer_left": 1175, "eye_outer_right": 2437, "eye_inner_left": 3833, "eye_inner_right": 3632,
    "eye_upper_left": 3855, "eye_upper_right": 3689, "eye_lower_left": 882, "eye_lower_right": 2294,
    "brow_inner_left": 3851, "brow_inner_right": 3684, "brow_middle_left": 2134, "brow_middle_right": 3153,
    "brow_outer_left": 2138, "brow_outer_right": 3157, "nostril_left": 1608, "nostril_right": 2744,
    "cheek_left": 2080, "cheek_right": 3115, "jaw_angle_left": 784, "jaw_angle_right": 2251,
    "temple_left": 731, "temple_right": 2213,
}  # fmt: skip
