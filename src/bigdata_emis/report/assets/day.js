"use strict";
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  let language = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
  const words = {
    en: { kg: "kg", day: "t/day", interval: "90\u00a0%:", bound: "total, 90 % interval", before: "before benchmarking:", rows: "rows", share: "complete", feed: "feed", baseline: "baseline kg", cut: "cut kg", within: "90 % interval",
          shareCut: "share", target: "target", met: "met", yes: "yes", no: "NO", unknown: "not known", none: "This page shows no recalculation.", missing: "no data", totals: "District totals of the power bureau", contradicted: "{n} of {all} totals (district and industry) contradict the meters in some hours; in those hours the metered energy is used.", district: "district", industry: "industry", hours: "hours", reported: "reported MWh", metered: "metered MWh", unchanged: "No day of the week before has an inventory to compare with; emis day computes one.", scenario: "Scenario", alert: "Alert by forecast", per: "kg per grid cell and hour", base: "without measures", left: "with measures", others: "{n} smaller cuts", idle: "{n} further measures cut nothing.", account: "Each source counts under the measure that applies to it, when all are in force: column 'applies' of emis scenario waterfall, which also says what each adds in an order; there a step below zero exempts, or a more specific measure replaces a broader one. The axis does not begin at zero." },
    zh: { kg: "千克", day: "吨/日", interval: "90%：", bound: "总量90%区间", before: "核定校正前：", rows: "行数", share: "完整率", feed: "数据源", baseline: "基准排放(千克)", cut: "减排量(千克)", within: "90%区间",
          shareCut: "减排比例", target: "目标", met: "达标", yes: "是", no: "否", unknown: "无法判定", none: "本页无应急减排重算结果。", missing: "无数据", totals: "电力部门区县行业总量", contradicted: "{all} 个区县行业总量中，{n} 个在部分小时与计量电量矛盾；这些小时以计量电量为准。", district: "区县", industry: "行业", hours: "小时数", reported: "上报电量(兆瓦时)", metered: "计量电量(兆瓦时)", unchanged: "此前一周内没有可对比的日清单（可用 emis day 计算）。", scenario: "情景", alert: "预报触发预警", per: "千克/(网格·时)", base: "无措施排放", left: "措施后排放", others: "其余{n}项较小减排", idle: "另有{n}项措施无减排。", account: "全部措施生效时，每个源按其适用的措施计入，即 emis scenario waterfall 的“适用”列；该命令另给出按顺序的新增量，其中负值为豁免，或更具体的措施替代了更宽泛的措施。横轴不从零开始。" },
  };
  const t = (key) => words[language][key];
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const number = (value, digits = 0) => Number(value).toLocaleString(language, { maximumFractionDigits: digits });
  const tonnes = (kg, of) => number(kg / 1000, of < 1e3 ? 3 : of < 1e5 ? 1 : 0);
  const percent = (value) => value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
  const colours = ["#30437a", "#2f7fb8", "#54b5a6", "#b6d77a", "#f8d44f", "#f08b3c", "#cf3a2c", "#7d1330"];
  const sectorColour = { mobile: "#0b6bcb", industrial_process: "#b3541e", stationary_combustion: "#7d1330", dust: "#a88c5a", solvent_use: "#7a4fb5",
    agriculture: "#4c9a3f", biomass_burning: "#d98e04", storage_transport: "#5b6776", waste_treatment: "#3d8b8b", other: "#8f97a3" };

  async function unpack(packed) {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint16Array(await new Response(stream).arrayBuffer());
  }
  const values = {};
  for (const [code, { packed }] of Object.entries(data.map.values)) values[code] = await unpack(packed);

  const charts = {};
  for (const id of ["map", "sectors", "top", "association"]) charts[id] = echarts.init($(id));
  // Paper does not wait for the next frame: nothing moves, every cell is drawn at once, and the picture is finished here.
  let medium;
  const resize = (size) => {
    medium = size;
    for (const chart of Object.values(charts)) { chart.setOption({ animation: false }); chart.resize(size(chart)); }
    drawMap();
    for (const chart of Object.values(charts)) chart.getZr().flush();
  };
  const screen = () => ({ width: "auto", height: "auto" });
  // A4 with its margins has 718 px, a card 690 of them: a chart drawn for a screen would lie over the cards below it.
  const paper = (chart) => ({ width: 690, height: Math.min(chart.getHeight(), chart === charts.association ? 820 : 620) });
  addEventListener("resize", () => resize(screen));
  addEventListener("beforeprint", () => resize(paper));
  addEventListener("afterprint", () => resize(screen));

  const sign = (code) => (data.signs[code] || { en: code, zh: code })[language];
  const select = $("pollutant");
  const fillPollutants = () => { const selected = select.value; select.innerHTML = data.pollutants.map((p) => `<option value="${escape(p.code)}">${escape(sign(p.code) === p[language] ? p[language] : `${p.code} · ${p[language]}`)}</option>`).join(""); if (selected) select.value = selected; };

  function cells() {
    const code = select.value, hour = Number($("hour").value), count = data.map.rows.length, max = data.map.values[code].max;
    const rows = [];
    for (let i = 0; i < count; i += 1) {
      const level = values[code][hour * count + i] / 65535;
      if (level > 0) rows.push([data.map.columns[i], data.map.rows[i], level * level * max]);
    }
    return rows;
  }
  function drawMap() {
    $("clock").textContent = data.hours[$("hour").value];
    const code = select.value, size = data.map.cell_km, max = data.map.values[code].max || 1;
    const steps = [0, 1e-4, 1e-3, 0.004, 0.015, 0.05, 0.15, 0.4, 1].map((s) => s * max);
    const pieces = colours.map((color, i) => ({ gte: i ? steps[i] : 0, lt: i === colours.length - 1 ? Infinity : steps[i + 1], color, label: `≥ ${Number(steps[i].toPrecision(2))}` }));
    const axis = (span) => ({ type: "value", min: 0, max: span * size, axisLabel: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLine: { show: false } });
    const scale = Math.min((charts.map.getWidth() - 130) / data.map.width, (charts.map.getHeight() - 20) / data.map.height);
    charts.map.setOption({
      animation: false, tooltip: { formatter: (p) => p.seriesType === "custom" ? `r${p.value[1]}c${p.value[0]}<br><b>${number(p.value[2], 3)}</b> ${t("kg")}` : "" },
      grid: { left: 10, top: 10, width: scale * data.map.width, height: scale * data.map.height },
      xAxis: axis(data.map.width), yAxis: axis(data.map.height),
      dataZoom: [{ type: "inside", xAxisIndex: 0, filterMode: "none" }, { type: "inside", yAxisIndex: 0, filterMode: "none" }],
      visualMap: { type: "piecewise", seriesIndex: 0, dimension: 2, pieces, right: 0, top: 10, text: [t("per"), ""], textGap: 12, itemWidth: 14, showLabel: true, textStyle: { fontSize: 11 } },
      series: [
        { type: "custom", data: cells(), renderItem: (_, api) => {
            const corner = api.coord([api.value(0) * size, (api.value(1) + 1) * size]), [width, height] = api.size([size, size]);
            return { type: "rect", shape: { x: corner[0], y: corner[1], width: Math.max(width, 2.4), height: Math.max(height, 2.4) }, style: { fill: api.visual("color") } };
          }, clip: true, progressive: medium === paper ? 0 : 4000 },
        { type: "lines", coordinateSystem: "cartesian2d", polyline: true, silent: true, z: 5, clip: true, lineStyle: { color: "#41506180", width: 0.7 }, data: data.map.lines.map((coords) => ({ coords })) },
      ],
    }, true);
  }
  function drawSectors() {
    const lines = data.series[select.value], total = data.totals[select.value];
    const bounds = (total ? [total.p05, total.p95] : []).map((kg) => ({ name: t("bound"), type: "line", symbol: "none", color: "#2b3440", lineStyle: { width: 1, type: "dashed" }, data: kg }));
    const names = [...lines.map((s) => s[language]), ...(total ? [t("bound")] : [])], letter = language === "zh" ? 11.5 : 6.2;
    const legendRows = Math.ceil(names.reduce((sum, name) => sum + 34 + letter * name.length, 0) / (0.9 * $("sectors").clientWidth - 20));
    charts.sectors.setOption({
      animation: false, tooltip: { trigger: "axis", valueFormatter: (v) => `${number(v, 1)} ${t("kg")}` }, legend: { bottom: 0, itemWidth: 14, itemHeight: 9, itemGap: 8, textStyle: { fontSize: 11 } }, grid: { left: 70, right: 16, top: 26, bottom: 34 + 19 * legendRows },
      xAxis: { type: "category", data: data.hours, boundaryGap: false }, yAxis: { type: "value", name: t("kg") },
      series: lines.map((s) => ({ name: s[language], type: "line", stack: "all", areaStyle: { opacity: 0.75 }, symbol: "none", lineStyle: { width: 1 }, color: sectorColour[s.code], data: s.kg })).concat(bounds),
    }, true);
  }
  function drawTop() {
    const rows = data.top[select.value].slice(0, 12).reverse(), beforeAudit = (r) => r.before_kg === null ? "" : `<br>${t("before")} ${number(r.before_kg, 1)} ${t("kg")}`;
    $("top-audited").hidden = rows.every((r) => r.before_kg === null);
    charts.top.setOption({
      animation: false, grid: { left: 8, right: 60, top: 6, bottom: 24, containLabel: true },
      tooltip: { formatter: (p) => `${escape(rows[p.dataIndex].id)}<br>${escape(rows[p.dataIndex].sector[language])} · ${escape(rows[p.dataIndex].method[language])}<br><b>${number(p.value, 1)}</b> ${t("kg")}${beforeAudit(rows[p.dataIndex])}` },
      xAxis: { type: "value", axisLabel: { hideOverlap: true } }, yAxis: { type: "category", data: rows.map((r) => r[language] || r.en), axisLabel: { interval: 0, width: Math.max(160, 0.42 * $("top").clientWidth), overflow: "break", fontSize: 11, lineHeight: 12 } },
      series: [{ type: "bar", data: rows.map((r) => r.kg), itemStyle: { color: "#0b6bcb" }, label: { show: true, position: "right", formatter: (p) => `${number(p.value, p.value < 100 ? 1 : 0)}${rows[p.dataIndex].before_kg === null ? "" : " ◆"}` } }],
    }, true);
  }
  function drawWaterfall() {
    const one = data.ledger && (data.ledger.waterfall || {})[select.value];
    $("waterfall-card").hidden = !one;
    if (!one) return;
    charts.waterfall ??= echarts.init($("waterfall"));
    charts.waterfall.resize();
    const others = one.others ? [{ [language]: t("others").replace("{n}", number(one.others)), cut_kg: one.others_kg, left_kg: one.baseline_kg - one.cut_kg }] : [];
    const cuts = [...one.bars, ...others], left = one.baseline_kg - one.cut_kg, soft = "#8f97a3";
    const rows = [{ name: t("base"), from: 0, kg: one.baseline_kg, colour: soft }, ...cuts.map((r) => ({ name: r[language], from: Math.max(r.left_kg, 0), kg: r.cut_kg, colour: "#1b7f4b" })), { name: t("left"), from: 0, kg: left, colour: soft }, ...(one.moved || []).map((r) => ({ name: r[language], from: r.left_kg + r.cut_kg, kg: -r.cut_kg, colour: "#b2182b", sign: "+" }))].reverse();
    const least = one.bars.length ? 0.97 * left : 0;
    $("waterfall-words").textContent = `${sign(select.value)}: ${t("cut")} ${number(one.cut_kg)} (${percent(one.cut_kg / one.baseline_kg)}). ${one.idle ? t("idle").replace("{n}", number(one.idle)) : ""} ${t("account")}`;
    charts.waterfall.setOption({
      animation: false, grid: { left: 8, right: 90, top: 6, bottom: 24, containLabel: true },
      xAxis: { type: "value", min: least, name: t("kg"), axisLabel: { hideOverlap: true, showMinLabel: false, formatter: (v) => number(v) } }, yAxis: { type: "category", data: rows.map((r) => r.name), axisLabel: { width: 330, overflow: "truncate" } },
      tooltip: { formatter: (p) => `${escape(rows[p.dataIndex].name)}<br><b>${number(rows[p.dataIndex].kg, 1)}</b> ${t("kg")}` },
      series: [{ type: "bar", stack: "w", silent: true, itemStyle: { color: "transparent" }, data: rows.map((r) => r.from) },
        { type: "bar", stack: "w", data: rows.map((r) => ({ value: r.kg, itemStyle: { color: r.colour } })), label: { show: true, position: "right", formatter: (p) => `${rows[p.dataIndex].sign || ""}${number(rows[p.dataIndex].kg, rows[p.dataIndex].kg < 100 ? 1 : 0)}` } }],
    }, true);
  }
  const method = $("association-method");
  function fillMethods() {
    const selected = method.value || "prewhitened";
    method.innerHTML = data.association.methods.map((m) => `<option value="${escape(m.code)}">${escape(m[language])}</option>`).join("");
    if (data.association.methods.some((m) => m.code === selected)) method.value = selected;
  }
  function drawAssociation() {
    const rows = data.association.rows.filter((r) => r.association_method_code === method.value), name = (id) => data.association.titles[id][language];
    $("association-card").hidden = !data.association.rows.length && !data.failures.associate;
    if (!rows.length) return;
    $("association-words").textContent = data.association.words[language];
    const indicators = [...new Set(rows.map((r) => r.indicator))].reverse(), targets = [...new Set(rows.map((r) => r.target))];
    $("association").style.height = `${Math.max(260, 150 + 20 * indicators.length)}px`; charts.association.resize();
    const cell = (r) => ({ value: [targets.indexOf(r.target), indicators.indexOf(r.indicator), r.strength],
      itemStyle: r.q_value !== null && r.q_value <= 0.05 ? { borderColor: "#111", borderWidth: 1.6 } : {} });
    const scientific = (value) => value === null ? "–" : value.toExponential(1);
    charts.association.setOption({
      animation: false, grid: { left: 40, right: 80, top: 8, bottom: 8, containLabel: true },
      tooltip: { formatter: (p) => { const r = rows[p.dataIndex];
        return `${escape(name(r.indicator))} → ${escape(name(r.target))}<br><b>${r.strength.toFixed(2)}</b>`
          + `${r.strength_p05 === null ? "" : ` (${r.strength_p05.toFixed(2)} … ${r.strength_p95.toFixed(2)})`}, ${r.lag_h} h, n = ${r.sample_count}, q = ${scientific(r.q_value)}`; } },
      xAxis: { type: "category", data: targets.map(name), axisLabel: { rotate: 40, interval: 0 } }, yAxis: { type: "category", data: indicators.map(name), axisLabel: { interval: 0 } },
      visualMap: { min: -1, max: 1, calculable: false, right: 0, top: 10, dimension: 2, inRange: { color: ["#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b"] } },
      series: [{ type: "heatmap", data: rows.map(cell), label: { show: targets.length <= 12, formatter: (p) => p.value[2].toFixed(2), fontSize: 10 } }],
    }, true);
  }
  function drawChange() {
    if (!data.change.length) { $("change").textContent = t("unchanged"); return; }
    const factors = [...new Map(data.change.map((r) => [r.factor.en, r.factor])).values()], codes = [...new Set(data.change.map((r) => r.pollutant))];
    const signed = (kg) => { const text = number(kg / 1000, 2); return /[1-9]/.test(text) ? `${kg > 0 ? "+" : ""}${text}` : "0"; };
    const row = (code) => { const parts = data.change.filter((r) => r.pollutant === code), sum = parts.reduce((all, r) => all + r.change_kg, 0);
      return `<tr><td>${escape(sign(code))}</td><td>${number(parts[0].base_kg / 1000, 2)}</td>${factors.map((f) => `<td>${signed(parts.find((r) => r.factor.en === f.en).change_kg)}</td>`).join("")}<td><b>${signed(sum)}</b></td></tr>`; };
    $("change").innerHTML = `<table><tr><th></th><th>${escape(data.change[0].base)}</th>${factors.map((f) => `<th>${escape(f[language])}</th>`).join("")}<th>Σ</th></tr>${codes.map(row).join("")}</table>`;
  }
  function dayInterval(code, sum) {
    const total = data.totals[code];
    return total ? `<span>${t("interval")} ${tonnes(total.day[0], sum)}–${tonnes(total.day[1], sum)}</span>` : "";
  }
  function drawTables() {
    $("feeds").innerHTML = `<table><tr><th>${t("feed")}</th><th>${t("rows")}</th><th>${t("share")}</th><th></th></tr>` + data.feeds.map((f) =>
      `<tr><td>${escape(f[language])}</td><td>${number(f.rows)}</td><td class="${f.share !== null && f.share < 0.9 ? "bad" : ""}">${f.share === null ? t("missing") : percent(f.share)}</td><td><div class="bar"><i style="width:${100 * (f.share || 0)}%"></i></div></td></tr>`).join("") + "</table>";
    const balance = data.balance;
    $("balance").innerHTML = !balance ? "" : `<h2>${t("totals")}</h2><p class="sub">${t("contradicted").replace("{n}", number(balance.contradicted)).replace("{all}", number(balance.cells))}</p>` +
      (balance.rows.length ? `<table><tr><th>${t("district")}</th><th>${t("industry")}</th><th>${t("hours")}</th><th>${t("reported")}</th><th>${t("metered")}</th></tr>` : "") + balance.rows.map((r) =>
        `<tr title="${escape(r.code[language])}"><td>${escape(r.district[language])}</td><td>${escape(r.industry[language])}</td><td>${number(r.hours)}</td><td>${number(r.total_kwh / 1000, 1)}</td><td>${number(r.metered_kwh / 1000, 1)}</td></tr>`).join("") + (balance.rows.length ? "</table>" : "");
    $("alert").innerHTML = data.alerts.map((a) => `<p>${t("alert")}: <b>${escape(a.level[language])}</b> ${escape(a.from)} – ${escape(a.to)} (${escape(a.rule[language])})<br><span class="sub">${escape(a.reason[language])}</span></p>`).join("");
    const ledger = data.ledger;
    $("ledger-words").innerHTML = !ledger ? `<p class="sub">${t("none")}</p>` :
      `<p>${t("scenario")} <b>${escape(ledger.scenario)}</b>: ${escape(ledger.level[language])}, ${escape(ledger.from)} – ${escape(ledger.to)} · <b class="${ledger.status_code === "in_force" ? "good" : "bad"}">${escape(ledger.status[language])}</b></p>${ledger.notes.map((n) => `<p class="${n.is_bad ? "bad" : "sub"}">${escape(n[language])}</p>`).join("")}`;
    $("ledger").innerHTML = !ledger ? "" : `<table><tr><th></th><th>${t("baseline")}</th><th>${t("cut")}</th><th>${t("within")}</th><th>${t("shareCut")}</th><th>${t("target")}</th><th>${t("met")}</th></tr>` +
      ledger.rows.map((r) => `<tr><td>${escape(sign(r.pollutant))}</td><td>${number(r.baseline_kg)}</td><td>${number(r.cut_kg)}</td><td class="sub">${r.cut_p05_kg === null ? "–" : `${number(r.cut_p05_kg)} – ${number(r.cut_p95_kg)}`}</td><td>${percent(r.cut_share)}</td><td>${percent(r.target_share)}</td><td class="${r.target_share === null ? "" : r.met ? "good" : "bad"}">${r.target_share === null ? "–" : t(r.met === null ? "unknown" : r.met ? "yes" : "no")}</td></tr>`).join("") + "</table>";
    $("tiles").innerHTML = data.pollutants.map((p) => { const sum = data.series[p.code].flatMap((s) => s.kg).reduce((a, b) => a + b, 0); return `<div class="tile"><span>${escape(sign(p.code))}</span><b>${tonnes(sum, sum)}</b><span>${t("day")}</span>${dayInterval(p.code, sum)}</div>`; }).join("");
  }
  function draw() {
    document.documentElement.lang = language; $("language").textContent = language === "en" ? "中文" : "English";
    document.querySelectorAll("[data-en]").forEach((e) => { e.textContent = e.dataset[language]; });
    fillPollutants(); fillMethods(); drawTables(); drawMap(); drawSectors(); drawTop(); drawAssociation(); drawChange(); drawWaterfall();
  }
  select.addEventListener("change", () => { drawMap(); drawSectors(); drawTop(); drawWaterfall(); });
  $("hour").addEventListener("input", drawMap);
  method.addEventListener("change", drawAssociation);
  $("language").addEventListener("click", () => { language = language === "en" ? "zh" : "en"; draw(); });
  let timer = 0;
  $("play").addEventListener("click", () => {
    if (timer) { clearInterval(timer); timer = 0; $("play").textContent = "▶"; return; }
    $("play").textContent = "❚❚";
    timer = setInterval(() => { $("hour").value = (Number($("hour").value) + 1) % data.hours.length; drawMap(); }, 700);
  });
  draw();
  document.body.dataset.ready = "yes";
})();
