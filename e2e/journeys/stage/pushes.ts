import type { BrowserContext, Page } from '@playwright/test';

/**
 * As if the browser's push service had brought it to the service worker of this site.
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
  await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId: await found, data });
  await session.detach();
}

/** Titles of what is shown to the person, asked of the service worker. */
export async function shownIn(context: BrowserContext): Promise<readonly string[]> {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
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
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
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
