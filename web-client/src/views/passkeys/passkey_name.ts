/** Browsers before the systems that also name them: Edge calls itself Chrome as well, and Chrome calls itself Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

/** By what a member knows a passkey again in their list: where it was made. The same in every language. */
export function passkeyName(userAgent: string): string {
  const named = (names: typeof BROWSERS): string[] => names.filter(([sign]) => sign.test(userAgent)).map(([, name]) => name).slice(0, 1);
  const parts = [...named(BROWSERS), ...named(SYSTEMS)];
  return parts.length === 0 ? 'Web' : parts.join(', ');
}
