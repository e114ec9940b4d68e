import type { BlockHash } from '../../base/ids.ts';
import type { Network } from '../../base/network.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain-refusal.ts';
import { block, blockHashAt, tipHash } from '../esplora/questions.ts';
import type { Asked, ServerPool } from '../esplora/server-pool.ts';
import { collectHeaders } from './collect-headers.ts';
import { HELD, type HeaderChain } from './header-chain.ts';
import { hadTime } from './header-rules.ts';

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
  /** Somebody who answered well: also who lags. */
  let heard = stillOurs;
  const others: Apart[] = [];
  const seen = new Set<string>();
  for (const { server, value: hash } of tips) {
    if (seen.has(hash) || best?.heightOf(hash) !== undefined) continue;
    const collected = await collectHeaders({ pool, server, network }, hash, best);
    // Whoever names the block and cannot show it: the next server that names it may.
    if (collected === null) continue;
    heard = true;
    if (collected.tag === 'apart') {
      // Another that names the block may lead from it down to ours.
      others.push({ server, chain: collected.chain });
      continue;
    }
    seen.add(hash);
    if (best === null) continue;
    const { parentHeight, headers } = collected;
    const branch = best.withBranch(parentHeight, headers);
    const gain = branch.workAbove(parentHeight) - best.workAbove(parentHeight);
    // Equal work: stay with the block seen first, as Bitcoin Core does, unless no server knows it any more.
    if (gain > 0n || (gain === 0n && !stillOurs)) best = branch;
  }
  const top = others
    .filter(({ chain }) => best?.heightOf(chain.tip.header.hash) === undefined)
    .toSorted((a, b) => b.chain.tip.height - a.chain.tip.height)[0];
  const linked = tips.some(({ value }) => best?.heightOf(value) !== undefined);
  if (top !== undefined) return considerApart({ pool, network, stillOurs: linked }, best, top);
  // Not one that shows what it names: what we know may be of long ago.
  return best === null || !heard ? err(UNREACHABLE) : ok(best);
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
  if (known !== null && network === 'mainnet' && !hadTime(known.tip, chain.tip))
    return err(disputed('a server counts more blocks than were mined since ours'));
  const asked = pool.usable().filter((other) => other !== server);
  const votes = await Promise.all(asked.slice(0, TIP_SERVERS).map((other) => agrees(pool, other, chain)));
  const agree = votes.filter((vote) => vote === true).length + 1;
  // Where headers cost nothing, who is on our chain now and knows nothing of the other one speaks against it. On mainnet
  // it lags: what it does not know was mined all the same.
  const silence = stillOurs && network !== 'mainnet';
  const disagree = votes.filter((vote) => vote === false || (vote === null && silence)).length;
  if (agree > disagree) return ok(chain);
  return known !== null && stillOurs && disagree > agree
    ? ok(known)
    : err(disputed('servers show different chains'));
}

/** Whether a server has this block at this height; null when it knows neither. */
async function agrees(pool: ServerPool, server: string, chain: HeaderChain): Promise<boolean | null> {
  const hash = chain.at(chain.baseHeight)?.hash;
  if (hash === undefined) return null;
  // A height stands in no header: whoever knows the block says where it is.
  const known = await pool.askServer(server, block(hash));
  if (known.ok && known.value !== null) return known.value.height === chain.baseHeight;
  const there = await pool.askServer(server, blockHashAt(chain.baseHeight));
  return there.ok && there.value !== null ? there.value === hash : null;
}
