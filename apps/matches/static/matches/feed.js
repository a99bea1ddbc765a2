// A tournament's live feed: each event once and in order, also after a lost connection.

const PING_MS = 20_000;
const SILENCE_MS = 45_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;

export const CONNECTION = { live: "● Live updates", final: "Finished", offline: "Connection lost. Reconnecting…" };

export class Feed {
  // `onEvent(event)` receives each event after `seq`, `onState("live" | "offline")` each change.
  constructor({ tournament, seq, onEvent, onState }) {
    Object.assign(this, { tournament, seq, onEvent, onState, retries: 0 });
    window.addEventListener("online", () => this.connect());
    window.addEventListener("offline", () => this.drop());
  }

  connect() {
    clearTimeout(this.retry);
    if (this.socket) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}/ws/tournaments/${this.tournament}/?since=${this.seq}`;
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    this.socket.onclose = () => this.drop();
  }

  receive(message) {
    this.lastMessageAt = Date.now();
    if (message.type === "welcome") this.opened();
    if (message.type === "event") this.apply(message);
    // The server does not know this seq, and starts at its head: the page is outdated.
    if (message.type === "error" && message.code === "bad_since") location.reload();
  }

  opened() {
    this.retries = 0;
    this.onState("live");
    clearInterval(this.pinging);
    this.pinging = setInterval(() => this.ping(), PING_MS);
  }

  apply(event) {
    if (event.seq <= this.seq) return;
    if (event.seq > this.seq + 1) {
      this.send({ type: "sync", since: this.seq });
      return;
    }
    this.seq = event.seq;
    this.onEvent(event);
  }

  ping() {
    if (Date.now() - this.lastMessageAt > SILENCE_MS) this.drop();
    else this.send({ type: "ping" });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.socket = null;
    socket.onmessage = socket.onclose = null;
    socket.close();
    clearInterval(this.pinging);
    this.onState("offline");
    if (!navigator.onLine) return; // the online event connects again
    const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.retries++);
    // Jitter: after a restart clients must not reconnect in the same moment.
    this.retry = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
  }
}
