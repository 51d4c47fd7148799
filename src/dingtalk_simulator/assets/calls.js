// The log: every call in either direction, the newest first.

import { h, icon, replace } from "./dom.js";
import { clock, latency, t } from "./i18n.js";
import { isTrouble, loadCalls, select, store } from "./store.js";
import { resultOf } from "./inspector.js";
import { attempt } from "./actions.js";

const PAGE = 50;
const asked = { text: "", endpoint: "", way: "all", trouble: false, page: 0 };
const rows = h("div", { class: "calls" });

export function drawCalls(body) {
  if (!store.callsLoaded) {
    replace(body, h("p", { class: "muted" }, t("loading")));
    return void attempt(loadCalls);
  }
  if (!body.querySelector(".call-filter") || body.dataset.language !== document.documentElement.lang) {
    body.dataset.language = document.documentElement.lang;
    replace(body, filter(), rows);
  }
  return fill();
}

function filter() {
  const change = (name, read) => (event) => { asked[name] = read(event.target); asked.page = 0; fill(); };
  const value = (node) => node.value;
  const endpoints = [...new Set(store.calls.map((one) => one.endpoint))].sort();
  return h("div", { class: "call-filter" },
    h("input", { type: "search", placeholder: t("searchCalls"), "aria-label": t("searchCalls"), value: asked.text, oninput: change("text", value) }),
    h("select", { "aria-label": t("endpoint"), onchange: change("endpoint", value), onfocus: (event) => endpointsOf(event.target) }, options(endpoints)),
    h("select", { "aria-label": t("direction"), onchange: change("way", value) }, ["all", "to_robot", "from_robot"].map((one) => h("option", { value: one, selected: one === asked.way }, t(`way.${one}`)))),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: asked.trouble, onchange: change("trouble", (node) => node.checked) }), h("span", {}, t("onlyTrouble"))));
}

const options = (endpoints) => [h("option", { value: "" }, t("allEndpoints")), ...endpoints.map((one) => h("option", { value: one, selected: one === asked.endpoint }, one))];

function endpointsOf(node) {
  replace(node, options([...new Set(store.calls.map((one) => one.endpoint))].sort()));
}

function found() {
  const text = asked.text.trim().toLowerCase();
  return store.calls.filter((one) => (!asked.endpoint || one.endpoint === asked.endpoint) && (asked.way === "all" || one.direction === asked.way) && (!asked.trouble || isTrouble(one)) && (!text || `${one.method} ${one.path} ${one.endpoint} ${one.errcode ?? ""} ${one.status ?? ""} ${one.code} ${one.error} ${one.connection} ${Object.values(one.query).join(" ")}`.toLowerCase().includes(text))).reverse();
}

function fill() {
  const all = found();
  const pages = Math.max(1, Math.ceil(all.length / PAGE));
  asked.page = Math.min(asked.page, pages - 1);
  const shown = all.slice(asked.page * PAGE, (asked.page + 1) * PAGE);
  const turn = (step) => () => { asked.page += step; fill(); };
  const empty = h("div", { class: "blank small" }, h("h2", {}, t(store.calls.length ? "noMatch" : "noCalls")), store.calls.length ? null : h("p", {}, t("noCallsMore")));
  replace(rows,
    shown.length ? shown.map(row) : empty,
    all.length ? h("div", { class: "pager" }, h("button", { type: "button", class: "quiet framed", disabled: asked.page === 0, onclick: turn(-1) }, t("newerPage")), h("span", {}, t("page", { page: asked.page + 1, pages, count: all.length })), h("button", { type: "button", class: "quiet framed", disabled: asked.page >= pages - 1, onclick: turn(1) }, t("olderPage"))) : null);
}

function row(call) {
  const bad = isTrouble(call);
  return h("button", { type: "button", class: bad ? "call bad" : "call", onclick: () => select({ kind: "call", id: call.id }) },
    h("span", { class: `way ${call.direction}`, "aria-label": t(`way.${call.direction}`) }, call.direction === "to_robot" ? "→" : "←"),
    h("span", { class: "call-words" }, h("strong", {}, call.endpoint), h("small", {}, `${call.method} ${call.path}`)),
    h("span", { class: "call-end" }, h("span", { class: bad ? "status bad" : "status" }, resultOf(call)), h("small", {}, `${latency(call.latency_ms)} · ${clock(call.at, { seconds: true })}`)),
    bad ? icon("warn") : null);
}
