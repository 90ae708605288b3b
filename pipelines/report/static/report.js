// Language switch, table sorting, charts. Everything is readable without this script.
"use strict";
(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("quality-city-language"); } catch { return null; } };
  const remember = (language) => { try { localStorage.setItem("quality-city-language", language); } catch { /* not kept */ } };
  const english = () => root.lang === "en";

  // A text of a chart holds both languages, parted by a broken bar.
  const spoken = (value) => {
    if (typeof value === "string") {
      const parts = value.split(" ¦ ");
      return parts.length === 2 ? parts[english() ? 1 : 0] : value;
    }
    if (Array.isArray(value)) return value.map(spoken);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spoken(inner)]));
    }
    return value;
  };
  const look = {
    font: 'Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif',
    background: "#ffffff", view: { stroke: null },
    axis: { labelFontSize: 12, titleFontSize: 13, titleFontWeight: "bold", labelColor: "#1d2126", titleColor: "#1d2126", gridColor: "#e4e7eb", labelLimit: 220 },
    axisX: { labelAngle: 0, grid: false },
    legend: { labelFontSize: 12, titleFontSize: 12, labelLimit: 320, orient: "top", labelColor: "#1d2126", titleColor: "#1d2126" },
    header: { labelFontSize: 13, labelFontWeight: "bold", labelColor: "#1d2126" },
    text: { fontSize: 12, color: "#1d2126" },
  };
  const draw = async () => {
    for (const place of document.querySelectorAll(".chart")) {
      const spec = spoken(JSON.parse(place.nextElementSibling.textContent));
      const description = english() ? place.dataset.en : place.dataset.zh; // becomes the label for screen readers
      await vegaEmbed(place, { ...spec, description, config: look }, { // the interpreter: no text may become code here
        ast: true, actions: false, renderer: "svg", defaultStyle: false, mode: "vega-lite",
        tooltip: { disableDefaultStyle: true }, // its style is in report.css: no page allows a style written into it
      });
    }
    root.dataset.drawn = root.lang;
  };
  const speak = (language) => {
    root.lang = language;
    const button = document.getElementById("language");
    button.textContent = english() ? button.dataset.en : button.dataset.zh;
    button.lang = english() ? "zh-CN" : "en";
    if (document.querySelector(".chart")) return draw();
    root.dataset.drawn = root.lang;
    return null;
  };

  const key = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.sort ?? "";
  };
  const sort = (table, header, at) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const figures = rows.every((row) => key(row, at) === "" || !Number.isNaN(Number(key(row, at))));
    rows.sort((left, right) => {
      const [a, b] = [key(left, at), key(right, at)];
      if (a === "" || b === "") return (a === "") - (b === ""); // what is missing stays last
      const order = figures ? Number(a) - Number(b) : a.localeCompare(b, "zh-CN");
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((header, at) => {
      header.querySelector("button").addEventListener("click", () => sort(table, header, at));
    });
  }
  document.getElementById("language").addEventListener("click", () => {
    const language = english() ? "zh-CN" : "en";
    remember(language);
    speak(language);
  });
  speak(remembered() === "en" ? "en" : "zh-CN");
})();
