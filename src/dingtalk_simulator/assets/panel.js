// The right: four tabs for who looks at the wire.

import { h, iconButton, replace, roving } from "./dom.js";
import { drawCalls } from "./calls.js";
import { drawFaults } from "./faults.js";
import { drawInspector } from "./inspector.js";
import { drawSetup } from "./setup.js";
import { t } from "./i18n.js";
import { on, refresh, store, tell } from "./store.js";
import { attempt } from "./actions.js";

const TABS = { inspect: drawInspector, calls: drawCalls, faults: drawFaults, setup: drawSetup };
const wide = matchMedia("(min-width: 1180px)");
const body = h("div", { class: "panel-body", role: "tabpanel", id: "panel-body", tabIndex: 0 });
const tabs = h("div", { class: "tabs", role: "tablist" });
let box = null;
let back = null;

export function panel(aside) {
  box = aside;
  aside.append(h("div", { class: "panel-head" }, tabs, iconButton("close", t("close"), () => open(false), { class: "icon-button panel-close" })), body);
  roving(tabs, ".tab", { keys: ["ArrowLeft", "ArrowRight"], choose: (node) => show(node.dataset.tab) });
  // It has nothing to show before something is chosen, and opens with that.
  store.panelOpen = false;
  mark();
  document.addEventListener("keydown", (event) => {
    const isMeant = box.contains(event.target) || !wide.matches;
    if (event.key === "Escape" && store.panelOpen && isMeant && !document.querySelector("dialog[open]")) open(false);
  });
  on("show", (tab) => (tab ? show(tab) : open(!store.panelOpen)));
  on("selected", () => show("inspect"));
  on("all", draw);
  on("calls", () => store.tab === "calls" && draw());
  on("world", () => ["faults", "setup"].includes(store.tab) && !isTyping() && draw());
  on("message changed", () => store.tab === "inspect" && later());
  on("room", () => store.tab === "setup" && draw());
}

const isTyping = () => body.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), select, textarea");

let due = 0;

/** What is inspected may have got an answer meanwhile. */
function later() {
  clearTimeout(due);
  due = setTimeout(() => store.panelOpen && store.tab === "inspect" && drawInspector(body, { isAgain: true }), 300);
}

function show(tab) {
  if (tab !== store.tab) body.scrollTop = 0;
  store.tab = tab;
  open(true);
  draw();
  if (tab === "setup" || tab === "faults") attempt(refresh);
}

function open(isOpen) {
  if (isOpen && !store.panelOpen) back = document.activeElement;
  store.panelOpen = isOpen;
  mark();
  tell("panel");
  if (!isOpen) {
    (back?.isConnected ? back : document.querySelector(".panel-switch"))?.focus({ preventScroll: true });
    back = null;
  } else if (!wide.matches) tabs.querySelector('[aria-selected="true"]')?.focus();
}

function mark() {
  document.body.classList.toggle("panel-open", store.panelOpen);
  box.inert = !store.panelOpen;
}

function draw() {
  box.setAttribute("aria-label", t("panel"));
  const had = tabs.contains(document.activeElement);
  replace(tabs, Object.keys(TABS).map((name) => h("button", { type: "button", role: "tab", class: "tab", id: `tab-${name}`, "aria-selected": String(name === store.tab), "aria-controls": "panel-body", tabIndex: name === store.tab ? 0 : -1, dataset: { tab: name }, onclick: () => show(name) }, t(`tab.${name}`))));
  body.setAttribute("aria-labelledby", `tab-${store.tab}`);
  if (had) tabs.querySelector('[aria-selected="true"]').focus();
  TABS[store.tab](body, {});
}
