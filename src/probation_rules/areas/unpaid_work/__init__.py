"""Unpaid work: hours, reviews, pace, and the twelve months in which the work is to be done."""
