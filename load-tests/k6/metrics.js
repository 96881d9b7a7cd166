import { Counter, Rate, Trend } from 'k6/metrics';
import { P95_MS } from './settings.js';

export const joined = new Rate('joined');
export const joinTime = new Trend('join_time', true);
export const published = new Rate('published');
export const publishTime = new Trend('publish_time', true);
export const deliveryTime = new Trend('delivery_time', true);
export const received = new Counter('bulletins_received');
export const gaps = new Counter('bulletins_gaps');
export const repeats = new Counter('bulletins_repeats');
export const missing = new Counter('bulletins_missing');
export const complete = new Rate('members_complete');
export const lost = new Counter('connections_lost');

// A percentile of nothing is 0 and passes, a rate of nothing is 0 and fails: the rates say that there was something.
export const thresholds = {
  joined: ['rate>0.99'],
  published: ['rate>0.99'],
  members_complete: ['rate>0.99'],
  join_time: [`p(95)<${2 * P95_MS}`],
  publish_time: [`p(95)<${P95_MS}`],
  delivery_time: [`p(95)<${P95_MS}`],
  bulletins_received: ['count>0'],
  bulletins_gaps: ['count==0'],
  bulletins_repeats: ['count==0'],
  bulletins_missing: ['count==0'],
  connections_lost: ['count==0'],
};
