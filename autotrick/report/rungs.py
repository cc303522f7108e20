"""How well the order of trials at an early epoch predicts their order at a later one."""

import plotly.graph_objects as go

from autotrick.analysis.rungs import Agreement, RungFindings
from autotrick.report.theme import BLUE, FAINT, GREY, figure, whiskers


def rungs_figure(data: RungFindings) -> go.Figure:
    """Draw the rank correlation of each rung with the last epoch, and of rungs with one another."""
    last = data.epochs[-1]
    shown = [row for row in data.agreements if row.rho is not None]
    made = figure(height=130 + 30 * max(len(shown), 3))
    for name, colour, rows in (
        ("with the last epoch", BLUE, [row for row in shown if row.late == last]),
        ("with a later rung", GREY, [row for row in shown if row.late != last]),
    ):
        if rows:
            made.add_trace(_points(rows, name, colour))
    made.update_xaxes(title_text="Rank correlation (1: same order)", range=[-1.02, 1.02])
    made.update_yaxes(
        categoryorder="array", categoryarray=[_label(row) for row in shown][::-1], showgrid=False
    )
    made.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    return made


def _points(rows: list[Agreement], name: str, colour: str) -> go.Scatter:
    rho = [row.rho or 0.0 for row in rows]
    ends = [(row.low or 0.0, row.high or 0.0) for row in rows]
    return go.Scatter(
        x=rho,
        y=[_label(row) for row in rows],
        mode="markers",
        marker={"color": colour, "size": 11},
        name=name,
        error_x=whiskers(rho, ends),
        customdata=[[*e, row.num] for e, row in zip(ends, rows, strict=True)],
        hovertemplate=(
            "%{y}: %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f}), "
            "%{customdata[2]} trials<extra></extra>"
        ),
    )


def _label(row: Agreement) -> str:
    return f"epoch {row.early} and {row.late}"
