import { equalBytes } from '../../base/bytes.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Commitment } from '../../commitment/commitment.ts';
import { walletScript } from '../two-peer-env.ts';
import { law } from './law.ts';
import type { LawChain } from './law-chain.ts';
import type { Who } from './law-node.ts';

/** What became of a commitment's outputs, in satoshis. */
export type Takings = {
  /** By index. Not there: nobody took it. */
  readonly takenBy: ReadonlyMap<number, Who>;
  /** In the wallet of each now. */
  readonly held: Record<Who, bigint>;
  /** Of its own transactions. */
  readonly fees: Record<Who, bigint>;
  /** Outputs of HTLC transactions that their owner did not take. */
  readonly left: Record<Who, bigint>;
};

/** @param owner of the commitment: HTLC transactions are its own. */
export function takingsOf(chain: LawChain, owner: Who, { txId, tx }: Commitment): Takings {
  const takenBy = new Map<number, Who>();
  const [held, fees, left] = [nothing(), nothing(), nothing()];
  for (const index of tx.outputs.keys()) {
    let spender = minedSpender(chain, { txId, index });
    if (spender === null) continue;
    const by = whoseOutput(spender) ?? owner;
    takenBy.set(index, by);
    // One of an HTLC is taken in two transactions by its owner. Here each takes one output to one.
    for (let value: bigint = tx.outputs[index]?.amount ?? 0n; spender !== null;) {
      const [output, ...others] = spender.outputs;
      law(
        output !== undefined && others.length === 0 && spender.inputs.length === 1,
        'claims do not share here',
      );
      fees[by] += value - output.amount;
      value = output.amount;
      const who = whoseOutput(spender);
      law(who === null || who === by, 'what one takes goes to its wallet');
      const next = minedSpender(chain, { txId: txIdOf(spender), index: 0 });
      law(who === null || next === null, 'a wallet keeps what it has here');
      if (next === null) (who === null ? left : held)[by] += value;
      spender = next;
    }
  }
  return { takenBy, held, fees, left };
}

const nothing = (): Record<Who, bigint> => ({ alice: 0n, bob: 0n });

function minedSpender(chain: LawChain, outPoint: Parameters<LawChain['spenderOf']>[0]): Tx | null {
  const found = chain.spenderOf(outPoint);
  return found === null || found.at === null ? null : found.tx;
}

const whoseOutput = ({ outputs: [output] }: Tx): Who | null =>
  (['alice', 'bob'] as const).find((who) => output && equalBytes(output.script, walletScript(who))) ?? null;
