"""From rows to numbers: effects of tricks, combinations, history, importance, a study's summary.

Pure functions of trials and their epoch reports; plain frozen values come out, each with the number
of trials behind it. Nothing here draws, reads a database or loads a heavy library on import.
Accuracies are in [0, 1]; effects are in points (hundredths of accuracy).
"""
