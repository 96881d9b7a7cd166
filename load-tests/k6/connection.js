import { WebSocket } from 'k6/websockets';

const CLOSED = { error: { code: 0, message: 'the connection is closed' } };

/** One connection that speaks the Centrifuge protocol v2 in JSON. */
export class Connection {
  constructor(url) {
    this.onPublication = (_publication) => {};
    this.asked = new Map();
    this.ids = 0;
    this.socket = new WebSocket(url);
    this.isOpen = false;
    this.closed = new Promise((resolve) => {
      // A handshake that fails may be told as an error alone.
      this.socket.onerror = this.socket.onclose = () => {
        this.isOpen = false;
        for (const answer of this.asked.values()) answer(CLOSED);
        resolve(false);
      };
    });
    const open = new Promise((resolve) => {
      this.socket.onopen = () => {
        this.isOpen = true;
        resolve(true);
      };
    });
    this.opened = Promise.race([open, this.closed]);
    this.socket.onmessage = (event) => this.hear(event.data);
  }

  /** Asks, for example `{ connect: { token } }`, and gives the whole reply, which may have an `error`. */
  ask(command) {
    if (!this.isOpen) return Promise.resolve(CLOSED);
    this.ids += 1;
    const id = this.ids;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.socket.send(JSON.stringify(Object.assign({ id }, command)));
    });
  }

  hear(frame) {
    for (const line of frame.split('\n')) {
      if (line === '') continue;
      const reply = JSON.parse(line);
      if (reply.id) this.answer(reply);
      else if (reply.push) this.push(reply.push);
      else this.socket.send('{}');
    }
  }

  answer(reply) {
    // Before anyone awaits the reply: pushes may follow in the same frame, and come after these.
    for (const publication of (reply.subscribe && reply.subscribe.publications) || []) {
      this.onPublication(publication);
    }
    const answer = this.asked.get(reply.id);
    this.asked.delete(reply.id);
    if (answer) answer(reply);
  }

  push(push) {
    if (push.pub) this.onPublication(push.pub);
  }

  close() {
    this.socket.close();
  }
}
