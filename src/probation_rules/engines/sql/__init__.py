"""The `sql` engine: the rules of an area on a day become one SELECT.

`statement` puts it together: `input` gives its first parts, from tables to facts and counts (with
`computed`, facts of a closed list), `expressions` writes conditions, and `nodes` is what SQL is made of.
"""
