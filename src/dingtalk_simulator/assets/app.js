// The page begins here.

import { h } from "./dom.js";
import { Feed } from "./feed.js";
import { header, notice, skipLink } from "./header.js";
import { rooms } from "./rooms.js";
import { conversation } from "./conversation.js";
import { panel } from "./panel.js";
import { mark, t } from "./i18n.js";
import { heard, load, refresh, renew, store, tell } from "./store.js";
import { attempt, sentence } from "./actions.js";

const part = (name) => document.getElementById(name);

mark();
skipLink(part("skip"));
header(part("top"));
notice(part("notice"));
rooms(part("rooms"));
conversation(part("chat"));
panel(part("panel"));

let due = 0;

const feed = new Feed({
  renew,
  stands(isLive) {
    store.isLive = isLive;
    tell("line");
  },
  heard(kind, data) {
    if (kind === "reset") return void attempt(load);
    if (kind !== "world") return heard(kind, data);
    clearTimeout(due);
    due = setTimeout(() => attempt(refresh), 60);
  },
});

async function begin() {
  try {
    feed.open(await load());
    part("shell").dataset.ready = "true";
  } catch (error) {
    part("chat").replaceChildren(h("div", { class: "blank" }, h("h2", {}, sentence(error))));
    setTimeout(() => location.reload(), 3000);
  }
}

addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  attempt(() => Promise.reject(event.reason));
});

part("chat").append(h("p", { class: "loading" }, t("loading")));
await begin();
part("chat").querySelector(".loading")?.remove();
