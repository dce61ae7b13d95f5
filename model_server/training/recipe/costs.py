"""What the steps of the recipe cost: seconds of one processor that multiplies bfloat16, as they were measured.

Only their proportions matter: the pace of a run is measured while it runs (see ``steps``).
"""

SYNTHESIS = 42.0
"""An hour of synthetic speech."""
NEURAL = 3600.0
"""An hour of a neural synthesiser's speech; a guess, for want of one to measure."""
WORDS = 0.6
"""A recording's words, by Whisper."""
ALIGNED, SPOILT, HEARD, TOLD = 0.5, 0.25, 0.4, 0.14
"""A recording: aligned; through another throat and room; heard by the teacher; heard with its words for the last
round."""
ALIGNER_STEP = 1.0
TEACHER_STEP = 3.6
STUDENT_STEPS = (2.7, 2.6, 2.7)
MIXED_STEP = 1.8
"""A step of a fitting; the student's and the teacher's from its whole rounds, on two processors."""
MEASURED = 80.0
"""A finished network on the development parts."""
