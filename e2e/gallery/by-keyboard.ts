import type { Page } from '@playwright/test';

type Walk = { readonly reached: Set<Element>; readonly unseen: Set<Element> };
declare global {
  interface Window {
    walk: Walk;
  }
}

/** Of rounds in which nothing grew: what none of them comes to, nobody comes to. */
const MOST_ROUNDS = 3;
/** More is a screen on which nobody comes to the end. */
const MOST_STOPS = 1_000;

/**
 * Goes around the page by Tab, and out of a sheet by Escape. Whatever can be pressed or typed into and is never come
 * to, where the focus is not seen, and a sheet that stays, is a finding. Leaves the focus somewhere: the last thing to look at of a scene.
 */
export async function byKeyboard(page: Page): Promise<readonly string[]> {
  await page.evaluate(() => {
    const walk: Walk = { reached: new Set(), unseen: new Set() };
    window.walk = walk;
    // A sheet has the focus in it from the beginning, and may hold nothing else.
    if (document.activeElement !== null) walk.reached.add(document.activeElement);
    const marks = ({ outlineStyle, outlineWidth }: CSSStyleDeclaration): boolean =>
      outlineStyle !== 'none' && outlineWidth !== '0px';
    document.addEventListener('focusin', ({ target }) => {
      if (!(target instanceof Element)) return;
      walk.reached.add(target);
      // What is drawn around it, or around its label.
      const around = [target, target.parentElement, target.closest('label'), target.closest('.box')];
      if (!around.some((one) => one !== null && marks(getComputedStyle(one)))) walk.unseen.add(target);
    });
  });
  // A list grows, and asks again, at a moment of its own while one comes near its end: what was missed is gone around for again.
  let found: readonly string[] = [];
  for (let round = 0, before = -1; round < MOST_ROUNDS; round++) {
    const count = await stops(page);
    // Whoever goes around where nothing grew comes to nothing new; a list that grew has a round of its own.
    if (count > before) round = 0;
    before = Math.max(before, count);
    for (let press = 0; press < count + 2; press++) await page.keyboard.press('Tab');
    found = await missed(page);
    if (found.length === 0 || count > MOST_STOPS) break;
  }
  return [...found, ...(await staysOpen(page))];
}

/** What can be pressed or typed into and was not come to, and where the focus was not seen. */
function missed(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const scope = document.querySelector('[role=dialog], [role=alertdialog]') ?? document;
    const said = (element: Element): string => element.outerHTML.slice(0, 120);
    const { reached, unseen } = window.walk;
    const controls = [
      ...scope.querySelectorAll<HTMLElement>('a[href], button, input, textarea, select, summary'),
    ].filter(
      (control) =>
        control.tabIndex >= 0 &&
        !control.matches(':disabled') &&
        control.closest('[inert], [aria-hidden=true]') === null &&
        control.checkVisibility({ visibilityProperty: true }),
    );
    // Of a group of choices one is come to, and arrows lead to the others.
    const grouped = (control: HTMLElement): boolean =>
      control instanceof HTMLInputElement &&
      control.type === 'radio' &&
      [...reached].some(
        (other) => other instanceof HTMLInputElement && other.type === 'radio' && other.name === control.name,
      );
    return [
      ...controls
        .filter((control) => !reached.has(control) && !grouped(control))
        .map((control) => `Tab never comes to ${said(control)}`),
      ...[...unseen].map((control) => `the focus is not seen on ${said(control)}`),
    ];
  });
}

function stops(page: Page): Promise<number> {
  return page.locator('a[href], button, input, textarea, select, summary, [tabindex="0"]').count();
}

/** A sheet that Escape does not close. */
async function staysOpen(page: Page): Promise<readonly string[]> {
  const sheet = page.locator('[role=dialog], [role=alertdialog]');
  if ((await sheet.count()) === 0) return [];
  await page.keyboard.press('Escape');
  return sheet
    .first()
    .waitFor({ state: 'detached', timeout: 5_000 })
    .then(
      () => [],
      () => ['Escape does not close the sheet'],
    );
}
