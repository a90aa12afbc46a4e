"""The condition language: text -> typed expression -> meaning.

`parse` turns a text into a checked tree, `lift` brings the tree into the form that every engine
runs, `interpret` says what it means (slowly and plainly), and `words` reads it aloud.
"""
