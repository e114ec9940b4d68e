import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LdkNodePeer } from '../interop/peers/ldk-node/ldk-node-peer.ts';
import { startSite } from '../world/site.ts';
import { wayBetween } from '../world/way-to-lsp.ts';
import { World } from '../world/world.ts';
import { fromNothing } from './stage/first-sats.ts';
import { SITE, test as base } from './stage/test.ts';

const FUND_SAT = 100_000_000n;
/** What the payee may be paid. */
const PAID_MSAT = 5_000_000_000n;

/** ldk-node's own LSPS2 service sells the channels; LDK pays, and is paid. */
const test = base.extend<object, { readonly lsp: LdkNodePeer }>({
  world: [
    async ({ browserName: _any }, use) => {
      const peers = ['Payer', 'Payee'].map((alias) => ({ alias, fundSat: FUND_SAT }));
      const world = await World.start({ peers });
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  lsp: [
    async ({ world }, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'leyden-ldk-node-'));
      const lsp = await LdkNodePeer.start(world.chain, { alias: 'ldk-node', folder, forwards: true });
      await lsp.fund(FUND_SAT);
      const [payer, payee] = world.peers;
      if (payer === undefined || payee === undefined) throw new Error('who pays and who is paid are needed');
      await wayBetween(world, payer, lsp);
      await wayBetween(world, payee, lsp, PAID_MSAT);
      await lsp.sync();
      await use(lsp);
      await lsp.stop();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  site: [
    async ({ world, lsp }, use) => {
      const config = world.config();
      const lsps = [{ alias: lsp.alias, nodeId: lsp.id, ...lsp.address, token: null, trusted: true }];
      const networks = { regtest: { ...config.networks.regtest, lsps } };
      const site = await startSite({ folder: SITE, config: () => ({ ...config, networks }) });
      await use(site);
      await site.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test('ldk-node sells the channel: from nothing to the first satoshis, on to paying and being paid', async ({
  app,
  world,
}) => {
  const [payer, payee] = world.peers;
  if (payer === undefined || payee === undefined) throw new Error('who pays and who is paid are needed');
  // The least fee, and 1,000 sat that have to be left of a payment.
  await fromNothing(app, { feeSat: 1_000n, tooLittle: 1_999n, least: /2\D?000 sat/ }, { payer, payee });
});
