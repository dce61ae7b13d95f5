"""Recordings whose phones nobody has timed: a network that was taught before finds out when each is said."""
