"""Figures from numbers, and a report as one self-contained HTML file. The home of plotly.

Each figure is a function from the numbers of `autotrick.analysis` to a `go.Figure`; the dashboard
calls the same functions. `page.write` makes the file.
"""
