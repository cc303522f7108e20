"""Web pages that show studies while they run: all studies, a study, its trials, a trial. The home of dash.

Modules import each other relatively: a wheel carries this package as `autotrick.dashboards`.
"""
