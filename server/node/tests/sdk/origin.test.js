// @ts-check
// From whose pages browsers may come: no page of somebody else speaks with a member's server.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { event } from './support/deadline.js';
import { client } from './support/member.js';
import { upgrade } from './support/raw_socket.js';
import { serving } from './support/server.js';

describe('an upgrade', () => {
  const server = serving(['--public-url', 'https://campaign.example', '--allowed-origins', 'https://app.example']);

  for (const origin of [
    'https://evil.example',
    'https://campaign.example.evil.example',
    'https://evil-campaign.example',
    'http://campaign.example',
    'https://campaign.example:8443',
    'https://sub.campaign.example',
    'null',
  ]) {
    it(`from ${origin} is refused with 403`, async () => {
      assert.equal((await upgrade(server, { Origin: origin })).status, 403);
    });
  }

  for (const origin of ['https://campaign.example', 'https://app.example']) {
    it(`from ${origin} passes`, async () => {
      const { status, socket } = await upgrade(server, { Origin: origin });
      socket?.destroy();
      assert.equal(status, 101);
    });
  }

  it('from the machine’s own name passes', async () => {
    const { status, socket } = await upgrade(server, { Origin: `http://localhost:${server.port}` });
    socket?.destroy();
    assert.equal(status, 101);
  });

  it('from no page passes without the device’s cookie, and not with it', async () => {
    const { status, socket } = await upgrade(server);
    socket?.destroy();
    assert.equal(status, 101);
    assert.equal((await upgrade(server, { Cookie: 'holdfast_device=anything' })).status, 403);
  });

  it('of the SDK from an allowed page connects', async (t) => {
    class FromPage extends WebSocket {
      /** @param {string} url */
      constructor(url) {
        super(url, { origin: 'https://app.example' });
      }
    }
    const reader = client(t, server, { token: await server.token({ sub: 'm_1' }), websocket: FromPage });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
  });

  it('that asks for the JSON form by its name gets it', async () => {
    const { status, socket } = await upgrade(server, { 'Sec-WebSocket-Protocol': 'centrifuge-json' });
    socket?.destroy();
    assert.equal(status, 101);
  });

  it('without a version that the server knows is refused', async () => {
    const { status } = await upgrade(server, { 'Sec-WebSocket-Version': '12' });
    assert.ok(status === 400 || status === 426, `${status}`);
  });
});
