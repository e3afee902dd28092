"use strict";

// The page shows one object, which the server sends each second. Everything is put in as text or as an attribute, never
// as markup, since names come from the process that is watched.

const SVG = "http://www.w3.org/2000/svg";
const by = (selector) => document.querySelector(selector);

function html(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function shape(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// canvas makes the picture as wide as its place, so that its texts have the size of all others on any screen.
function canvas(svg, height) {
  const width = Math.max(Math.round(svg.getBoundingClientRect().width), 200);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return width;
}

const grouped = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

function duration(seconds) {
  if (seconds === null) return "";
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return s > 1e9 ? "years" : `${Math.floor(s / 86400)} days`;
}

const time = (s) => (s < 1 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(1).replace(".0", "")} s`);

function memory(bytes) {
  const mebi = bytes / 1048576;
  return mebi < 1024 ? `${Math.round(mebi)} MiB` : `${(mebi / 1024).toFixed(1)} GiB`;
}

// --- health ---

function health(v) {
  const worst = v.findings.map((f) => f.severity);
  if (v.denied) return ["warn", "cannot see descriptors"];
  if (worst.includes("error")) return ["bad", v.exhaustion !== null && v.exhaustion > 0 ? `fails in ${duration(v.exhaustion)}` : "something is wrong"];
  if (worst.includes("warning")) return ["warn", "look at this"];
  if (v.ended) return ["none", v.ended];
  if (v.samples < 10) return ["none", "too early to say"];
  return ["good", "nothing leaks"];
}

function showHead(v) {
  const [tone, words] = health(v);
  document.body.dataset.health = tone;
  by("#health").textContent = words;
  by("#name").textContent = v.name;
  document.title = `${words} – ${v.name}`;
  const parts = [`process ${v.pid}`, `watched for ${duration(v.seconds)}`];
  if (v.children) parts.push(`${v.children} children` + (v.zombies ? `, ${v.zombies} of them never waited for` : ""));
  if (v.ended && tone !== "none") parts.push(v.ended);
  by("#about").textContent = parts.join(" · ");
  by("#agent").textContent = v.agent;
  by("#cost").textContent = `Watching costs ${(100 * v.share).toFixed(2)} % of one core.`;
}

function showFindings(v) {
  const section = by("#findings");
  section.hidden = v.findings.length === 0;
  section.dataset.tone = v.findings.some((f) => f.severity === "error") ? "bad" : "warn";
  section.querySelector("ol").replaceChildren(
    ...v.findings.map((f) => {
      const item = html("li", f.severity);
      const message = html("p", "message");
      message.append(html("span", "rule", f.rule), document.createTextNode(f.message));
      item.append(message);
      if (f.place) {
        const place = html("p", "more");
        place.append(document.createTextNode("at "), html("code", "", f.place));
        item.append(place);
      }
      for (const line of f.static) item.append(html("p", "more", line));
      if (f.remedy) item.append(html("p", "more", f.remedy));
      return item;
    }),
  );
}

// --- pictures ---

// curve draws values over time with an area below, and where asked the limit and where the trend leads.
function showCurve(v) {
  const svg = by("#curve");
  const points = v.curves.descriptors || [];
  by("#open").replaceChildren(document.createTextNode(v.denied ? "?" : grouped(v.open)));
  if (v.max !== null) by("#open").append(html("small", "", ` of ${grouped(v.max)}`));
  const until = by("#until");
  until.className = "says";
  until.textContent = v.denied;
  if (v.leaks.length && v.exhaustion !== null) {
    until.textContent = v.exhaustion > 0 ? `All used up in ${duration(v.exhaustion)}: ${v.leaks[0].name}` : `All used up: ${v.leaks[0].name}`;
    until.classList.add("bad");
  } else if (v.max !== null && !v.denied) {
    const free = Math.max(0, 100 * (1 - v.open / v.max));
    until.textContent = `${free.toFixed(0)} % free`;
    until.classList.add(free < 10 ? "bad" : free < 30 ? "warn" : "good");
  }
  const H = 220, left = 44, right = 12, top = 12, bottom = 24, W = canvas(svg, H);
  const shapes = [];
  if (points.length > 1) {
    const first = points[0][0], last = points[points.length - 1][0];
    const leaking = v.exhaustion !== null && v.exhaustion > 0;
    // The future is shown as far as the past, or up to the end where that is nearer.
    const end = leaking ? last + Math.min(v.exhaustion, Math.max(last - first, 30)) : last;
    const highest = Math.max(...points.map((p) => p[1]));
    const there = leaking && v.max !== null ? v.open + ((v.max - v.open) * (end - last)) / v.exhaustion : v.open;
    const shown = v.max !== null && v.max <= 4 * Math.max(highest, there, 1) ? v.max : Math.max(highest, there, 4);
    const x = (t) => left + ((W - left - right) * (t - first)) / Math.max(end - first, 1);
    const y = (n) => H - bottom - ((H - top - bottom) * n) / (shown * 1.05);
    for (const part of [0, 0.5, 1]) {
      shapes.push(shape("line", { x1: left, x2: W - right, y1: y(shown * part), y2: y(shown * part), class: "grid" }));
      shapes.push(shape("text", { x: left - 6, y: y(shown * part) + 4, "text-anchor": "end" }, grouped(shown * part)));
    }
    const path = points.map((p) => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`);
    shapes.push(shape("polygon", { points: `${x(first)},${y(0)} ${path.join(" ")} ${x(last)},${y(0)}`, class: "area" }));
    shapes.push(shape("polyline", { points: path.join(" "), class: "stroke" }));
    if (leaking) shapes.push(shape("line", { x1: x(last), y1: y(v.open), x2: x(end), y2: y(there), class: "trend" }));
    if (v.max !== null && shown === v.max) shapes.push(shape("line", { x1: left, x2: W - right, y1: y(v.max), y2: y(v.max), class: "limit" }));
    shapes.push(shape("text", { x: left, y: H - 6 }, `${duration(last - first)} ago`));
    shapes.push(shape("text", { x: leaking ? x(last) : W - right, y: H - 6, "text-anchor": leaking ? "middle" : "end" }, "now"));
    if (leaking) shapes.push(shape("text", { x: W - right, y: H - 6, "text-anchor": "end" }, `in ${duration(end - last)}`));
  }
  svg.replaceChildren(...shapes);
  for (const name of ["trend", "limit"]) by(`#descriptors .legend .${name}`).hidden = !svg.querySelector(`.${name}`);
}

function spark(section, points, words, value) {
  by(`${section} .number`).textContent = words;
  const svg = by(`${section} svg`), H = 70, W = canvas(svg, H);
  const range = by(`${section} .range`);
  range.textContent = "";
  const shapes = [];
  if (points && points.length > 1) {
    const values = points.map((p) => p[1]);
    const low = Math.min(...values), high = Math.max(...values, low + 1);
    const first = points[0][0], last = points[points.length - 1][0];
    const steady = Math.max(...values) === low;
    const path = points.map((p) => {
      const x = (W * (p[0] - first)) / Math.max(last - first, 1);
      const y = steady ? H / 2 : H - 6 - ((H - 12) * (p[1] - low)) / (high - low);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    const lowest = value(low), highest = value(Math.max(...values));
    range.textContent = (lowest === highest ? `always ${lowest}` : `between ${lowest} and ${highest}`) + ` for ${duration(last - first)}`;
    shapes.push(shape("polygon", { points: `0,${H} ${path.join(" ")} ${W},${H}`, class: "area" }));
    shapes.push(shape("polyline", { points: path.join(" "), class: "stroke" }));
  }
  svg.replaceChildren(...shapes);
}

function track(parts, total) {
  const svg = shape("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  let x = 0;
  for (const [className, n] of parts) {
    const width = (100 * n) / Math.max(total, 1);
    svg.append(shape("rect", { x, y: 0, width, height: 8, class: `bar ${className}` }));
    x += width;
  }
  const box = html("div", "track");
  box.append(svg);
  return box;
}

function bars(section, list, empty) {
  const most = Math.max(...list.map((b) => b.count), 1);
  const items = list.map((b) => {
    const item = html("li");
    item.append(html("span", "name", b.name), html("span", "count", grouped(b.count)), track([[b.tone, b.count]], most));
    if (b.hint) item.append(html("span", `hint ${b.tone}`, b.hint));
    return item;
  });
  by(`${section} ul`).replaceChildren(...(items.length ? items : [html("li", "none", empty)]));
}

function showLoop(v) {
  by("#loop").hidden = v.lag === null;
  by("#tasks").hidden = v.tasks === null;
  if (v.lag === null) return;
  by("#p99").replaceChildren(document.createTextNode(time(v.lag.p99)), html("small", "", " late at most"));
  const says = by("#lagsays");
  const late = v.lag.max >= 0.1;
  says.textContent = late ? `Just now everything waited for ${time(v.lag.max)}` : "It runs on time";
  says.className = `says ${v.lag.max >= 1 ? "bad" : late ? "warn" : "good"}`;
  const H = 150, bottom = 24, W = canvas(by("#lag"), H);
  const all = v.lag.counts.reduce((a, b) => a + b, 0);
  const width = W / v.lag.counts.length;
  const shapes = [];
  // On a scale of powers, so that one late answer among a thousand can be seen.
  const height = (n) => (n === 0 ? 0 : ((H - bottom - 16) * Math.log10(1 + (999 * n) / Math.max(all, 1))) / 3 + 3);
  v.lag.counts.forEach((n, i) => {
    const bound = v.lag.bounds[Math.min(i, v.lag.bounds.length - 1)];
    const tone = i === v.lag.bounds.length || bound > 0.5 ? "bad" : bound > 0.05 ? "warn" : "";
    const h = height(n);
    // A text in the middle of a narrow first column would begin outside of the picture.
    const at = i === 0 && width < 40 ? { x: 0, "text-anchor": "start" } : { x: (i + 0.5) * width, "text-anchor": "middle" };
    shapes.push(shape("rect", { x: i * width + 2, y: H - bottom - h, width: width - 4, height: h, rx: 2, class: `column ${tone}` }));
    if (n) shapes.push(shape("text", { ...at, y: H - bottom - h - 4 }, n > 9999 ? `${Math.round(n / 1000)}k` : grouped(n)));
    if (i % Math.ceil(48 / width) === 0) {
      const name = i === v.lag.bounds.length ? "more" : time(bound);
      shapes.push(shape("text", { ...at, y: H - 6 }, name));
    }
  });
  shapes.push(shape("line", { x1: 0, x2: W, y1: H - bottom, y2: H - bottom, class: "grid" }));
  by("#lag").replaceChildren(...shapes);
  by("#blocks").replaceChildren(
    ...v.blocks.map((b) => {
      const item = html("li");
      const place = html("span", "place");
      place.append(html("code", "", b.place), html("span", "dim", b.running ? ` in ${b.running}` : ""));
      item.append(place, html("span", "count", `${b.count} × up to ${time(b.longest)}`));
      return item;
    }),
  );
  spark("#tasks", v.curves.tasks, grouped(v.tasks), grouped);
}

function showPools(v) {
  by("#pools").hidden = v.pools.length === 0;
  by("#pools ul").replaceChildren(
    ...v.pools.map((p) => {
      const item = html("li");
      const head = html("div", "head");
      const full = p.waiting > 0 && p.idle === 0;
      head.append(html("b", "", p.name), html("span", "", p.max ? `${p.used} of ${p.max} in use` : `${p.used} in use`));
      item.append(head, track([[full ? "full" : "used", p.used], ["idle", p.idle]], Math.max(p.max, p.used + p.idle)));
      const below = html("div", "dim");
      if (p.waiting) below.append(html("span", "waits", p.waiting === 1 ? "1 caller waits " : `${p.waiting} callers wait `));
      below.append(document.createTextNode([p.kind, p.place].filter(Boolean).join(" · ")));
      item.append(below);
      return item;
    }),
  );
}

function show(v) {
  showHead(v);
  showFindings(v);
  showCurve(v);
  bars("#kinds", v.kinds, v.denied || "nothing");
  bars("#sockets", v.sockets, "no connection");
  showLoop(v);
  showPools(v);
  spark("#threads", v.curves.threads, grouped(v.threads), grouped);
  spark("#memory", v.curves.memory, memory(v.rss), memory);
  document.body.dataset.looks = v.samples;
}

// --- events ---

const events = new EventSource("events");
let last = null;
events.onmessage = (event) => show((last = JSON.parse(event.data)));
addEventListener("resize", () => last && show(last));
events.onerror = () => {
  // A watch that has ended answers no more; what it said last stays.
  by("#health").textContent = "the watch has ended";
  document.body.dataset.health = "none";
};
