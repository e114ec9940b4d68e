import { toHex } from '../../base/bytes.ts';
import { type OutPoint } from '../../base/ids.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Commitment } from '../../commitment/commitment.ts';
import { law } from './law.ts';
import type { Who } from './law-node.ts';
import type { LawWorld } from './law-world.ts';
import { COINS_AT_FIRST } from './law-wallet.ts';

/** What became of a commitment's outputs, in satoshis. */
export type Takings = {
  /** By index. Not there: nobody took it. */
  readonly takenBy: ReadonlyMap<number, Who>;
  /** In the wallet of each now, beyond what it began with; less where fees took more than came in. */
  readonly gained: Readonly<Record<Who, bigint>>;
  /** Of its own transactions. */
  readonly fees: Readonly<Record<Who, bigint>>;
  /** Outputs of HTLC transactions that their owner did not take. */
  readonly left: Readonly<Record<Who, bigint>>;
};

/** @param owner of the commitment: what pays neither wallet is an HTLC transaction of its own. */
export function takingsOf(world: LawWorld, owner: Who, { txId, tx }: Commitment): Takings {
  const { chain } = world;
  const takenBy = new Map<number, Who>();
  const [gained, fees, left] = [nothing(), nothing(), nothing()];
  for (const { who } of world.nodes) gained[who] -= COINS_AT_FIRST;
  const claims = new Set(chain.mined().filter((one) => comesFrom(world, one, txId)));
  for (const claim of claims) {
    const by = makerOf(world, claim) ?? owner;
    const id = txIdOf(claim);
    fees[by] += chain.feeOf(id);
    for (const { outPoint } of claim.inputs) if (outPoint.txId === txId) takenBy.set(outPoint.index, by);
    for (const [index, { amount, script }] of claim.outputs.entries()) {
      const whose = whoseScript(world, script);
      law(whose === null || whose === by, 'what one takes goes to its own wallet');
      if (minedSpender(world, { txId: id, index }) === null && whose === null) left[by] += amount;
    }
  }
  for (const one of chain.mined())
    for (const [index, { amount, script }] of one.outputs.entries()) {
      const whose = whoseScript(world, script);
      if (whose !== null && minedSpender(world, { txId: txIdOf(one), index }) === null)
        gained[whose] += amount;
    }
  law(tx.outputs.length > 0, 'a commitment has outputs');
  return { takenBy, gained, fees, left };
}

const nothing = (): Record<Who, bigint> => ({ alice: 0n, bob: 0n });

/** It spends an output of the commitment, or one of what does so first. */
const comesFrom = ({ chain }: LawWorld, { inputs }: Tx, txId: string): boolean =>
  inputs.some(
    ({ outPoint }) =>
      outPoint.txId === txId ||
      chain.placeOf(outPoint.txId)?.tx.inputs.some((input) => input.outPoint.txId === txId),
  );

/** Whose coins it spends, or whom it pays; null for an HTLC transaction that holds its own fee. */
function makerOf(world: LawWorld, tx: Tx): Who | null {
  const scripts = tx.inputs.flatMap(
    ({ outPoint }) => world.chain.placeOf(outPoint.txId)?.tx.outputs[outPoint.index]?.script ?? [],
  );
  const whose = [...scripts, ...tx.outputs.map(({ script }) => script)].map((one) => whoseScript(world, one));
  return whose.find((who) => who !== null) ?? null;
}

const whoseScript = (world: LawWorld, script: Uint8Array): Who | null =>
  world.nodes.find(({ life }) => life.wallet.scripts.has(toHex(script)))?.who ?? null;

function minedSpender({ chain }: LawWorld, outPoint: OutPoint): Tx | null {
  const found = chain.spenderOf(outPoint);
  return found === null || found.at === null ? null : found.tx;
}
