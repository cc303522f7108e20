"""Designed experiments over a space: what varies, which recipes to compare, and least squares.

`factors` turns the tricks of a space into factors with levels. `screening` builds balanced designs
over them. `precision` says how sharp the effects of a design will be. `covariates` and `matrix` turn
recipes into the columns of a regression, which effects, importance, interactions, forecasts and
proposals share; `regression` fits it. Nothing here knows of databases, Ray or Optuna.
"""
