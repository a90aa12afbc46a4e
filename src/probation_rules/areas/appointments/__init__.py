"""Appointments: the first ones of a sentence, home visits, contact after Reset, young adults."""
