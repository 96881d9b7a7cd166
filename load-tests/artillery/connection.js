'use strict';

const CLOSED = { error: { code: 0, message: 'the connection is closed' } };

/** Speaks the Centrifuge protocol v2 in JSON over a WebSocket that Artillery opened. */
class Connection {
  constructor(socket) {
    this.onPublication = (_publication) => {};
    this.asked = new Map();
    this.ids = 0;
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        for (const answer of this.asked.values()) answer(CLOSED);
        resolve(`closed with ${code} ${reason}`);
      });
    });
    socket.on('message', (frame) => this.hear(frame.toString()));
  }

  /** Asks, for example `{ connect: { token } }`, and gives the whole reply, which may have an `error`. */
  ask(command) {
    if (this.socket.readyState !== this.socket.OPEN) return Promise.resolve(CLOSED);
    this.ids += 1;
    const id = this.ids;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.socket.send(JSON.stringify({ id, ...command }));
    });
  }

  hear(frame) {
    for (const line of frame.split('\n')) {
      if (line === '') continue;
      const reply = JSON.parse(line);
      if (reply.id) this.answer(reply);
      else if (reply.push?.pub) this.onPublication(reply.push.pub);
      else if (!reply.push) this.socket.send('{}');
    }
  }

  answer(reply) {
    // Before anyone awaits the reply: pushes may follow in the same frame, and come after these.
    for (const publication of reply.subscribe?.publications ?? []) this.onPublication(publication);
    const answer = this.asked.get(reply.id);
    this.asked.delete(reply.id);
    answer?.(reply);
  }
}

module.exports = { Connection };
