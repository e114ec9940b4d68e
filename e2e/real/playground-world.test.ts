import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeBolt11 } from '../../engine/invoice/bolt11-decode.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import { freePort } from '../world/free-port.ts';
import { startPlaygroundWorld } from '../world/playground-world.ts';
import { wayToLsp } from '../world/way-to-lsp.ts';
import { World } from '../world/world.ts';
import { valueOf } from './scenarios/values.ts';

const FUND_SAT = 200_000_000n;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leyden-playground-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As what a page shows is paid from. */
async function invoiceIn({ control }: World): Promise<string> {
  const answer = await fetch(`${control.url}/peer/invoice`, {
    method: 'POST',
    body: JSON.stringify({ amountMsat: 5_000_000, description: 'tea' }),
  });
  return ((await answer.json()) as { readonly bolt11: string }).bolt11;
}

test('one node pays and another is paid, by way of the LSP or of who pays, in a playground kept from when both were one, too', async () => {
  const firstPort = await freePort();
  const before = await World.start({
    folder,
    firstPort,
    peers: [
      { alias: 'Playground LDK', fundSat: FUND_SAT },
      { alias: 'Playground LSP', fundSat: FUND_SAT, lsp: DEFAULT_LSP_TERMS },
    ],
  });
  await wayToLsp(before);
  const known = before.peers.map(({ id }) => id);
  const relay = before.relay.url;
  await before.stop();

  for (const _start of [1, 2]) {
    const world = await startPlaygroundWorld({ folder, firstPort, sitePort: '1' });
    const [payer, lsp, payee] = world.peers;
    expect([payer?.id, lsp?.id]).toEqual(known);
    expect(world.relay.url).toBe(relay);
    for (const from of [payer, lsp]) {
      const bolt11 = await invoiceIn(world);
      const invoice = valueOf(decodeBolt11(bolt11, 'regtest'));
      expect(invoice.payee).toBe(payee?.id);
      await from?.pay(bolt11);
    }
    expect((await payee?.channels())?.map(({ counterparty }) => counterparty).toSorted()).toEqual(
      known.toSorted(),
    );
    await world.stop();
  }
}, 240_000);
