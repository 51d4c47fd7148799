// The left: who I am, and my conversations.

import { h, iconButton, replace, roving } from "./dom.js";
import { avatar, groupAvatar } from "./avatar.js";
import { authorOf, preview } from "./messages.js";
import { openNewPerson, openNewRoom } from "./dialogs.js";
import { startPrivate } from "./conversation.js";
import { t, when } from "./i18n.js";
import { become, enter, lastOf, me, myRooms, on, robotOf, store } from "./store.js";

const who = h("div", { class: "who" });
const list = h("div", { class: "room-list", role: "listbox" });

export function rooms(nav) {
  nav.append(who, list);
  roving(list, ".room", { choose: (node) => isWide() && enter(node.dataset.id) });
  on("all world", () => { people(); draw(); });
  on("room", draw);
  on("message changed", (message) => { count(message); later(); });
}

const isWide = () => matchMedia("(min-width: 720px)").matches;
let isDue = false;

function later() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; draw(); });
}

const seen = new Set();

function count(message) {
  if (seen.has(message.id)) return;
  seen.add(message.id);
  if (seen.size > 5000) seen.delete(seen.values().next().value);
  const isMine = message.by === "person" && message.author.id === store.me;
  if (message.room !== store.room && !isMine) store.unread.set(message.room, (store.unread.get(message.room) ?? 0) + 1);
}

function people() {
  const select = h("select", { id: "me", onchange: () => become(select.value) }, [...store.people.values()].map((one) =>
    h("option", { value: one.id, selected: one.id === store.me }, one.name)));
  replace(who,
    avatar(me() ?? {}),
    h("div", { class: "who-field" }, h("label", { for: "me" }, `${t("me")} · ${role(me())}`), select),
    iconButton("group", t("newPerson"), openNewPerson),
    iconButton("plus", t("newRoom"), openNewRoom));
}

const role = (one) => t(one?.is_admin ? "admin" : one?.is_external ? "external" : "colleague");

function draw() {
  const mine = myRooms();
  const hadFocus = list.contains(document.activeElement);
  list.setAttribute("aria-label", t("rooms"));
  replace(list, mine.length ? mine.map(row) : lonely());
  const current = list.querySelector('[aria-selected="true"]') ?? list.querySelector(".room");
  if (current) current.tabIndex = 0;
  if (hadFocus) current?.focus({ preventScroll: true });
}

function row(one) {
  const robot = robotOf(one);
  const last = lastOf(one);
  const unread = store.unread.get(one.id) ?? 0;
  const isGroup = one.kind === "group";
  const name = isGroup ? one.title || t("kind.group") : robot?.name ?? one.robot;
  const words = last ? (isGroup ? t("saidIn", { name: authorOf(last), text: preview(last) }) : preview(last)) : t("noLast");
  return h("div", { class: "room", role: "option", tabIndex: -1, "aria-selected": String(one.id === store.room), dataset: { id: one.id }, onclick: () => enter(one.id), onkeydown: (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), enter(one.id)) },
    isGroup ? groupAvatar() : avatar(robot ?? {}, true),
    h("div", { class: "room-words" },
      h("div", { class: "room-line" }, h("bdi", { class: "room-name" }, name), isGroup ? null : h("span", { class: "tag" }, t("robotLabel")), last ? h("time", {}, when(last.at)) : null),
      h("div", { class: "room-line" }, h("span", { class: "room-last" }, words), unread ? h("span", { class: "badge", "aria-label": t("unreadCount", { count: unread }) }, unread > 99 ? "99+" : String(unread)) : null)));
}

function lonely() {
  const robot = store.robots.values().next().value;
  return h("div", { class: "blank small" }, h("p", {}, t("noRoomsMore", { name: me()?.name ?? "" })), robot ? h("button", { type: "button", class: "primary", onclick: () => startPrivate(robot) }, t("startPrivate", { robot: robot.name })) : null);
}
