import type { BlockHash } from '../../base/ids.ts';
import type { Network } from '../../base/network.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain-refusal.ts';
import { blockHashAt, tipHash } from '../esplora/questions.ts';
import type { Asked, ServerPool } from '../esplora/server-pool.ts';
import { collectHeaders } from './collect-headers.ts';
import { HELD, type HeaderChain } from './header-chain.ts';

/** So many servers are asked for their tip: one that hides blocks is found out by another. */
const TIP_SERVERS = 3;

const disputed = (detail: string): ChainRefusal => ({ code: 'chain-disputed', detail });

/**
 * The best chain that the servers show: the one with most work, ours when there is no better. Costs one request for
 * each server asked and one for a new block; a longer absence about one for ten blocks, up to `HELD` blocks, past
 * which the headers begin anew near the tip.
 */
export async function followTip(
  pool: ServerPool,
  known: HeaderChain | null,
  network: Network,
): Promise<Result<HeaderChain, ChainRefusal>> {
  const tips = await pool.askEach(tipHash, TIP_SERVERS);
  if (tips.length === 0) return err(UNREACHABLE);
  const followed = await bestOf(tips, pool, known, network);
  if (!followed.ok) return followed;
  const best = followed.value.tip.header.hash;
  pool.setBehind(new Set(tips.filter(({ value }) => value !== best).map(({ server }) => server)));
  return followed;
}

async function bestOf(
  tips: readonly Asked<BlockHash>[],
  pool: ServerPool,
  known: HeaderChain | null,
  network: Network,
): Promise<Result<HeaderChain, ChainRefusal>> {
  const stillOurs = tips.some(({ value }) => known?.heightOf(value) !== undefined);
  let best = known;
  const others: Apart[] = [];
  const seen = new Set<string>();
  for (const { server, value: hash } of tips) {
    if (seen.has(hash) || best?.heightOf(hash) !== undefined) continue;
    const collected = await collectHeaders({ pool, server, network }, hash, best);
    // Whoever names the block and cannot show it: the next server that names it may.
    if (collected === null) continue;
    seen.add(hash);
    if (collected.tag === 'apart') others.push({ server, chain: collected.chain });
    if (collected.tag !== 'linked' || best === null) continue;
    const { parentHeight, headers } = collected;
    const branch = best.withBranch(parentHeight, headers);
    const gain = branch.workAbove(parentHeight) - best.workAbove(parentHeight);
    // Equal work: stay with the block seen first, as Bitcoin Core does, unless no server knows it any more.
    if (gain > 0n || (gain === 0n && !stillOurs)) best = branch;
  }
  const top = others.toSorted((a, b) => b.chain.tip.height - a.chain.tip.height)[0];
  if (top !== undefined) return considerApart({ pool, network, stillOurs }, best, top);
  return best === null ? err(UNREACHABLE) : ok(best);
}

type Apart = { readonly server: string; readonly chain: HeaderChain };

/** Whether to begin anew from a chain that does not link to ours. */
async function considerApart(
  { pool, network, stillOurs }: { pool: ServerPool; network: Network; stillOurs: boolean },
  known: HeaderChain | null,
  { server, chain }: Apart,
): Promise<Result<HeaderChain, ChainRefusal>> {
  if (known !== null) {
    // Below all that we hold: a server that lags, and nothing to learn from it.
    if (chain.tip.height < known.baseHeight) return ok(known);
    const longAbsence = chain.tip.height - known.tip.height >= HELD;
    if (!longAbsence && stillOurs) return ok(known);
    if (!longAbsence && network === 'mainnet')
      return chain.tip.height > known.tip.height
        ? err(disputed('a server shows a chain that parts from ours below all the headers that we hold'))
        : ok(known);
    // Test chains are rolled back far, and reset.
  }
  const votes = await pool.askEach(blockHashAt(chain.baseHeight), TIP_SERVERS, server);
  const cast = votes.filter(({ value }) => value !== null);
  const agree = cast.filter(({ value }) => value === chain.at(chain.baseHeight)?.hash).length + 1;
  const disagree = cast.length + 1 - agree;
  return agree > disagree ? ok(chain) : err(disputed('servers show different chains'));
}
