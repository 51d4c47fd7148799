// Dialogs: somebody new, a new conversation, and whether one is sure.

import { h, iconButton } from "./dom.js";
import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { t } from "./i18n.js";
import { become, enter, me, refresh, robotOf, room, store } from "./store.js";
import { sentence } from "./actions.js";

/** A modal dialog; `submit(form)` returns a sentence when it cannot be done, else it closes. Resolves when it is gone. */
export function dialog(title, fields, action, submit, { dismiss = t("cancel") } = {}) {
  const back = document.activeElement;
  const wrong = h("p", { class: "warning", role: "alert" });
  const form = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      const told = await submit(form);
      if (told) wrong.textContent = told;
      else box.close();
    } catch (error) {
      wrong.textContent = sentence(error);
    }
  } },
    h("header", {}, h("h2", { id: "dialog-title" }, title), iconButton("close", t("close"), () => box.close())),
    h("div", { class: "dialog-body" }, fields, wrong),
    h("footer", {}, h("button", { type: "button", class: "quiet framed", onclick: () => box.close() }, dismiss), h("button", { type: "submit", class: "primary" }, action)));
  const { promise: gone, resolve } = deferred();
  const box = h("dialog", { "aria-labelledby": "dialog-title", onclose: () => { box.remove(); back?.isConnected && back.focus(); resolve(); }, onclick: (event) => event.target === box && box.close() }, form);
  document.body.append(box);
  box.showModal();
  form.querySelector("input, select")?.focus();
  return gone;
}

function deferred() {
  let resolve = null;
  const promise = new Promise((done) => { resolve = done; });
  return { promise, resolve };
}

export const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
export const check = (label, props = {}) => h("label", { class: "check" }, h("input", { type: "checkbox", ...props }), h("span", {}, label));

export function openNewPerson() {
  dialog(t("newPerson"), [
    field(t("name"), h("input", { name: "name", required: true, maxlength: "100", autocomplete: "off" })),
    field(t("staffId"), h("input", { name: "staff_id", pattern: "[A-Za-z0-9._\\-]{1,64}", autocomplete: "off" })),
    check(t("isAdmin"), { name: "is_admin" }),
    check(t("isExternal"), { name: "is_external" }),
  ], t("add"), async (form) => {
    const given = form.elements;
    const person = await api.addPerson({ name: given.name.value.trim(), staff_id: given.staff_id.value || null, is_admin: given.is_admin.checked, is_external: given.is_external.checked });
    await refresh();
    become(person.id);
  });
}

export function openNewRoom() {
  const robots = [...store.robots.values()];
  const kind = h("select", { name: "kind", onchange: () => fit() }, ["group", "private"].map((one) => h("option", { value: one }, t(`kind.${one}`))));
  const title = field(t("groupName"), h("input", { name: "title", maxlength: "100", placeholder: t("groupDefault"), autocomplete: "off" }));
  const members = h("fieldset", {}, h("legend", {}, t("whoIsIn")), [...store.people.values()].map((one) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "members", value: one.id, checked: true }), avatar(one), h("bdi", {}, one.name))));
  const fit = () => { title.hidden = members.hidden = kind.value !== "group"; };
  dialog(t("newRoom"), [
    field(t("typeLabel").length ? t("kind") : "", kind), title,
    field(t("robot"), h("select", { name: "robot" }, robots.map((one) => h("option", { value: one.id, selected: one === robotOf(room()) }, one.name)))),
    members,
  ], t("create"), async (form) => {
    const isGroup = kind.value === "group";
    const chosen = [...form.querySelectorAll("[name=members]:checked")].map((one) => one.value);
    if (isGroup && !chosen.length) return t("chooseMember");
    const robot = form.elements.robot.value;
    const same = [...store.rooms.values()].find((one) => one.kind === "private" && one.robot === robot && one.members[0] === store.me);
    const made = !isGroup && same ? same : await api.addRoom({ kind: kind.value, robot, members: isGroup ? chosen : [me().id], title: isGroup ? form.elements.title.value.trim() || t("groupDefault") : "" });
    await refresh();
    if (made.members.includes(store.me)) enter(made.id);
    return "";
  });
}

export const confirm = (title, words, action, work) => dialog(title, [h("p", {}, words)], action, work);
