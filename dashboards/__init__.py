"""Pages that show studies while they run: studies, one study, its trials, one trial. The home of dash.

Modules import each other relatively: a wheel carries this package as `autotrick.dashboards`.
"""
