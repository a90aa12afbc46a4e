"""The condition language, in passes; each module is named for its pass.

    text -> parse -> typed tree -> lower -> core tree -> specialise -> core tree for one day
                         |                      |                               |
                      english               interpret                       engine sql
                                    engines python, durable; proofs

* `parse` checks a text and gives each part a type. `calls` defines the functions, `scope` the names,
  `units` the units, and `ranges` the lowest and highest value of a number.
* `lower` rewrites what engines do not support: dated figures, choices inside comparisons, years.
* `specialise` computes everything that depends only on the day, not on the case.
* `english` writes a condition in plain English, as the rules file gives it.
* `interpret` defines the meaning of a core tree. `diagram` finds the unknowns that can change an
  answer. `intervals` computes with numbers known only by their bounds. `dates` counts months as the
  law does.

`tree` defines the nodes of both trees.
"""
