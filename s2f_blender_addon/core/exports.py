"""What a baked character becomes for other programs, by its ending; ``s2f_blender_addon.export`` writes it."""

ENDINGS = (".glb", ".vrm", ".fbx", ".usd", ".usdc", ".usda", ".abc", ".npy")
