import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type AxeFinding = {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
};

/** That text has 7:1: no rule of what everybody has to keep, so that it is off unless it is asked for. */
export const CONTRAST = 'color-contrast-enhanced';

/** All rules, or one where only colours have changed. */
export async function axeFindings(page: Page, rule?: string): Promise<readonly string[]> {
  if (rule === undefined) await page.evaluate(axeSource);
  const findings = await page.evaluate(
    async ([only, contrast]) => {
      const { axe } = globalThis as unknown as {
        axe: { run: (options: object) => Promise<{ violations: readonly AxeFinding[] }> };
      };
      const { violations } = await axe.run({
        resultTypes: ['violations'],
        // Reads all styles again, for one rule that is off unless it is asked for.
        preload: false,
        ...(only === undefined ? { rules: { [contrast]: { enabled: true } } } : { runOnly: [only] }),
      });
      return violations;
    },
    [rule, CONTRAST] as const,
  );
  return findings.map(
    ({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
  );
}

/** What was just changed is laid out. */
export const twoFrames = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

/** Whether anything stands out to the side: the page never scrolls sideways. Nor does what is not seen make it longer. */
export async function overflow(page: Page, when: string): Promise<readonly string[]> {
  await twoFrames(page);
  const over = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const { scrollHeight } = document.documentElement;
    const heard = [...document.querySelectorAll<HTMLElement>('.heard')];
    for (const { style } of heard) style.setProperty('position', 'fixed');
    const longer = scrollHeight - document.documentElement.scrollHeight;
    for (const { style } of heard) style.removeProperty('position');
    if (longer > 0) return `${longer} px more for what is only heard`;
    if (document.documentElement.scrollWidth <= width) return null;
    const widest = [...document.querySelectorAll('body *')].find(
      (element) => element.getBoundingClientRect().right > width + 1,
    );
    return `${document.documentElement.scrollWidth} > ${width} of ${innerWidth}: ${widest?.outerHTML.slice(0, 160)}`;
  });
  return over === null ? [] : [`scrolls ${when}: ${over}`];
}

/** How much of what is seen stands still while the rest scrolls: less than two fifths of it. A sheet may take all. */
export async function covered(page: Page, when: string): Promise<readonly string[]> {
  await twoFrames(page);
  const share = await page.evaluate(() => {
    if (document.querySelector('[role=dialog]') !== null) return 0;
    scrollTo(0, 0);
    let still = 0;
    for (let row = 0; row < 100; row++) {
      let element = document.elementFromPoint(innerWidth / 2, ((row + 0.5) / 100) * innerHeight);
      while (element !== null && !['fixed', 'sticky'].includes(getComputedStyle(element).position))
        element = element.parentElement;
      if (element !== null) still += 1;
    }
    return still / 100;
  });
  return share < 0.4 ? [] : [`${Math.round(share * 100)} % of it stands still ${when}`];
}

/** Everything one can press is at least 44 by 44, save for links in running text. */
export async function smallTargets(page: Page): Promise<readonly string[]> {
  const small = await page.evaluate(() => {
    const targets = document.querySelectorAll<HTMLElement>('a, button, input, textarea, summary');
    return [...targets]
      .filter((target) => {
        const inText = getComputedStyle(target).display === 'inline';
        const within = target.closest('label') ?? target;
        const { width, height } = within.getBoundingClientRect();
        return !inText && width > 0 && (width < 43.5 || height < 43.5) && !target.matches('.skip');
      })
      .map((target) => target.outerHTML.slice(0, 120));
  });
  return small.map((html) => `smaller than 44 px: ${html}`);
}

/** Where a node stands by its id though the page was told its name: the name has to stand beside it. */
export async function bareIds(page: Page): Promise<readonly string[]> {
  // No function with a name within: what compiles this file may wrap those in a call that the page does not know.
  return page.evaluate(() => {
    const names = window.gallery.names().map(([id, those]) => ({
      /** As `shortId` cuts it. */
      forms: [id, `${id.slice(0, 6)}…${id.slice(-6)}`],
      those,
    }));
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { textContent, parentElement } = texts.currentNode;
      const place = parentElement?.closest(
        'h1, h2, a, button, summary, label, li, section, [role=dialog], main',
      );
      const shown = place?.textContent ?? '';
      for (const { forms, those } of names)
        if (forms.some((form) => textContent?.includes(form)))
          if (!those.some((name) => shown.includes(name)))
            found.push(
              `${textContent} stands for ${those.join(' or ')} in ${place?.outerHTML.slice(0, 120)}`,
            );
    }
    for (const element of document.querySelectorAll('[aria-label]')) {
      const label = element.getAttribute('aria-label') ?? '';
      for (const { forms, those } of names)
        if (forms.some((form) => label.includes(form)))
          found.push(`${label} is read for ${those.join(' or ')}`);
    }
    return found;
  });
}

type Shift = {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly {
    readonly node: Node | null;
    readonly previousRect: DOMRect;
    readonly currentRect: DOMRect;
  }[];
};

/** What moved after it was drawn, and not because somebody pressed something. */
export async function layoutShift(page: Page): Promise<readonly string[]> {
  const moved = await page.evaluate(
    () =>
      new Promise<readonly string[]>((resolve) => {
        const found: string[] = [];
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries() as unknown as Shift[]) {
            if (hadRecentInput || value < 0.0005) continue;
            const what = sources.map(({ node, previousRect: from, currentRect: to }) => {
              const text = (node as Element | null)?.outerHTML ?? node?.textContent ?? '';
              return `${text.slice(0, 90)} (${from.x},${from.y} to ${to.x},${to.y})`;
            });
            found.push(`layout shift ${value.toFixed(4)}: ${what.join(' | ')}`);
          }
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(found)));
      }),
  );
  return moved;
}
