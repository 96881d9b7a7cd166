/** What a browser offers for putting an app on the home screen. */
export type InstallWay =
  | { readonly kind: 'installed' }
  /** The browser asks by itself when it is told to. */
  | { readonly kind: 'offered' }
  | { readonly kind: 'ios-safari' }
  /** On an iPhone only Safari, and what has its Share button, can do it. */
  | { readonly kind: 'ios-other' }
  | { readonly kind: 'android-firefox' }
  | { readonly kind: 'android' }
  | { readonly kind: 'mac-safari' }
  | { readonly kind: 'desktop' };

export interface Browser {
  readonly userAgent: string;
  readonly touchPoints: number;
  readonly isStandalone: boolean;
}

export function installWay({ userAgent, touchPoints, isStandalone }: Browser, isOffered: boolean): InstallWay {
  if (isStandalone) return { kind: 'installed' };
  if (isOffered) return { kind: 'offered' };
  const isMac = userAgent.includes('Macintosh');
  // An iPad says that it is a Mac, but no Mac has a touch screen.
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (isMac && touchPoints > 1);
  const isSafari = userAgent.includes('Safari') && !/Chrome|Chromium|CriOS|FxiOS|EdgiOS|OPT\//.test(userAgent);
  if (isIos) return isSafari ? { kind: 'ios-safari' } : { kind: 'ios-other' };
  if (userAgent.includes('Android')) return userAgent.includes('Firefox') ? { kind: 'android-firefox' } : { kind: 'android' };
  return isMac && isSafari ? { kind: 'mac-safari' } : { kind: 'desktop' };
}

export function thisBrowser(isStandalone: boolean): Browser {
  return { userAgent: navigator.userAgent, touchPoints: navigator.maxTouchPoints, isStandalone };
}
