// The top: what this is, whether it is connected, language and appearance.

import { h, icon, iconButton, replace } from "./dom.js";
import { isChinese, speak, t } from "./i18n.js";
import { keep, kept, on, store, tell } from "./store.js";

const THEMES = ["auto", "light", "dark"];
const ICONS = { auto: "auto", light: "sun", dark: "moon" };
let theme = THEMES.includes(kept("theme")) ? kept("theme") : "auto";
document.documentElement.dataset.theme = theme;

export function header(top) {
  const draw = () => {
    replace(top,
      h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "", width: "26", height: "26" }), h("strong", {}, t("title"))),
      h("span", { class: "local", title: t("localMore") }, t("local")),
      h("span", { class: "spring" }),
      h("span", { class: store.isLive ? "line live" : "line", role: "status" }, h("i", { "aria-hidden": "true" }), h("span", {}, t(store.isLive ? "live" : "reconnecting"))),
      h("button", { type: "button", class: "quiet language", "aria-label": t("languageLabel"), onclick: () => { speak(isChinese() ? "en" : "zh"); top.querySelector(".language").focus(); } }, t("language")),
      iconButton(ICONS[theme], t("theme", { name: t(`theme.${theme}`) }), turn, { class: "icon-button theme" }),
      h("button", { type: "button", class: "quiet panel-switch", "aria-label": t("panel"), title: t("panel"), onclick: () => tell("show", null), "aria-expanded": String(store.panelOpen), "aria-controls": "panel" }, icon("panel"), h("span", {}, t("panel"))));
  };
  const turn = () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    document.documentElement.dataset.theme = theme;
    keep("theme", theme);
    draw();
    top.querySelector(".theme").focus();
  };
  on("all line panel", draw);
  draw();
}

/** What the program that runs the simulator has to say, such as that the model is a demonstration. */
export function notice(box) {
  let dismissed = "";
  on("all world", () => {
    const given = store.state?.notice;
    const text = typeof given === "string" ? given : given?.[isChinese() ? "zh" : "en"] ?? "";
    box.hidden = !text || dismissed === text;
    replace(box, icon("info"), h("span", {}, text), iconButton("close", t("dismiss"), () => { dismissed = text; box.hidden = true; }));
  });
}

/** The first stop of the Tab key leads to where one writes, however long the talk is. */
export function skipLink(anchor) {
  on("all", () => { anchor.textContent = t("toComposer"); });
  anchor.addEventListener("click", (event) => {
    event.preventDefault();
    const places = [".composer textarea", ".composer button", ".room"];
    places.map((one) => document.querySelector(one)).find(Boolean)?.focus();
  });
}
