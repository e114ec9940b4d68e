import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import type { Result } from '../../../engine/base/result.ts';
import type { PaymentDetails } from '../../../engine/node/api.ts';
import type { Refusal } from '../../../engine/node/refusal.ts';
import { until } from '../../world/until.ts';
import type { App } from '../pages/app.ts';
import { bundle } from './bundle.ts';
import type { Device } from './device.ts';
import type { CallPageEngine } from './page-engine-script.ts';

const SCRIPT = fileURLToPath(new URL('page-engine-script.ts', import.meta.url));

/** Of every page that is opened from now on: its worker can be asked beside it. */
export const keepWorkers = (where: Pick<BrowserContext, 'addInitScript'>): Promise<unknown> =>
  where.addInitScript(() => {
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        Object.assign(globalThis, { keptWorker: this });
      }
    };
  });

let script: Promise<string> | null = null;

/** The very engine that the page shows, asked directly: for what nobody would tap fifty times. */
export class PageEngine {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** The app in a new tab of `device`, and its engine. */
  static async open(device: Device): Promise<{ readonly app: App; readonly engine: PageEngine }> {
    await keepWorkers(device.context);
    const app = await device.openApp();
    return { app, engine: await PageEngine.of(app.page) };
  }

  /** That of a page whose workers are kept. */
  static async of(page: Page): Promise<PageEngine> {
    // The engine is fetched before it starts.
    await page.waitForFunction(() => 'keptWorker' in globalThis);
    script ??= bundle(SCRIPT);
    await page.evaluate(await script);
    return new PageEngine(page);
  }

  async tell<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    return (await this.#page.evaluate(
      ([names, given]) =>
        (globalThis as unknown as { readonly pageEngine: CallPageEngine }).pageEngine(names, given),
      [path.split('.'), args] as const,
    )) as T;
  }

  /** The value of a call that has to go well. */
  async value<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    const answer = await this.tell<Result<T, Refusal>>(path, ...args);
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(answer.error)}`);
    return answer.value;
  }

  /** Pays, and waits until it is paid. */
  async pay(bolt11: string): Promise<void> {
    const { paymentId } = await this.value<{ readonly paymentId: string }>('node.bolt11.send', bolt11);
    const paid = await until(
      async () => {
        const payment = await this.value<PaymentDetails>('node.payment', paymentId);
        return payment.state === 'pending' ? null : payment;
      },
      { what: 'the payment to end' },
    );
    if (paid.state !== 'succeeded') throw new Error(`not paid: ${JSON.stringify(paid.failure)}`);
  }
}
