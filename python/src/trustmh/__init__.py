"""How far a language model can be trusted with someone's mental health, from Python."""

from __future__ import annotations

from ._program import call, program, version
from .errors import TrustMHError

__all__ = ["TrustMHError", "call", "program", "version"]
