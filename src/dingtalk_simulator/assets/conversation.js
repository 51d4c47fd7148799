// The middle: what was said in one room, the newest at the end, so many at a time.

import { h, icon, iconButton, replace, roving } from "./dom.js";
import { api } from "./api.js";
import { bubble, labelOf } from "./messages.js";
import { groupAvatar, avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { t, when } from "./i18n.js";
import { enter, keep, kept, me, on, robotOf, room, select, store, tell } from "./store.js";
import { attempt } from "./actions.js";

const MOST = 200;
const STEP = 150;
const PAUSE = 5 * 60 * 1000;
const NEAR = 90;

const list = h("div", { class: "messages", role: "log", "aria-live": "off", tabIndex: -1 });
const jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => newest() });
const head = h("div", { class: "chat-head" });
const body = h("div", { class: "chat-body" }, list, jump);
const foot = h("div", { class: "chat-foot" });
const nodes = new Map();
let isStuck = true; // Whether new messages are followed.
let high = 0; // How far it was scrolled, to tell whether people scroll up.
let end = null; // Where the window ends: null is the newest.

export function conversation(section) {
  section.setAttribute("aria-label", t("messages"));
  section.append(head, body, foot);
  store.client = kept("client") === "phone" ? "phone" : "desktop";
  roving(list, "article.message");
  // Of a long talk only the message that has the focus offers its tools to the Tab key.
  list.addEventListener("focusin", (event) => reach(event.target.closest("article.message")));
  list.addEventListener("scroll", () => {
    const isUp = list.scrollTop < high;
    high = list.scrollTop;
    isStuck = end === null && (isNear() || (isStuck && !isUp));
    if (isStuck) jump.hidden = true;
  }, { passive: true });
  // Pictures come later than the words around them.
  list.addEventListener("load", () => isStuck && toEnd(), true);
  new ResizeObserver(() => isStuck && toEnd()).observe(list);
  on("all room", whole);
  on("world", () => { header(); if (!nodes.size || list.querySelector(".banner") || unreachable(room())) draw(); });
  on("notes", () => end === null && draw());
  on("client", draw);
  on("message note", arrived);
  on("changed", changed);
  on("selected", mark);
}

function whole() {
  header();
  end = null;
  composer(foot);
  draw();
}

function header() {
  const here = room();
  if (!here) return replace(head);
  const robot = robotOf(here);
  const isGroup = here.kind === "group";
  const names = here.members.map((one) => store.people.get(one)?.name ?? one);
  replace(head,
    iconButton("back", t("back"), () => enter(null), { class: "icon-button only-phone" }),
    isGroup ? groupAvatar() : avatar(robot ?? {}, true),
    h("div", { class: "chat-title" },
      h("h1", {}, h("bdi", {}, isGroup ? here.title || t("kind.group") : robot?.name ?? here.robot)),
      h("p", {}, isGroup ? `${t("members", { count: names.length })} · ` : `${t("privateWith")} · `, h("bdi", {}, isGroup ? [...names, here.has_robot ? robot?.name : null].filter(Boolean).join("、") : me()?.name), here.is_disbanded ? h("span", { class: "tag bad" }, t("disbanded")) : null, here.has_robot ? null : h("span", { class: "tag bad" }, t("robotGone")))),
    clientChoice());
}

/** On which client's screen the Markdown is shown. */
function clientChoice() {
  const choice = (name) => h("button", { type: "button", role: "radio", class: "client", "aria-checked": String(store.client === name), tabIndex: store.client === name ? 0 : -1, dataset: { client: name }, onclick: () => showAs(name) }, t(`client.${name}`));
  const box = h("div", { class: "clients", role: "radiogroup", "aria-label": t("client"), title: t("clientTip") }, ["desktop", "phone"].map(choice));
  roving(box, ".client", { keys: ["ArrowLeft", "ArrowRight"], choose: (node) => showAs(node.dataset.client) });
  return box;
}

function showAs(client) {
  const hadFocus = head.querySelector(".clients")?.contains(document.activeElement);
  store.client = client;
  keep("client", client);
  header();
  if (hadFocus) head.querySelector('.client[aria-checked="true"]')?.focus();
  tell("client");
}

function items() {
  const line = store.lines.get(store.room) ?? [];
  const notes = store.notes.get(store.room) ?? [];
  if (!notes.length) return line;
  return [...line, ...notes].sort((a, b) => a.at - b.at || (a.sequence ?? Infinity) - (b.sequence ?? Infinity));
}

function draw() {
  nodes.clear();
  const here = room();
  document.body.classList.toggle("in-room", Boolean(here));
  if (!here) return replace(list, welcome());
  const all = items();
  const until = end === null ? all.length : Math.min(end, all.length);
  const from = Math.max(0, until - MOST);
  const shown = all.slice(from, until);
  if (!shown.length) return replace(list, empty(here));
  const isGroup = here.kind === "group";
  const made = shown.flatMap((one, n) => row(one, shown[n - 1], isGroup));
  replace(list,
    unreachable(here),
    from > 0 ? h("button", { type: "button", class: "older", onclick: () => older(until, from) }, t("older", { count: from })) : null,
    made,
    until < all.length ? h("button", { type: "button", class: "older", onclick: newest }, t("newer")) : null);
  jump.hidden = end === null;
  focusable();
  if (end === null) toEnd();
}

function row(item, before, isGroup) {
  const made = item.kind === "note" ? note(item) : bubble(item, { isGroup, isFollowing: follows(item, before) });
  nodes.set(item.id, made);
  const isLater = !before || item.at - before.at > PAUSE;
  return isLater ? [h("div", { class: "moment" }, when(item.at)), made] : [made];
}

const follows = (item, before) => Boolean(before) && before.kind !== "note" && before.author.id === item.author?.id && before.by === item.by && item.at - before.at < 60_000;

function note({ call, id }) {
  const reason = call.errcode ? `errcode ${call.errcode}` : call.status === null ? t("noAnswer") : call.code ? `${call.status} ${call.code}` : call.failure ? `${t(`fault.${call.failure}`)} · ${call.status}` : `HTTP ${call.status}`;
  return h("button", { type: "button", class: "note", dataset: { id }, onclick: () => select({ kind: "call", id: call.id }) }, icon("warn"), t("noteRefused", { endpoint: call.endpoint, reason }));
}

function welcome() {
  const robot = store.robots.values().next().value;
  return h("div", { class: "blank" }, h("div", { class: "blank-art" }, icon("robot")), h("h2", {}, store.rooms.size ? t("pickRoom") : t("noRooms")), h("p", {}, t("pickRoomMore")),
    robot && me() && !hasPrivate(robot) ? h("button", { type: "button", class: "primary", onclick: () => startPrivate(robot) }, t("startPrivate", { robot: robot.name })) : null);
}

const hasPrivate = (robot) => [...store.rooms.values()].some((one) => one.kind === "private" && one.robot === robot.id && one.members[0] === store.me);

export async function startPrivate(robot) {
  const made = await attempt(() => api.addRoom({ kind: "private", robot: robot.id, members: [store.me] }));
  if (!made) return;
  store.rooms.set(made.id, made);
  enter(made.id);
}

function empty(here) {
  const robot = robotOf(here);
  return [unreachable(here), h("div", { class: "blank" }, h("div", { class: "blank-art" }, icon("robot")), h("h2", {}, t("emptyRoom")), h("p", {}, t(here.kind === "group" ? "emptyGroup" : "emptyPrivate", { robot: robot?.name })))];
}

function unreachable(here) {
  const robot = robotOf(here);
  const isReached = robot?.mode === "stream" ? robot.connections : robot?.target;
  if (!robot || isReached) return null;
  return h("div", { class: "banner" }, icon("warn"), h("span", {}, t(robot.mode === "stream" ? "noStream" : "noTarget")), h("button", { type: "button", class: "quiet", onclick: () => tell("show", "setup") }, t("setTarget")));
}

function older(until, from) {
  const tall = list.scrollHeight - list.scrollTop;
  end = Math.max(MOST, until - STEP);
  const first = nodes.keys().next().value;
  draw();
  const anchor = nodes.get(first);
  if (anchor) list.scrollTop = list.scrollHeight - tall;
  (list.querySelector(".older") ?? anchor)?.focus({ preventScroll: true });
}

function newest() {
  end = null;
  draw();
}

function arrived(item) {
  if (item.room !== store.room) return;
  if (item.kind !== "note" && !(item.by === "person" && item.author.id === store.me)) announce(item);
  if (end !== null) return void showJump();
  const stick = isNear() || item.author?.id === store.me;
  if (!nodes.size || !isLast(item)) return draw();
  const all = items();
  list.append(...row(item, all[all.length - 2], room()?.kind === "group"));
  trim(all.length);
  focusable();
  if (stick) toEnd();
  else showJump();
}

const isLast = (item) => items().at(-1)?.id === item.id;

function trim(count) {
  while (nodes.size > MOST) {
    const [first, node] = nodes.entries().next().value;
    if (node.previousElementSibling?.classList.contains("moment")) node.previousElementSibling.remove();
    node.remove();
    nodes.delete(first);
  }
  if (count > MOST && !list.querySelector(".older")) list.prepend(h("button", { type: "button", class: "older", onclick: () => older(items().length, items().length - MOST) }, t("older", { count: count - MOST })));
}

const waiting = new Set();

/** Cards change many times a second; what stands there is drawn once a frame. */
function changed(message) {
  if (message.room !== store.room || !nodes.has(message.id)) return;
  if (!waiting.size) requestAnimationFrame(redraw);
  waiting.add(message.id);
}

function redraw() {
  const stick = isNear();
  for (const name of waiting) {
    const message = store.messages.get(name);
    const before = nodes.get(name);
    if (!message || !before?.isConnected) continue;
    const isFocused = before.contains(document.activeElement);
    const made = bubble(message, { isGroup: room()?.kind === "group", isFollowing: before.classList.contains("following") });
    made.tabIndex = before.tabIndex;
    made.classList.add("still");
    before.replaceWith(made);
    nodes.set(name, made);
    if (isFocused) made.focus({ preventScroll: true });
    const card = store.cards.get(message.card);
    if (card?.state === "finished") announce(message);
  }
  waiting.clear();
  if (stick && end === null) toEnd();
}

function mark() {
  for (const [name, node] of nodes) node.classList.toggle("selected", store.selected?.id === name || `call-${store.selected?.id}` === name);
}

function focusable() {
  const all = list.querySelectorAll("article.message");
  if (all.length && ![...all].some((one) => one.tabIndex === 0)) all[all.length - 1].tabIndex = 0;
}

let reached = null;

function reach(message) {
  if (message === reached) return;
  for (const [node, index] of [[reached, -1], [message, 0]]) for (const one of node?.querySelectorAll(".tools button") ?? []) one.tabIndex = index;
  reached = message;
}

const isNear = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;

function toEnd() {
  isStuck = true;
  list.scrollTop = list.scrollHeight;
  high = list.scrollTop;
  jump.hidden = true;
}

function showJump() {
  replace(jump, icon("down"), t("newBelow"));
  jump.hidden = false;
}

function announce(message) {
  const card = store.cards.get(message.card);
  if (card && card.state !== "finished") return;
  document.getElementById("spoken").textContent = labelOf(message);
}
