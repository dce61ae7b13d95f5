"""The engine over HTTP, for a studio's GPU machine and for other programs: FastAPI on uvicorn.

A job is made (``POST /v1/jobs``), gets its sound (``PUT …/sound``), tells how far it is (``GET …/events``, server-sent
events) and hands over its track once (``GET …/track``); ``DELETE`` ends it at any time. Every request bears the token.

Blender sends the frames of its pipe instead (``POST /v1/requests``) and gets one back (``GET …/answer``), so that
whatever a message can say goes either way.
"""
