import type { LdkPeer } from './ldk/ldk-peer.ts';
import type { World } from './world.ts';

const CAPACITY_SAT = 10_000_000n;
/** Above the reserve: the payer can be paid through the LSP, too. */
const PUSH_MSAT = 3_000_000_000n;
const DEEP = 6;

/** Sees to it that the first peer can pay whoever has a channel with the LSP. Each needs coins of its own. */
export async function wayToLsp(world: World): Promise<{ readonly payer: LdkPeer; readonly lsp: LdkPeer }> {
  const lsp = world.peers.find(({ isLsp }) => isLsp);
  const payer = world.peers.find(({ isLsp }) => !isLsp);
  if (lsp === undefined || payer === undefined) throw new Error('a world with an LSP and a payer is needed');
  await payer.connect(lsp.id, lsp.address);
  const isWay = ({ counterparty, isReady }: { counterparty: string; isReady: boolean }): boolean =>
    counterparty === lsp.id && isReady;
  if (!(await payer.channels()).some(isWay)) {
    await payer.openChannel({ nodeId: lsp.id, capacitySat: CAPACITY_SAT, pushMsat: PUSH_MSAT });
    await world.mine(DEEP);
  }
  await payer.waitForChannel(
    ({ counterparty, isUsable }) => counterparty === lsp.id && isUsable,
    'a way to the LSP',
  );
  return { payer, lsp };
}
