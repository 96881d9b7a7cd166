// @ts-check
// A wire between the SDK and the server that can be cut: the connections end as if the network were gone.

import { once } from 'node:events';
import net from 'node:net';

export class BreakableWire {
  /** @type {Set<net.Socket>} */
  #sockets = new Set();
  #server = net.createServer((near) => this.#join(near));
  #target;
  #isCut = false;
  /** How many connections ended because they carried all they may. */
  worn = 0;
  /** How many bytes a connection carries to the client before it breaks. */
  bytesEach = Number.POSITIVE_INFINITY;

  /** @param {import('./server.js').Server} target */
  constructor(target) {
    this.#target = target;
  }

  /**
   * @param {import('node:test').TestContext} t
   * @param {import('./server.js').Server} target
   */
  static async to(t, target) {
    const wire = new BreakableWire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    t.after(() => {
      wire.cut();
      wire.#server.close();
    });
    return wire;
  }

  get endpoint() {
    const { port } = /** @type {net.AddressInfo} */ (this.#server.address());
    return `ws://127.0.0.1:${port}/connection/websocket`;
  }

  /** Ends all connections; new ones end at once until the wire is mended. */
  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend() {
    this.#isCut = false;
  }

  /** @param {net.Socket} near */
  #join(near) {
    if (this.#isCut) {
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    const far = net.connect(this.#target.port, '127.0.0.1');
    let carried = 0;
    for (const [one, other] of [[near, far], [far, near]]) {
      if (one === undefined || other === undefined) continue;
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (bytes) => {
      carried += bytes.length;
      if (carried > this.bytesEach) {
        this.worn += 1;
        near.resetAndDestroy();
      } else {
        near.write(bytes);
      }
    });
  }
}
