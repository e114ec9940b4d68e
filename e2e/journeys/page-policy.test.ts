import { expect, test } from './stage/test.ts';
import { eachPlace } from './stage/places.ts';
import { withChannel } from './stage/with-channel.ts';

// That no journey breaks the policy or asks a stranger is seen to in each of them (stage/test.ts); here every screen is
// opened, and it is shown that breaking it would have been noticed.

test('every screen is opened, with a channel and payments behind it, and asks only its own servers', async ({
  app,
  device,
  world,
}) => {
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
  const visited: string[] = [];
  await eachPlace(app.page, (name) => Promise.resolve(void visited.push(name)));
  expect(visited.length).toBeGreaterThan(10);
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
