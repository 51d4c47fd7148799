// Tables wider than their message: the box scrolls, and fades out at each edge where the table goes on.

import { t } from "./i18n.js";

/** The same nodes, with what their tables need. */
export function withTables(nodes) {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    for (const box of node.matches(".md-table") ? [node] : node.querySelectorAll(".md-table")) watch(box);
  }
  return nodes;
}

function watch(box) {
  const mark = () => {
    const isMoreLeft = box.scrollLeft > 1;
    const isMoreRight = box.scrollLeft + box.clientWidth < box.scrollWidth - 1;
    box.classList.toggle("more-left", isMoreLeft);
    box.classList.toggle("more-right", isMoreRight);
    box.tabIndex = isMoreLeft || isMoreRight ? 0 : -1; // The Tab key stops only where there is something to scroll.
  };
  box.tabIndex = -1;
  box.setAttribute("aria-label", t("table"));
  box.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(box);
}
