"""What both processes share: channel names, the FaceTrack, its formats and the wire.

Imports the standard library and numpy alone, so Blender and the model process can both use it.
"""
