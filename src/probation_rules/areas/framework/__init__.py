"""The Prioritisation Framework: what a unit may reduce or pause, and on whose authority."""
