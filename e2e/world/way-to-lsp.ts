import type { LdkPeer } from './ldk/ldk-peer.ts';
import type { RealPeer } from './real-peer.ts';
import type { World } from './world.ts';

const CAPACITY_SAT = 10_000_000n;
/** Above the reserve: the payer can be paid through the LSP, too. */
const PUSH_MSAT = 3_000_000_000n;
/** What can be paid to who is there to be paid. */
const PAID_MSAT = 9_000_000_000n;
const DEEP = 6;

/** Sees to it that a channel of its own leads from one peer to another, and is usable. */
export async function wayBetween(
  world: World,
  from: LdkPeer,
  to: RealPeer,
  pushMsat = PUSH_MSAT,
): Promise<void> {
  await from.connect(to.id, to.address);
  const isWay = ({ counterparty, isReady }: { counterparty: string; isReady: boolean }): boolean =>
    counterparty === to.id && isReady;
  if (!(await from.channels()).some(isWay)) {
    await from.openChannel({ nodeId: to.id, capacitySat: CAPACITY_SAT, pushMsat });
    await world.mine(DEEP);
  }
  await from.waitForChannel(
    ({ counterparty, isUsable }) => counterparty === to.id && isUsable,
    `a way to ${to.alias}`,
  );
}

type Inhabitants = { readonly payer: LdkPeer; readonly lsp: LdkPeer };

function inhabitants({ peers }: World): Inhabitants {
  const lsp = peers.find(({ isLsp }) => isLsp);
  const payer = peers.find(({ isLsp }) => !isLsp);
  if (lsp === undefined || payer === undefined) throw new Error('a world with an LSP and a payer is needed');
  return { payer, lsp };
}

/** Sees to it that the first peer can pay whoever has a channel with the LSP. Each needs coins of its own. */
export async function wayToLsp(world: World): Promise<Inhabitants> {
  const found = inhabitants(world);
  await wayBetween(world, found.payer, found.lsp);
  return found;
}

/** Sees to it that whoever has a channel with the LSP, or with the first peer, can pay the last, which needs coins, too. */
export async function waysToPayee(world: World): Promise<LdkPeer> {
  const { payer, lsp } = inhabitants(world);
  const payee = world.peers.at(-1);
  if (payee === undefined || payee === payer || payee === lsp)
    throw new Error('somebody to be paid is needed');
  await wayBetween(world, payee, lsp, PAID_MSAT);
  await wayBetween(world, payee, payer, PAID_MSAT);
  return payee;
}
