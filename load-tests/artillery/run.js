#!/usr/bin/env node
// Runs `baseline` or `broadcast` with defaults for what the environment does not say, as Artillery's files have none.
'use strict';

const { spawnSync } = require('node:child_process');
const { resolve } = require('node:path');

const DEFAULTS = {
  baseline: { MEMBERS: 200, RATE: 50 },
  broadcast: { MEMBERS: 1000, RATE: 100 },
};

const [scenario, ...further] = process.argv.slice(2);
if (!(scenario in DEFAULTS)) fail(`usage: node run.js ${Object.keys(DEFAULTS).join('|')} [options of artillery run]`);
if (!process.env.TOKENS || !process.env.SENDER_TOKEN) fail('TOKENS and SENDER_TOKEN are needed');

const env = {
  TARGET: 'ws://127.0.0.1:8000/connection/websocket',
  SECONDS: 30,
  P95_MS: 500,
  // Who tests what is nobody else's business; Artillery reports it unless told not to.
  ARTILLERY_DISABLE_TELEMETRY: 'true',
  ...DEFAULTS[scenario],
  ...process.env,
};
env.TOKENS = resolve(env.TOKENS);
env.JOINING = Math.ceil(env.MEMBERS / env.RATE);
env.ARRIVALS = Number(env.MEMBERS) + 1; // and the sender
env.JOINED_MIN = Math.ceil(env.MEMBERS * 0.99);
env.JOIN_P95_MS = 2 * env.P95_MS;

const options = ['run', '--config', 'common.yml', `${scenario}.yml`, ...further];
const artillery = spawnSync('artillery', options, { cwd: __dirname, env, stdio: 'inherit' });
if (artillery.error) fail(`artillery: ${artillery.error.message}; is it on the PATH?`);
process.exit(artillery.status ?? 1);

function fail(message) {
  console.error(message);
  process.exit(2);
}
