"""From numbers to figures, and to one HTML file that needs no network. The home of plotly.

Each figure is a function from the numbers of `autotrick.analysis` to a `go.Figure`; the dashboard
calls the same functions. `page.write` makes the file.
"""
