"""Compare autotrick's costs with those of the alternatives in one run.

`python -m benchmarks [NAME ...] [--json FILE] [--quick]`. Each benchmark is a module with `run(quick)
-> list[Row]`. Other processes may use the machine, so ratios are more reliable than seconds. `claims`
is different: it retests published claims.
"""
