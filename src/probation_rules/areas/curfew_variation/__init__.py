"""Curfew variation: may the officer vary an electronically monitored curfew, and what comes next."""
