import { speakAll } from '../words/spoken.ts';

// Tests show what they test in either language.
await speakAll();
