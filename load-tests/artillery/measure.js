'use strict';

/** Each is reported once as 0: a check that nothing was counted fails for a name that was never reported. */
const COUNTERS = ['joined', 'complete', 'received', 'published', 'refused', 'gaps', 'repeats', 'missing', 'lost'];

class Measure {
  constructor(events) {
    this.events = events;
    for (const name of COUNTERS) this.count(name, 0);
  }

  count(name, by) {
    this.events.emit('counter', `holdfast.${name}`, by);
  }

  time(name, ms) {
    this.events.emit('histogram', `holdfast.${name}`, ms);
  }
}

module.exports = { Measure };
