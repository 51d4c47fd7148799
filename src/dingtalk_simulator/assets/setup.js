// The robot, the room, the bill, transcripts, and a new beginning.

import { h, icon, replace } from "./dom.js";
import { api } from "./api.js";
import { check, confirm, field } from "./dialogs.js";
import { t } from "./i18n.js";
import { connections, openNewRobot } from "./robots.js";
import { refresh, robotOf, room, store } from "./store.js";
import { attempt, download, toast } from "./actions.js";

const ALLOWED = { api: 5000, webhook_and_stream: 3000 };

export function drawSetup(body) {
  replace(body, robotPart(body), roomPart(), billPart(), transcriptPart(), resetPart(), inside());
}

async function done(work, words) {
  const result = await attempt(work);
  if (!result) return;
  toast(words);
  await attempt(refresh);
}

const commas = (text) => text.split(/[,，]/).map((one) => one.trim()).filter(Boolean);

let looked = { room: null, robot: null };

/** The robot of the room one is in, until another one is chosen. */
function chosenRobot() {
  if (looked.room !== store.room || !store.robots.has(looked.robot)) looked = { room: store.room, robot: (robotOf(room()) ?? store.robots.values().next().value)?.id };
  return store.robots.get(looked.robot);
}

const newRobot = () => h("button", { type: "button", class: "quiet framed", onclick: openNewRobot }, icon("plus"), t("newRobot"));

function robotPart(body) {
  const robot = chosenRobot();
  if (!robot) return h("section", {}, newRobot());
  const target = h("input", { type: "url", value: robot.target, placeholder: "http://127.0.0.1:8090/", spellcheck: "false" });
  const address = field(t("target"), target);
  const fit = () => { address.hidden = mode.value === "stream"; };
  const mode = h("select", { disabled: robot.kind !== "enterprise", onchange: () => fit() }, ["http", "stream"].map((one) => h("option", { value: one, selected: one === robot.mode }, one === "http" ? "HTTP" : "Stream")));
  fit();
  const keywords = h("input", { value: robot.keywords.join(", ") });
  const disabled = check(t("isDisabled"), { checked: robot.is_disabled });
  const form = h("form", { onsubmit: (event) => {
    event.preventDefault();
    const change = { target: target.value.trim(), mode: mode.value, keywords: commas(keywords.value), is_disabled: disabled.querySelector("input").checked };
    done(() => api.changeRobot(robot.id, change), t("saved"));
  } }, address, h("div", { class: "two" }, field(t("mode"), mode), field(t("keywords"), keywords)), disabled,
    h("div", { class: "button-row" }, h("button", { type: "submit", class: "primary" }, t("save"))));
  const others = store.robots.size > 1 ? field(t("whichRobot"), h("select", { onchange: (event) => { looked.robot = event.target.value; drawSetup(body); body.querySelector("select")?.focus(); } }, [...store.robots.values()].map((one) => h("option", { value: one.id, selected: one.id === robot.id }, one.name)))) : null;
  return h("section", {}, h("div", { class: "titled" }, h("h3", {}, t("robotSetup"), " ", h("bdi", {}, robot.name)), newRobot()), others, h("code", { class: "id" }, robot.client_id || robot.id), connections(robot), form);
}

function roomPart() {
  const here = room();
  if (here?.kind !== "group") return null;
  const change = (what) => done(() => api.changeRoom(here.id, what), t("saved"));
  const title = h("input", { value: here.title, maxlength: "100", onchange: () => change({ title: title.value }) });
  return h("section", {}, h("h3", {}, t("roomSetup")), h("code", { class: "id" }, here.id), field(t("groupName"), title),
    check(t("hasRobot"), { checked: here.has_robot, onchange: (event) => change({ has_robot: event.target.checked }) }),
    check(t("isDisbanded"), { checked: here.is_disbanded, onchange: (event) => change({ is_disbanded: event.target.checked }) }));
}

function billPart() {
  const bill = store.state?.billing;
  if (!bill) return null;
  const most = Math.max(1, ...Object.values(bill.by_endpoint));
  const total = (label, name) => h("div", { class: "total" }, h("span", {}, label), h("strong", {}, String(bill[name])), h("small", { class: "muted" }, `/ ${ALLOWED[name]}`), h("meter", { min: "0", max: String(ALLOWED[name]), value: String(bill[name]), "aria-label": label }));
  return h("section", {}, h("h3", {}, t("bill")), h("p", { class: "muted" }, t("billMore")),
    h("div", { class: "totals" }, total(t("billMessages"), "webhook_and_stream"), total(t("billApi"), "api")),
    h("dl", { class: "bars" }, Object.entries(bill.by_endpoint).sort((a, b) => b[1] - a[1]).map(([name, count]) => [h("dt", {}, name), h("dd", {}, h("meter", { min: "0", max: String(most), value: String(count), "aria-label": name }), String(count))])));
}

function transcriptPart() {
  const input = h("input", { type: "file", accept: ".json,application/json", class: "hidden", tabIndex: -1, id: "import-file", "aria-label": t("importFile"), onchange: () => take(input.files[0]) });
  const give = async (name, file) => {
    const told = await attempt(() => api.transcript(name));
    if (told) download(file, JSON.stringify(told, null, 1));
  };
  const button = (shape, label, onclick) => h("button", { type: "button", class: "quiet framed", onclick }, icon(shape), label);
  return h("section", {}, h("h3", {}, t("transcript")), h("p", { class: "muted" }, t("transcriptMore")), input,
    h("div", { class: "button-row" }, button("save", t("exportAll"), () => give(null, "dingtalk-simulator.json")), store.room ? button("save", t("exportRoom"), () => give(store.room, "dingtalk-room.json")) : null, button("load", t("importFile"), () => input.click())));
}

async function take(file) {
  if (!file) return;
  const text = await file.text();
  try {
    if (JSON.parse(text).version !== 1) throw new SyntaxError();
  } catch {
    return void toast(t("notTranscript"), true);
  }
  const told = await attempt(() => api.importTranscript(text));
  if (told) toast(t("imported", { count: told.imported }));
  await attempt(refresh);
}

function resetPart() {
  return h("section", {}, h("h3", {}, t("reset")), h("p", { class: "muted" }, t("resetMore")), h("button", { type: "button", class: "danger", onclick: () => confirm(t("resetSure"), t("resetMore"), t("reset"), async () => { await api.reset(); toast(t("resetDone")); }) }, t("reset")));
}

function inside() {
  const state = store.state;
  return state ? h("section", {}, h("h3", {}, t("inside")), h("p", { class: "muted" }, t("open", state.open)), h("code", { class: "id" }, state.origin)) : null;
}
