"""What autotrick costs, side by side with what one would use instead, in one run.

`python -m benchmarks [NAME ...] [--json FILE] [--quick]`. Each benchmark is a module with
`run(quick) -> list[Row]`. The machine may be busy with other things: read ratios before seconds.
`claims` is of another kind: it tries published claims anew.
"""
