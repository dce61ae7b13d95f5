"""The client of the model process: how it starts, what is said to it, and how a recording gets there.

Nothing here imports bpy except ``blender_sound``, which asks Blender to decode what the model process cannot.
"""
