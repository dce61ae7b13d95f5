"""A voice before anybody asks what it says or feels: how loud, how bright, how high, and what is ordinary for it."""
