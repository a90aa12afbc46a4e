"""The condition language, in passes; each module is named for its pass.

    text -> parse -> typed tree -> lower -> core tree -> specialise -> what is left of it on a day
                         |                      |                               |
                      english               interpret                       engine sql
                                    engines python, durable; proofs

* `parse` checks a text, and gives every part its type: `calls` knows the functions, `scope` the names,
  `units` the units and `ranges` the least and most that a number can be.
* `lower` removes what engines need not know: figures that go by a date, choices inside comparisons,
  years.
* `specialise` works out what is known on one day, whatever the case.
* `english` reads a condition aloud, as it was written.
* `interpret` defines what a core tree means. `diagram` finds which unknowns can change an answer,
  `intervals` computes with numbers of which only the least and the most are known, and `dates`
  counts months as the law does.

`tree` holds the nodes of both trees.
"""
