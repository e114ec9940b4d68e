import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import * as machine from '../channel/machine.ts';

vi.mock('../channel/machine.ts', { spy: true });

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});
afterEach(() => {
  vi.mocked(machine.transition).mockRestore();
});

it('a bug in its machine freezes a channel: nothing half-done, the chain still watched, the way out open', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const invoice = value(await world.ask(bob.api.bolt11.receive({ amountMsat: 5_000_000n, description: '' })));
  const before = await alice.api.listBalances();
  vi.mocked(machine.transition).mockImplementationOnce(() => {
    throw new Error('a bug');
  });
  expect(await world.ask(alice.api.bolt11.send(invoice.invoice))).toMatchObject({ ok: false });
  expect((await alice.api.listChannels())[0]).toMatchObject({ state: 'frozen', isUsable: false });
  expect((await alice.api.status()).alarms.map(({ code }) => code)).toEqual(['bug', 'frozen-channel']);
  expect((await alice.api.listBalances()).totalMsat).toBe(before.totalMsat);

  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.mine(1);
  expect((await alice.api.listChannels())[0]?.state).toBe('force-closing');
  expect((await bob.api.listChannels())[0]?.state).toBe('force-closing');
});
