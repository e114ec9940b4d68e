import type { Page } from '@playwright/test';
import { setup } from '../../web/i18n/en.ts';
import { links, readPlace, type RouteName } from '../../web/state/routes.ts';
import { expect, test } from './stage/test.ts';
import { eachPlace } from './stage/places.ts';
import { withChannel } from './stage/with-channel.ts';

// That no journey breaks the policy or asks a stranger is seen to in each of them (stage/test.ts); here every screen is
// opened, and it is shown that breaking it would have been noticed.

/** What the router knows: a screen without its line is an error of types, and one that no step below opens fails. */
const SCREENS: { readonly [N in RouteName]: true } = {
  setup: true,
  'setup-create': true,
  'setup-lock': true,
  'setup-words': true,
  'setup-check': true,
  'setup-restore': true,
  'setup-restore-words': true,
  home: true,
  receive: true,
  send: true,
  'send-review': true,
  'send-payment': true,
  'send-transaction': true,
  activity: true,
  channels: true,
  'channel-open': true,
  'channel-close': true,
  'channel-move': true,
  room: true,
  'room-order': true,
  backup: true,
  'backup-restore': true,
  settings: true,
  'settings-words': true,
  'settings-storage': true,
  'settings-lock': true,
  'settings-servers': true,
  'settings-map': true,
  'settings-peers': true,
  'settings-lsps': true,
  'settings-notifications': true,
  'settings-logs': true,
  'settings-about': true,
  'settings-erase': true,
  psbt: true,
  'psbt-make': true,
  'psbt-review': true,
  'not-found': true,
};

/** The screens whose place the page has been at since. */
function screensSeen(page: Page): ReadonlySet<string> {
  const seen = new Set<string>();
  const note = (): void => void seen.add(readPlace(new URL(page.url()).hash).route.name);
  note();
  page.on('framenavigated', note);
  return seen;
}

/** As by the address, until another screen is there than before. */
async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((to) => {
    for (const heading of document.querySelectorAll('h1')) heading.dataset['before'] = '';
    location.hash = to;
  }, place);
  await expect(page.locator('h1:not([data-before])'), place).toHaveCount(1);
}

test('every screen is opened, with a channel and payments behind it, and asks only its own servers', async ({
  app,
  device,
  world,
}) => {
  const { page } = app;
  const seen = screensSeen(page);
  // What the first run shows, and goes by. One network is offered here: the step that would ask for it leads on by
  // itself, to a screen that a heading marked at the same moment would never be new on.
  await goTo(page, links.setupRestore);
  await expect(page.getByRole('heading', { level: 1, name: setup.restore.title, exact: true })).toHaveCount(
    1,
  );
  for (const place of [links.setupCreate, links.setup]) await goTo(page, place);
  await withChannel(app, world);
  const { bolt11 } = await world.ldk.createInvoice({ amountMsat: 20_000_000n, description: 'Book' });
  await app.send.enter(bolt11);
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  await app.receive.open();
  await app.receive.ask(9_000n, 'Tea');
  await app.channels.openFirst();
  await app.send.enter(await world.chain.newAddress());
  await app.send.amount(5_000n);
  await app.send.cost();
  await eachPlace(page, () => Promise.resolve());
  const [channelId = ''] = (await world.ldk.channels()).map((channel) => channel.channelId);
  const nobody = 'ab'.repeat(32);
  for (const place of [
    links.channel(channelId),
    links.channelClose(channelId),
    links.payment(nobody),
    links.roomOrder(nobody),
    links.sendPayment(nobody),
    links.sendTransaction(nobody),
    '#/nowhere',
  ])
    await goTo(page, place);
  expect([...seen].toSorted()).toEqual(Object.keys(SCREENS).toSorted());
  expect(device.findings()).toEqual([]);
});

test('what is not of the page does not run in it', async ({ app, device }) => {
  const { page } = app;
  await expect(page.locator('h1')).toHaveCount(1);
  const heard = device.witness.expectViolations();
  const attempts = await page.evaluate(async () => {
    const outcome = (attempt: () => unknown): string => {
      try {
        attempt();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const { trustedTypes } = globalThis as unknown as {
      trustedTypes: { createPolicy: (name: string, rules: object) => unknown };
    };
    // In a task of its own: what a debugger runs may do more than the page.
    await new Promise((resolve) => setTimeout(resolve));
    const inline = document.createElement('p');
    return {
      html: outcome(() => (inline.innerHTML = '<img src=x onerror=alert(1)>')),
      text: outcome(() => Reflect.apply(Reflect.get(globalThis, 'eval') as () => unknown, null, ['1'])),
      made: outcome(() =>
        Reflect.construct(Reflect.get(globalThis, 'Function') as () => unknown, ['return 1']),
      ),
      worker: outcome(() => new Worker('./assets/any.js')),
      source: outcome(() => (document.createElement('script').src = 'https://example.com/x.js')),
      policy: outcome(() => trustedTypes.createPolicy('another', {})),
    };
  });
  expect(attempts).toEqual({
    html: 'TypeError',
    text: 'EvalError',
    made: 'EvalError',
    worker: 'TypeError',
    source: 'TypeError',
    policy: 'TypeError',
  });
  await expect.poll(() => heard().join('\n')).toContain('require-trusted-types-for');
});
