"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
for (const [id, figure] of Object.entries(figures)) {
  Plotly.newPlot(id, figure.data, figure.layout, figure.config);
}
for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.of).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.of));
      button.textContent = "selected: press Ctrl+C";
    }
  });
}
const plots = () => document.querySelectorAll(".plot");
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const plot of plots()) Plotly.relayout(plot, { width: 680 });
});
addEventListener("afterprint", () => {
  for (const plot of plots()) Plotly.relayout(plot, { width: null, autosize: true });
});
