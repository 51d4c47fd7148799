// What a message or a call was on the wire.

import { copy, h, icon, replace } from "./dom.js";
import { api } from "./api.js";
import { authorOf, preview } from "./messages.js";
import { clock, latency, t } from "./i18n.js";
import { isTrouble, quote, select, store } from "./store.js";
import { attempt, clickCard, replay, toast } from "./actions.js";

let asked = 0;

export async function drawInspector(body, { isAgain = false } = {}) {
  const chosen = store.selected;
  if (!chosen) return replace(body, nothing());
  const mine = ++asked;
  if (!isAgain) replace(body, h("p", { class: "muted" }, t("loading")));
  const nodes = await attempt(() => (chosen.kind === "call" ? callNodes(chosen.id) : messageNodes(chosen.id)));
  if (mine !== asked || store.tab !== "inspect") return undefined;
  const top = body.scrollTop;
  const open = new Set([...body.querySelectorAll("details[open]")].map((one) => one.dataset.name));
  replace(body, nodes ?? nothing());
  if (isAgain) for (const one of body.querySelectorAll("details")) if (open.has(one.dataset.name)) one.open = true;
  body.scrollTop = isAgain ? top : 0;
  return undefined;
}

const nothing = () => h("div", { class: "blank small" }, h("div", { class: "blank-art" }, icon("inspect")), h("h2", {}, t("nothingSelected")), h("p", {}, t("nothingSelectedMore")));

async function callNodes(number) {
  const call = await api.call(number);
  return call ? [exchange(call, { isOpen: true })] : [nothing()];
}

async function messageNodes(name) {
  const message = await api.message(name);
  const answers = message.by === "person" ? await replies(message) : [];
  const card = store.cards.get(message.card);
  return [summary(message), buttons(message), card ? cardPart(card) : null, frames(message), message.by === "person" ? answersPart(message, answers) : questionPart(message)];
}

/** The calls that used the message's session, taken or not. */
async function replies(message) {
  if (!message.session) return [];
  const { calls } = await api.calls(Math.max(0, (message.frames[0]?.id ?? 1) - 1), 1000, "sendBySession");
  return calls.filter((one) => one.query.session === message.session);
}

function summary(message) {
  const last = message.frames.filter((one) => one.direction === "to_robot").at(-1);
  const facts = [
    [t("kind"), message.msgtype], ["msgId", message.id], [t("sequence"), `${message.sequence} · ${clock(message.at, { seconds: true })}`],
    [t("via"), message.via], message.delivery ? [t("delivery"), t(`delivery.${message.delivery}`)] : null,
    last ? [t("took"), latency(last.latency_ms)] : null, message.session ? ["session", message.session] : null, message.query_key ? ["processQueryKey", message.query_key] : null,
  ];
  return h("section", { class: "summary" }, h("h2", {}, h("bdi", {}, authorOf(message)), h("span", { class: "tag grey" }, message.msgtype)), h("p", { class: "summary-words" }, preview(message)), definition(facts));
}

const definition = (facts) => h("dl", { class: "facts" }, facts.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, h("bdi", {}, String(value)))]));

function buttons(message) {
  const one = (name, label, work) => h("button", { type: "button", class: "quiet framed", onclick: work }, icon(name), label);
  const isPersons = message.by === "person";
  return h("div", { class: "button-row" }, one("quote", t("quote"), () => quote(message)), isPersons ? one("replay", t("replaySame"), () => replay(message, true)) : null, isPersons ? one("plus", t("replayNew"), () => replay(message, false)) : null);
}

function frames(message) {
  const isPersons = message.by === "person";
  const title = h("h3", {}, t(isPersons ? "callbacks" : "brought"));
  return h("section", {}, title, message.frames.length ? message.frames.slice(-10).map((one, n, all) => exchange(one, { isOpen: n === all.length - 1 })) : h("p", { class: "muted" }, t("noFrames")));
}

function answersPart(message, calls) {
  const inline = [...store.messages.values()].filter((one) => one.answers === message.id && one.via === "inline");
  const rows = [...calls.map((one) => exchange(one, { isOpen: isTrouble(one) })), ...inline.map(jump)];
  return h("section", {}, h("h3", {}, t("answersTo")), rows.length ? rows : h("p", { class: "muted" }, t("noAnswers")));
}

const jump = (message) => h("button", { type: "button", class: "quiet framed jump-to", onclick: () => select({ kind: "message", id: message.id }) }, icon("inspect"), preview(message));

function questionPart(message) {
  const question = store.messages.get(message.answers);
  return question ? h("section", {}, h("h3", {}, t("question")), jump(question)) : null;
}

function cardPart(card) {
  const action = h("input", { value: "btn_stop", "aria-label": t("clickAction") });
  return h("section", {}, h("h3", {}, t("card")),
    definition([["outTrackId", card.id], [t("template"), card.template], ["state", `${card.state} · ${t(`card.${card.state}`)}`], [t("updates"), card.updates]]),
    fold("variables", t("variables"), json(JSON.stringify(card.variables))),
    h("div", { class: "button-row" }, h("label", { class: "inline-field" }, t("clickAction"), action), h("button", { type: "button", class: "quiet framed", onclick: () => clickCard(card, action.value) }, t("click"))));
}

/** In a word how it ended; a frame may still wait for its acknowledgement, or need none. */
export function resultOf(call) {
  if (call.errcode) return String(call.errcode);
  if (call.code) return call.code;
  if (call.status !== null) return String(call.status);
  if (NEED_NO_ANSWER.has(call.endpoint)) return "–";
  return t(call.connection && !call.error ? "waiting" : "noAnswer");
}

const NEED_NO_ANSWER = new Set(["streamDisconnect", "streamGarbage", "streamUnasked", "streamEnd"]);

/** One exchange: what was asked, by what headers, and what was answered. */
export function exchange(call, { isOpen = false } = {}) {
  const bad = isTrouble(call);
  return h("details", { class: bad ? "exchange bad" : "exchange", open: isOpen, dataset: { name: `call-${call.id}` } },
    h("summary", {}, h("span", { class: `way ${call.direction}`, "aria-label": t(`way.${call.direction}`) }, call.direction === "to_robot" ? "→" : "←"), h("strong", {}, call.endpoint), h("span", { class: bad ? "status bad" : "status" }, call.errcode ? `errcode ${call.errcode}` : resultOf(call)), h("span", { class: "muted" }, latency(call.latency_ms))),
    h("div", { class: "exchange-body" },
      definition([
        [t("request"), `${call.method} ${call.path}`], ["#", `${call.id} · ${clock(call.at, { seconds: true })}`], [t("size"), `${call.request_size} B`],
        [t("billedAs"), t(`billed.${call.billed}`)], call.connection ? ["connectionId", call.connection] : null, [call.connection ? t("acknowledged") : "HTTP", call.status ?? (call.error || resultOf(call))], call.errcode === null ? null : ["errcode", call.errcode], call.code ? ["code", call.code] : null,
        call.failure ? [t("failure"), t(`fault.${call.failure}`)] : null, call.error ? ["error", call.error] : null,
      ]),
      call.request_headers.sign ? signature(call) : null,
      Object.keys(call.query).length ? fold(`query-${call.id}`, "Query", headers(call.query)) : null,
      call.connection || call.method === "PUSH" ? frameParts(call) : httpParts(call)));
}

const httpParts = (call) => [
  fold(`rh-${call.id}`, t("requestHeaders"), headers(call.request_headers)),
  fold(`rb-${call.id}`, t("requestBody"), json(call.request_body), true, call.request_body),
  fold(`ah-${call.id}`, t("answerHeaders"), headers(call.answer_headers)),
  fold(`ab-${call.id}`, t("answerBody"), json(call.answer_body), true, call.answer_body),
  h("button", { type: "button", class: "quiet framed", onclick: () => copied(curl(call)) }, icon("copy"), t("curl"))];

/** A frame of stream mode and its acknowledgement, as far as there are any. */
const frameParts = (call) => [
  Object.keys(call.request_headers).length ? fold(`rh-${call.id}`, t("frameHeaders"), headers(call.request_headers)) : null,
  call.request_body ? fold(`rb-${call.id}`, t("frame"), json(call.request_body), true, call.request_body) : null,
  frameData(call),
  call.answer_body ? fold(`ah-${call.id}`, t("ackHeaders"), headers(call.answer_headers)) : null,
  call.answer_body ? fold(`ab-${call.id}`, t("ack"), json(call.answer_body), true, call.answer_body) : null];

/** What a frame brings: JSON in a string, laid out once more. */
function frameData(call) {
  try {
    const { data } = JSON.parse(call.request_body);
    return typeof data === "string" && data ? fold(`data-${call.id}`, t("frameData"), json(data), true, data) : null;
  } catch {
    return null;
  }
}

const signature = (call) => h("div", { class: "signature" }, h("strong", {}, icon("shield"), t("signature")), h("code", {}, `timestamp: ${call.request_headers.timestamp ?? ""}`), h("code", {}, `sign: ${call.request_headers.sign}`), h("small", {}, t("signatureMore")));

async function copied(text) {
  await copy(text);
  toast(t("copied"));
}

function fold(name, title, content, isOpen = false, raw = null) {
  return h("details", { class: "fold", open: isOpen, dataset: { name } }, h("summary", {}, title, raw ? h("button", { type: "button", class: "icon-button small", "aria-label": t("copy"), title: t("copy"), onclick: (event) => { event.preventDefault(); copied(raw); } }, icon("copy")) : null), content);
}

const headers = (all) => h("pre", { class: "wire", tabIndex: 0 }, Object.entries(all).map(([name, value]) => [h("span", { class: "j-key" }, name), `: ${value}\n`]));

function curl(call) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const query = new URLSearchParams(call.query).toString();
  const url = (call.direction === "to_robot" ? call.path : location.origin + call.path) + (query ? `?${query}` : "");
  const kept = Object.entries(call.request_headers).filter(([name]) => !["host", "content-length", "connection", "accept-encoding"].includes(name));
  return [`curl -X ${call.method} ${quoted(url)}`, ...kept.map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`), `  --data-raw ${quoted(call.request_body)}`].join(" \\\n");
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const LONGEST = 40_000;

/** JSON laid out with its parts in colours; anything else as it is. */
function json(text) {
  if (!text) return h("p", { class: "muted" }, t("empty"));
  let laid = text;
  try {
    laid = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return h("pre", { class: "wire", tabIndex: 0 }, text.slice(0, LONGEST));
  }
  const nodes = [];
  let at = 0;
  for (const found of laid.slice(0, LONGEST).matchAll(TOKEN)) {
    nodes.push(laid.slice(at, found.index));
    const kind = found[2] ? "j-key" : found[1] ? "j-text" : found[3] ? "j-word" : "j-number";
    nodes.push(h("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    at = found.index + found[0].length;
  }
  nodes.push(laid.slice(at, LONGEST));
  return h("pre", { class: "wire", tabIndex: 0 }, nodes);
}
