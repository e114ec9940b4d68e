import type { BrowserContext, Page, Worker } from '@playwright/test';

/**
 * As if the browser's push service had brought it to the service worker of this site. Ends when what the service worker
 * made of it is shown: Chromium throws away a notification for good where it is asked for all that it shows while one is
 * on its way there.
 * @param page any of the browser: the wallet's own may be closed
 */
export async function deliverPush(page: Page, site: string, data: string): Promise<void> {
  const { origin } = new URL(site);
  const session = await page.context().newCDPSession(page);
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL, isDeleted }) => !isDeleted && scopeURL.startsWith(origin));
      if (own !== undefined) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const shown = await nextShown(page.context());
  await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId: await found, data });
  await shown();
  await session.detach();
}

type Shows = { readonly registration: ServiceWorkerRegistration; leydenShown: Promise<void> };

/** Listens from now on. @returns what waits until the service worker has shown something, or fails as that did */
async function nextShown(context: BrowserContext): Promise<() => Promise<void>> {
  const worker = await serviceWorkerOf(context);
  await worker.evaluate(() => {
    const own = globalThis as unknown as Shows;
    const { registration } = own;
    own.leydenShown = new Promise((resolve) => {
      registration.showNotification = (...of) => {
        Reflect.deleteProperty(registration, 'showNotification');
        const showing = registration.showNotification(...of);
        resolve(showing);
        return showing;
      };
    });
  });
  return () => worker.evaluate(() => (globalThis as unknown as Shows).leydenShown);
}

export const serviceWorkerOf = async (context: BrowserContext): Promise<Worker> =>
  context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));

/** Titles of what is shown to the person, asked of the service worker. */
export async function shownIn(context: BrowserContext): Promise<readonly string[]> {
  const worker = await serviceWorkerOf(context);
  return worker.evaluate(async () => {
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
    return (await registration.getNotifications()).map(({ title }) => title);
  });
}

/**
 * As if the person pressed what is shown: no protocol of a browser under test does that. The service worker is handed the
 * very notification; browsers open a window only upon a person's own press, so what it would open is noted in its place.
 * @returns the address that it opens
 */
export async function pressShown(context: BrowserContext): Promise<string> {
  const worker = await serviceWorkerOf(context);
  return worker.evaluate(async () => {
    const own = globalThis as unknown as {
      readonly registration: ServiceWorkerRegistration;
      readonly clients: { openWindow: (url: string) => Promise<unknown> };
      readonly NotificationEvent: new (name: string, of: { notification: Notification }) => Event;
      readonly dispatchEvent: (event: Event) => boolean;
    };
    const [notification] = await own.registration.getNotifications();
    if (notification === undefined) throw new Error('nothing is shown');
    const opened = new Promise<string>((resolve) => {
      own.clients.openWindow = (url) => Promise.resolve(resolve(url));
    });
    own.dispatchEvent(new own.NotificationEvent('notificationclick', { notification }));
    return opened;
  });
}
