import type { BrowserContext, Page } from '@playwright/test';
import { until } from '../../world/until.ts';

const AMOUNT = 'section[aria-labelledby=balance] .amount';
/** A browser that spends less than a tenth of a processor waits for nothing but the next page. */
const LOOK_MS = 100;
const AT_REST_MS = 10;

/**
 * A new tab with nothing in the HTTP cache, in a browser that has buried the tab before it: what that leaves to do is no part
 * of the load to come. Knows when it shows a balance: see `balanceShownMs`.
 */
export async function coldTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const control = await context.newCDPSession(page);
  await control.send('Network.enable');
  await control.send('Network.clearBrowserCache');
  await control.send('Network.disable');
  await page.addInitScript((amount) => {
    const watcher = new MutationObserver(() => {
      const balance = document.querySelector(amount);
      if (balance === null) return;
      watcher.disconnect();
      performance.mark('balance');
      // In time for its first frame.
      balance.setAttribute('elementtiming', 'balance');
    });
    watcher.observe(document, { childList: true, subtree: true });
  }, AMOUNT);
  let before = await processorMs(context);
  await until(
    async () => {
      const now = await processorMs(context);
      const spent = now - before;
      before = now;
      return spent <= AT_REST_MS;
    },
    { what: 'the browser to have nothing to do', everyMs: LOOK_MS },
  );
  return page;
}

/** When it came into the page, ahead of that frame: by the clock. */
export const balanceCameAt = (page: Page): Promise<number> =>
  page.evaluate(
    () => performance.timeOrigin + (performance.getEntriesByName('balance')[0]?.startTime ?? Number.NaN),
  );

/** From the start of the navigation until the frame with the balance was on the screen. */
export const balanceShownMs = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [first] = list.getEntries() as (PerformanceEntry & { readonly renderTime: number })[];
          if (first !== undefined) resolve(first.renderTime);
        }).observe({ type: 'element', buffered: true });
      }),
  );

/** What all processes of the browser have taken, to some ten milliseconds. */
export async function processorMs(context: BrowserContext): Promise<number> {
  const browser = context.browser();
  if (browser === null) throw new Error('the browser of this context cannot be asked');
  const control = await browser.newBrowserCDPSession();
  const { processInfo } = await control.send('SystemInfo.getProcessInfo');
  await control.detach();
  return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
