// Events as they happen, taken up again where they broke off.

const KINDS = ["message", "delivery", "card", "call", "world", "reset"];
const PAUSES = [300, 1000, 2000, 5000];

export class Feed {
  /** `heard(kind, data)` for each event, `stands(isLive)` when the line changes, `renew()` before it is taken up again. */
  constructor({ heard, stands, renew }) {
    Object.assign(this, { heard, stands, renew, failures: 0, cursor: 0, source: null, timer: 0 });
  }

  open(cursor) {
    this.close();
    this.cursor = cursor;
    const source = new EventSource(`/_simulator/events?after=${cursor}`);
    this.source = source;
    source.onopen = () => {
      this.failures = 0;
      this.stands(true);
    };
    source.onerror = () => this.#broke();
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.#take(kind, event));
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  #take(kind, event) {
    this.cursor = Number(event.lastEventId) || this.cursor;
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    this.heard(kind, data);
  }

  #broke() {
    this.close();
    this.stands(false);
    const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
    this.timer = setTimeout(() => this.#again(), pause);
  }

  async #again() {
    try {
      this.open(await this.renew(this.cursor));
    } catch {
      this.#broke();
    }
  }
}
