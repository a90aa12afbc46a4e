"""Allocation: who holds a case, and what a change of risk or tier asks for."""
