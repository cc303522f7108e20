"""From rows to numbers: effects of tricks, combinations, history, importance, a study's summary.

Pure functions of trials and their epoch reports; plain frozen values come out, each with the number
of trials behind it. Nothing here draws, reads a database or loads a heavy library on import.
Values are as recorded (accuracies in [0, 1]); effects are in the unit that people read (points,
hundredths, of accuracy).
"""
