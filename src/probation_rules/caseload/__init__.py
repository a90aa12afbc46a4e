"""The answers about a file: one model, which text, CSV, HTML, JSON and a workbook show.

A file becomes the model (`model`) case by case (`by_case`) or, if it is large, as one table
(`by_table`). `text`, `csv_rows`, `html`, `json_document` and `workbook` show the model. `layout`
describes how an area lists its cases, and `question` what was asked.
"""
