import type { Scid } from '../../engine/base/units.ts';
import { channelIndexOf, nodeIdAt, type Graph } from '../../engine/gossip/graph.ts';
import { balances, PRIORS, type Prior } from './judge.ts';
import type { FoundPart } from './query.ts';

/** Worlds of hidden balances that are drawn of each prior. */
const WORLDS = 20;
const SEED = 1_000;

/** What a payment takes of a channel, and from which side. */
type Flow = { readonly channel: number; readonly isFromA: boolean; readonly amount: number };

/**
 * How likely a payment is to arrive whole at its first try, as one judge has it who knows neither scorer: the share of
 * drawn worlds in which every channel holds what all its parts together take. Of each payment, in per cent.
 */
export function estimated(
  graph: Graph,
  payments: readonly { readonly payer: string; readonly parts: readonly FoundPart[] }[],
): Readonly<Record<Prior, readonly number[]>> {
  const all = payments.map(({ payer, parts }) => flowsOf(graph, payer, parts));
  const capacities = balances(graph, 'whole', 0);
  const shares = (Object.keys(PRIORS) as Prior[]).map((prior): readonly [Prior, readonly number[]] => {
    const arrived = all.map(() => 0);
    for (let world = 0; world < WORLDS; world++) {
      const held = balances(graph, prior, SEED + world);
      for (const [i, flows] of all.entries()) {
        const arrives = flows.every(({ channel, isFromA, amount }) => {
          const own = held[channel] ?? 0;
          return (isFromA ? own : (capacities[channel] ?? 0) - own) >= amount;
        });
        if (arrives) arrived[i] = (arrived[i] ?? 0) + 1;
      }
    }
    return [prior, arrived.map((worlds) => (100 * worlds) / WORLDS)];
  });
  return Object.fromEntries(shares) as Record<Prior, readonly number[]>;
}

function flowsOf(graph: Graph, payer: string, parts: readonly FoundPart[]): readonly Flow[] {
  const flows = new Map<number, Flow>();
  for (const part of parts) {
    let from = payer;
    for (const { scid, nodeId, amountMsat } of part) {
      const channel = channelIndexOf(graph, scid as Scid);
      const isFromA = nodeIdAt(graph, graph.channels.nodeA[channel] ?? 0) === from;
      const name = 2 * channel + (isFromA ? 0 : 1);
      const amount = (flows.get(name)?.amount ?? 0) + Number(amountMsat);
      flows.set(name, { channel, isFromA, amount });
      from = nodeId;
    }
  }
  return [...flows.values()];
}
