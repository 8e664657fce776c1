"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  let language = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
  const words = {
    model: ["model", "模型"], id: ["unit", "单元"], n: ["n", "数量"], r2: ["R²", "R²"], nmb: ["mean bias / mean", "平均偏差/均值"], mae: ["mean |error|", "平均绝对误差"],
    nmae: ["mean |error| / mean", "平均绝对误差/均值"], coverage_90: ["inside 90 % interval", "90 % 区间覆盖率"], median_r2: ["median R²", "R² 中位数"],
    share_r2_ge_075: ["units R² ≥ 0.75", "R² ≥ 0.75 的单元"], median_abs_nmb: ["median |bias|", "|偏差| 中位数"], median_nmae: ["median |error| / mean", "相对误差中位数"],
    median_coverage_90: ["median coverage", "覆盖率中位数"], why: ["why", "原因"],
    is_research: ["research: not run by the day", "研究模型：日常清单不运行"],
  };
  const shares = new Set(["nmb", "nmae", "coverage_90", "share_r2_ge_075", "median_abs_nmb", "median_nmae", "median_coverage_90"]);
  const word = (key) => words[key] ? words[key][language === "en" ? 0 : 1] : key.replaceAll("_", " ");
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const shown = (key, value) => {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return escape(typeof value === "object" ? JSON.stringify(value) : value);
    if (shares.has(key)) return `${(100 * value).toFixed(1)} %`;
    return Number.isInteger(value) ? value.toLocaleString(language) : Number(value.toPrecision(4)).toLocaleString(language, { maximumFractionDigits: 4 });
  };
  // Models that no stage of the daily flow runs say so in their own row.
  const research = (row) => row.is_research ? ` <span class="research">(${escape(word("is_research"))})</span>` : "";
  function table(rows, marked) {
    const flat = rows.filter((r) => r && typeof r === "object");
    const keys = [...new Set(flat.flatMap((r) => Object.keys(r)))].filter((k) => k !== "is_research" && flat.some((r) => typeof r[k] !== "object" || r[k] === null));
    return `<table><tr>${keys.map((k) => `<th>${escape(word(k))}</th>`).join("")}</tr>${flat.map((r) =>
      `<tr class="${marked(r) ? "champion" : ""}">${keys.map((k) => `<td class="${k === "r2" && r[k] < 0.75 ? "bad" : ""}">${shown(k, r[k])}${k === "model" ? research(r) : ""}</td>`).join("")}</tr>`).join("")}</table>`;
  }
  const quality = (unit) => unit.r2 === null || unit.r2 === undefined ? Infinity : unit.r2;
  function drawTables() {
    const models = Object.entries(data.models || {}).map(([model, scores]) => ({ model, ...scores }));
    $("models").innerHTML = table(models, (r) => r.model === data.champion);
    $("units").innerHTML = table([...data.units].sort((a, b) => quality(a) - quality(b)), () => false);
  }
  const colours = ["#0b6bcb", "#b3541e", "#1b7f4b", "#7a4fb5", "#d98e04", "#7d1330", "#3d8b8b", "#5b6776"];
  const text = (plot, key) => plot[`${key}_${language}`] ?? plot[`${key}_en`] ?? "";
  function ecdf(values) {
    const sorted = values.filter((v) => v !== null).sort((a, b) => a - b);
    return sorted.map((v, i) => [v, (i + 1) / sorted.length]);
  }
  function axisType(plot) {
    const first = plot.series.flatMap((s) => s.x).find((v) => v !== null);
    if (typeof first !== "string") return plot.kind === "bar" ? "category" : "value";
    return plot.kind !== "bar" && /^\d{4}-\d\d-\d\dT/.test(first) ? "time" : "category";
  }
  const pairs = (series, y) => series.x.map((x, i) => [x, y[i]]);
  function band(series, color) {
    const hidden = { lineStyle: { opacity: 0 }, symbol: "none", silent: true, tooltip: { show: false }, stack: `band ${series.name}`, stackStrategy: "all", type: "line", z: 1 };
    const width = series.high.map((high, i) => high === null || series.low[i] === null ? null : high - series.low[i]);
    return [{ ...hidden, data: pairs(series, series.low) }, { ...hidden, data: pairs(series, width), areaStyle: { color, opacity: 0.22 } }];
  }
  function drawn(plot, series, i) {
    const color = series.color || colours[i % colours.length];
    const common = { name: series.name, color, itemStyle: { color } };
    if (plot.kind === "ecdf") return [{ ...common, type: "line", step: "end", symbol: "none", data: ecdf(series.x) }];
    if (plot.kind === "bar") return [{ ...common, type: "bar", data: pairs(series, series.y).map(([x, y]) => [String(x), y]) }];
    if (plot.kind === "scatter") return [{ ...common, type: "scatter", symbolSize: 5, itemStyle: { color, opacity: 0.55 }, data: pairs(series, series.y) }];
    const line = { ...common, type: "line", symbol: "none", lineStyle: { width: 1.4 }, data: pairs(series, series.y) };
    return series.low && series.high ? [...band(series, color), line] : [line];
  }
  const number = (v) => typeof v === "number" ? Number(v.toPrecision(4)).toLocaleString(language, { maximumFractionDigits: 4 }) : v;
  function draw(plot, room) {
    const type = axisType(plot), chart = echarts.getInstanceByDom(room) || echarts.init(room);
    const names = type === "category" ? [...new Set(plot.series.flatMap((s) => s.x.map(String)))] : [];
    // A few names are all shown, rotated when they would not fit next to each other; many are thinned out.
    const label = names.length && names.length <= 16 ? { interval: 0, rotate: names.join("").length > 80 ? 30 : 0 } : { hideOverlap: true };
    const zoom = plot.kind === "line" || plot.kind === "scatter" ? [{ type: "inside", filterMode: "none" }] : [];
    chart.setOption({
      animation: false, legend: { type: "scroll", bottom: 0, data: plot.series.map((s) => s.name) }, dataZoom: zoom,
      grid: { left: 12, right: 24, top: 30, bottom: 56, containLabel: true },
      tooltip: { trigger: plot.kind === "scatter" || plot.kind === "ecdf" ? "item" : "axis", valueFormatter: number },
      xAxis: { type, name: text(plot, "x"), nameLocation: "middle", nameGap: label.rotate ? 64 : 26, scale: true, min: plot.x_min, max: plot.x_max,
        ...(names.length ? { data: names } : {}), axisLabel: label },
      yAxis: { type: "value", axisLine: { onZero: false }, name: plot.kind === "ecdf" && !text(plot, "y") ? (language === "en" ? "share of units" : "单元占比") : text(plot, "y"),
        scale: plot.kind === "line" || plot.kind === "scatter", min: plot.y_min, max: plot.y_max, nameTextStyle: { align: "left" } },
      series: plot.series.flatMap((s, i) => drawn(plot, s, i)),
    }, true);
    return chart;
  }
  const charts = [];
  function drawPlots() {
    charts.splice(0).forEach((chart) => chart.dispose());
    $("plots").innerHTML = data.plots.map((plot, i) => `<section class="card ${plot.is_wide ? "wide" : "half"}"><h2>${escape(text(plot, "title"))}</h2>
      <p class="sub">${escape(text(plot, "note"))}</p><div id="plot-${i}" class="chart" role="img" aria-label="${escape(text(plot, "title"))}"></div></section>`).join("");
    data.plots.forEach((plot, i) => charts.push(draw(plot, $(`plot-${i}`))));
  }
  function redraw() {
    document.documentElement.lang = language; $("language").textContent = language === "en" ? "中文" : "English";
    document.querySelectorAll("[data-en]").forEach((e) => { e.textContent = e.dataset[language]; });
    drawTables(); drawPlots();
  }
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  $("language").addEventListener("click", () => { language = language === "en" ? "zh" : "en"; redraw(); });
  redraw();
  document.body.dataset.ready = "yes";
})();
