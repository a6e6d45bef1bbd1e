"""The two things that every request meets and the control API sets."""
from .chaos import Chaos
from .recorder import Recorder

CHAOS = Chaos()
RECORDER = Recorder()
