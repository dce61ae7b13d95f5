"""The GPU runtime: a Python environment with torch and CUDA, made at the user's wish in a folder that is shared by all
Blenders.

Nothing here imports bpy. What takes time runs in the thread of ``work.Work``; the operators drain its news.

    place        which folder, and whether it will do        probe     what card and driver there are
    own          that it is ours, before anything is deleted
    builds       which build they need                       pylock    the files of a build
    plan         what would be fetched, before consent       download  one file, whole, resumed, hash-checked
    children     other programs, their output and their end  tools     uv, pip and the Python underneath
    environment  the environment itself                      verify    a real inference in it
    state        what is installed                           claim     one installer at a time
    journal      the log and the report                      failures  one sentence for everything known to go wrong
    work         the sequence: install, repair, remove
"""
