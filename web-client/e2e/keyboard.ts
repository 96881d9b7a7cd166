import type { Page } from '@playwright/test';

/** Tabs on one screen; one with more controls is too long to walk. */
const TABS_MAX = 250;

/** Walks with Tab from wherever the focus was around a screen, and answers what is wrong with that. */
export async function walk(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  const wanted = await page.evaluate(numberControls);
  const reached = new Set<string>();
  let first: string | null = null;
  let last: string | null = null;
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(lookAtFocus);
    // Behind the last control is the browser's own frame, and then the first one again.
    if (at === null) continue;
    // A field for a date has several places.
    if (at.number === last) continue;
    if (at.number === first) break;
    first ??= at.number;
    last = at.number;
    reached.add(at.number);
    if (!at.isMarked) wrong.push(`the focus is not seen on ${at.name}`);
    if (at.isCovered) wrong.push(`something covers ${at.name}`);
  }
  for (const { number, name } of wanted) if (!reached.has(number)) wrong.push(`Tab does not reach ${name}`);
  return wrong;
}

/** In the page: gives each control that Tab should reach a number. Of radio buttons of one name one is enough. */
function numberControls(): { number: string; name: string }[] {
  const groups = new Set<string>();
  const wanted: { number: string; name: string }[] = [];
  for (const control of document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    control.dataset['walk'] = String(wanted.length);
    if (!control.checkVisibility({ visibilityProperty: true }) || control.matches(':disabled')) continue;
    if (control instanceof HTMLInputElement && control.type === 'radio') {
      if (!control.checked && (groups.has(control.name) || document.querySelector(`[name="${control.name}"]:checked`))) continue;
      groups.add(control.name);
    }
    wanted.push({ number: String(wanted.length), name: `${control.localName} ${control.textContent.trim().slice(0, 40)}` });
  }
  return wanted;
}

/** In the page: what has the focus, whether that is seen, and whether it lies under something else. */
function lookAtFocus(): { number: string; name: string; isMarked: boolean; isCovered: boolean } | null {
  const control = document.activeElement;
  if (!(control instanceof HTMLElement) || control === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(control);
  const { left, right, top, bottom } = control.getBoundingClientRect();
  const middle = [(left + right) / 2, (top + bottom) / 2] as const;
  const points = [middle, [left + 3, middle[1]], [right - 3, middle[1]], [middle[0], top + 3], [middle[0], bottom - 3]] as const;
  const isCovered = points.every(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit === null || !(control.contains(hit) || hit.contains(control));
  });
  return {
    number: control.dataset['walk'] ?? '',
    name: `${control.localName} ${control.textContent.trim().slice(0, 40)}`,
    isMarked: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
    isCovered,
  };
}
