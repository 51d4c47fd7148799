// Robots: a new one with its keys, and the ends of its stream connections.

import { copy, h, icon, iconButton } from "./dom.js";
import { api } from "./api.js";
import { dialog, field } from "./dialogs.js";
import { t } from "./i18n.js";
import { enter, refresh, store, tell } from "./store.js";
import { attempt, toast } from "./actions.js";

const SHAPES = { http: { kind: "enterprise", mode: "http" }, stream: { kind: "enterprise", mode: "stream" }, outgoing: { kind: "outgoing", mode: "http" } };

export function openNewRobot() {
  const shape = h("select", { name: "shape", onchange: () => fit() }, Object.keys(SHAPES).map((one) => h("option", { value: one }, t(`shape.${one}`))));
  const about = h("p", { class: "muted" });
  const target = field(t("target"), h("input", { name: "target", type: "url", placeholder: "http://127.0.0.1:8090/", spellcheck: "false", autocomplete: "off" }));
  const client = field(t("clientIdMayBeEmpty"), h("input", { name: "client_id", pattern: "[A-Za-z0-9._\\-]{1,64}", spellcheck: "false", autocomplete: "off" }));
  const fit = () => {
    about.textContent = t(`shape.${shape.value}.more`);
    target.hidden = shape.value === "stream";
    client.hidden = shape.value === "outgoing";
  };
  fit();
  let made = null;
  const gone = dialog(t("newRobot"), [
    field(t("robotName"), h("input", { name: "name", required: true, maxlength: "100", autocomplete: "off" })),
    field(t("kind"), shape), about, target, client,
  ], t("create"), async (form) => {
    const given = form.elements;
    made = await api.addRobot({
      ...SHAPES[shape.value], name: given.name.value.trim(),
      target: target.hidden ? "" : given.target.value.trim(), client_id: client.hidden ? null : given.client_id.value || null,
    });
    await refresh();
  });
  gone.then(() => made && showKeys(made)); // Two dialogs at once would share their title's id.
}

/** The keys of a new robot; nobody can read them again. */
function showKeys(robot) {
  const isOutgoing = robot.kind === "outgoing";
  const facts = [["Client ID", robot.client_id], ["Client Secret", robot.secret], ["Token", robot.token], [t("apiAddress"), store.state?.origin]];
  dialog(t("robotMade", { name: robot.name }), [
    h("p", { class: "muted" }, t("keysOnce")),
    facts.filter(([, value]) => value).map(([name, value]) => h("div", { class: "key" }, h("span", {}, name), h("code", {}, value), iconButton("copy", t("copyThe", { name }), () => copied(value)))),
  ], t(isOutgoing ? "toGroup" : "toChat"), async () => {
    const group = { kind: "group", title: t("groupOf", { name: robot.name }), members: [...store.people.keys()] };
    const room = await api.addRoom({ robot: robot.id, ...(isOutgoing ? group : { kind: "private", members: [store.me] }) });
    await refresh();
    enter(room.id);
    if (store.panelOpen && !matchMedia("(min-width: 1180px)").matches) tell("show", null); // It lies over the chat.
  }, { dismiss: t("later") });
}

async function copied(text) {
  await copy(text);
  toast(t("copied"));
}

/** How many websockets a robot in stream mode has, and buttons that end them. */
export function connections(robot) {
  if (robot.mode !== "stream") return null;
  const end = async (how) => {
    const told = await attempt(() => api.endStream(robot.id, how));
    if (told) toast(t(`ended.${how}`, { count: told.connections }));
    await attempt(refresh);
  };
  const button = (how, shape) => h("button", { type: "button", class: "quiet framed", title: t(`end.${how}.more`), disabled: !robot.connections, onclick: () => end(how) }, icon(shape), t(`end.${how}`));
  return h("div", { class: "connections" },
    h("p", { class: robot.connections ? "calm" : "muted" }, icon(robot.connections ? "link" : "warn"), t(robot.connections ? "connections" : "noConnection", { count: robot.connections })),
    h("div", { class: "button-row" }, button("rotate", "replay"), button("drop", "close")));
}
