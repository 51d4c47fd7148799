// Failures to order, things to let expire, and the switches.

import { h, icon, replace } from "./dom.js";
import { api } from "./api.js";
import { check, field } from "./dialogs.js";
import { t } from "./i18n.js";
import { CHOICES, groupOf } from "./switches.js";
import { refresh, store } from "./store.js";
import { attempt, toast } from "./actions.js";

const ENDPOINTS = ["callback", "sendBySession", "robotSend", "gettoken", "accessToken", "mediaUpload", "download", "files", "batchSend", "groupSend", "emotionReply", "emotionRecall", "cardCreate", "cardDeliver", "cardCreateAndDeliver", "cardUpdate", "cardStreaming", "cardCallbackRegister"];
const OF_CALLBACK = ["latency", "duplicate", "bad_signature", "stale_signature", "quota"];
const OF_ANSWER = ["errcode", "code", "answer", "throttle_page", "throttle_json", "latency", "hang", "close", "reset", "drip", "flood"];
const FIELDS = { errcode: ["errcode", "errmsg"], code: ["code", "status", "errmsg"], answer: ["status", "body"], throttle_page: ["status"], latency: ["seconds"], hang: ["seconds"], duplicate: ["copies"] };
const FIRST = { errcode: "310000", errmsg: "keywords not in content", code: "system.error", status: "500", body: "", seconds: "3", copies: "1" };
const NUMBERS = new Set(["errcode", "status", "seconds", "copies"]);

const PRESETS = {
  session: { endpoint: "sendBySession", kind: "errcode", errcode: 300001, errmsg: "session 不存在" },
  keyword: { endpoint: "sendBySession", kind: "errcode", errcode: 310000, errmsg: "keywords not in content" },
  fast: { endpoint: "sendBySession", kind: "errcode", errcode: 130101, errmsg: "send too fast, exceed 20 times per minute" },
  busy: { endpoint: "sendBySession", kind: "errcode", errcode: -1, errmsg: "system busy" },
  unsafe: { endpoint: "sendBySession", kind: "errcode", errcode: 430102, errmsg: "unsafe text" },
  http500: { endpoint: "sendBySession", kind: "answer", status: 500, body: "{}" },
  throttle: { endpoint: "sendBySession", kind: "throttle_page" },
  slow: { endpoint: "sendBySession", kind: "latency", seconds: 3 },
  hang: { endpoint: "sendBySession", kind: "hang", seconds: 60 },
  card: { endpoint: "cardStreaming", kind: "code", code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", status: 403, times: 3 },
  twice: { endpoint: "callback", kind: "duplicate", copies: 1 },
  sign: { endpoint: "callback", kind: "bad_signature" },
  stale: { endpoint: "callback", kind: "stale_signature" },
  quota: { endpoint: "callback", kind: "quota" },
};

export function drawFaults(body) {
  const open = new Set([...body.querySelectorAll("details[open]")].map((one) => one.dataset.name));
  const focused = document.activeElement?.dataset?.switch;
  const top = body.scrollTop;
  replace(body, h("p", { class: "muted" }, t("faultsIntro")), active(), presets(), custom(), expiry(), switches());
  for (const one of body.querySelectorAll("details")) if (open.has(one.dataset.name)) one.open = true;
  body.scrollTop = top;
  if (focused) body.querySelector(`[data-switch="${focused}"]`)?.focus();
}

async function done(work) {
  const result = await attempt(work);
  if (result) await attempt(refresh);
  return result;
}

function active() {
  const all = store.state?.failures ?? [];
  const rows = all.map((one) => h("li", {}, h("span", { class: "tag bad" }, one.endpoint), h("span", {}, `${t(`fault.${one.kind}`)}${about(one)}`), h("small", { class: "muted" }, one.times === null ? t("forever") : t("left", { count: one.times })), h("button", { type: "button", class: "quiet", onclick: () => done(() => api.clearFailures(one.endpoint)) }, t("clear"))));
  return h("section", {}, h("h3", {}, t("active")), rows.length ? [h("ul", { class: "active-faults" }, rows), h("button", { type: "button", class: "quiet framed", onclick: () => done(() => api.clearFailures()) }, t("clearAll"))] : h("p", { class: "calm" }, icon("check"), t("noneActive")));
}

const about = (one) => ({ errcode: ` ${one.errcode}`, answer: ` ${one.status ?? 500}`, code: ` ${one.code}`, latency: ` ${one.seconds} s` })[one.kind] ?? "";

function presets() {
  return h("section", {}, h("h3", {}, t("presets")), h("div", { class: "presets" }, Object.entries(PRESETS).map(([name, failure]) => h("button", { type: "button", class: "preset", onclick: async () => (await done(() => api.fail(failure))) && toast(t("applied")) }, h("strong", {}, t(`preset.${name}`)), h("small", {}, `${failure.endpoint}${failure.errcode ? ` · ${failure.errcode}` : failure.status ? ` · ${failure.status}` : ""}`)))));
}

function custom() {
  const fields = h("div", { class: "form-grid" });
  const endpoint = h("select", { onchange: kinds }, ENDPOINTS.map((one) => h("option", { value: one, selected: one === "sendBySession" }, one)));
  const kind = h("select", { onchange: () => shape() });
  const times = h("input", { type: "number", min: "1", max: "1000000", value: "1" });
  const always = check(t("forever"), { onchange: (event) => { times.disabled = event.target.checked; } });
  const handled = check(t("field.handled"));
  function kinds() {
    replace(kind, (endpoint.value === "callback" ? OF_CALLBACK : OF_ANSWER).map((one) => h("option", { value: one }, t(`fault.${one}`))));
    shape();
  }
  function shape() {
    replace(fields, (FIELDS[kind.value] ?? []).map((one) => field(t(`field.${one}`), h("input", { name: one, value: kind.value === "throttle_page" ? "200" : FIRST[one], type: NUMBERS.has(one) ? "number" : "text", step: "any" }))));
    handled.hidden = endpoint.value === "callback";
  }
  kinds();
  const form = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    const failure = { endpoint: endpoint.value, kind: kind.value, times: times.disabled ? null : Number(times.value), handled: handled.querySelector("input").checked };
    for (const one of form.querySelectorAll(".form-grid [name]")) failure[one.name] = NUMBERS.has(one.name) ? Number(one.value) : one.value;
    if (await done(() => api.fail(failure))) toast(t("applied"));
  } }, h("div", { class: "two" }, field(t("endpoint"), endpoint), field(t("failure"), kind)), fields, h("div", { class: "two" }, field(t("times"), times), always), handled, h("button", { type: "submit", class: "primary" }, t("apply")));
  return h("details", { class: "part", dataset: { name: "custom" } }, h("summary", {}, t("custom")), form);
}

function expiry() {
  const one = (what) => h("button", { type: "button", class: "quiet framed", onclick: async () => { const told = await done(() => api.expire(what)); if (told) toast(t("expired", { count: told.expired })); } }, icon("clock"), t(`expire.${what}`));
  return h("section", {}, h("h3", {}, t("expire")), h("div", { class: "button-row" }, ["sessions", "tokens", "downloads"].map(one)));
}

function switches() {
  const groups = new Map();
  for (const [name, value] of Object.entries(store.state?.switches ?? {})) groups.set(groupOf(name), [...(groups.get(groupOf(name)) ?? []), [name, value]]);
  return h("section", {}, h("h3", {}, t("switches")), h("p", { class: "muted" }, t("switchesIntro")),
    [...groups].map(([group, all]) => h("details", { class: "part", dataset: { name: `group-${group}` } }, h("summary", {}, t(`group.${group}`)), all.map(([name, value]) => control(name, value)))),
    h("button", { type: "button", class: "quiet framed", onclick: () => done(api.switchesBack) }, t("putBack")));
}

/** The JSON that was written; what is none goes as it is, and the simulator says what it misses. */
function parsed(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return text;
  }
}

function control(name, value) {
  const put = (next) => done(() => api.switchTo({ [name]: next }));
  const label = t(`switch.${name}`);
  const marks = { dataset: { switch: name } };
  if (typeof value === "boolean") return h("label", { class: "switch" }, h("span", {}, label, h("code", {}, name)), h("input", { type: "checkbox", role: "switch", checked: value, ...marks, onchange: (event) => put(event.target.checked) }));
  if (CHOICES[name]) return h("label", { class: "switch" }, h("span", {}, label, h("code", {}, name)), h("select", { ...marks, onchange: (event) => put(event.target.value) }, CHOICES[name].map((one) => h("option", { value: one, selected: one === value }, one))));
  if (typeof value === "number") return h("label", { class: "switch" }, h("span", {}, label, h("code", {}, name)), h("input", { type: "number", step: "any", value: String(value), ...marks, onchange: (event) => put(Number(event.target.value)) }));
  if (!Array.isArray(value)) return h("label", { class: "switch" }, h("span", {}, label, h("code", {}, name)), h("input", { value: JSON.stringify(value), ...marks, onchange: (event) => put(parsed(event.target.value)) }));
  const names = value;
  return h("label", { class: "switch" }, h("span", {}, label, h("code", {}, name)), h("input", { value: names.join(", "), placeholder: t("namesHint"), ...marks, onchange: (event) => put(event.target.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean)) }));
}
