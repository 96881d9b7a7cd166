import { describe, expect, it } from 'vitest';
import { installWay } from './install_way.ts';

const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) ${APPLE}`;
const MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE}`;
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0';

describe('the way onto the home screen', () => {
  it.each([
    ['Safari on an iPhone', `${IPHONE} Version/18.4 Mobile/15E148 Safari/604.1`, 5, 'ios-safari'],
    ['Chrome on an iPhone', `${IPHONE} CriOS/142.0 Mobile/15E148 Safari/604.1`, 5, 'ios-other'],
    ['a page inside another app on an iPhone', `${IPHONE} Mobile/15E148`, 5, 'ios-other'],
    ['Safari on an iPad', `${MAC} Version/18.4 Safari/605.1.15`, 5, 'ios-safari'],
    ['Safari on a Mac', `${MAC} Version/18.4 Safari/605.1.15`, 0, 'mac-safari'],
    ['Chrome on a Mac', `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} Safari/537.36`, 0, 'desktop'],
    ['Chrome on Android', `Mozilla/5.0 (Linux; Android 15; Pixel) ${CHROME} Mobile Safari/537.36`, 5, 'android'],
    ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0', 5, 'android-firefox'],
    ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 0, 'desktop'],
  ] as const)('is known for %s', (_where, userAgent, touchPoints, kind) => {
    expect(installWay({ userAgent, touchPoints, isStandalone: false }, false)).toEqual({ kind });
  });

  it('is short where the browser offers it, and none where it was gone already', () => {
    const browser = { userAgent: `Mozilla/5.0 (Linux; Android 15) ${CHROME}`, touchPoints: 5, isStandalone: false };
    expect(installWay(browser, true)).toEqual({ kind: 'offered' });
    expect(installWay({ ...browser, isStandalone: true }, true)).toEqual({ kind: 'installed' });
  });
});
