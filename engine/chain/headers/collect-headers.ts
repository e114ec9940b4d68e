import type { BlockHash } from '../../base/ids.ts';
import { NETWORKS, type Network } from '../../base/network.ts';
import { parseHeader, type BlockHeader } from '../../bitcoin/header.ts';
import type { Lie } from '../chain-trouble.ts';
import { block, blockHashAt, blockHeader, blocksDownFrom, type BlockSummary } from '../esplora/questions.ts';
import type { ServerPool } from '../esplora/server-pool.ts';
import { summaryBytes } from './header-bytes.ts';
import { HELD, HeaderChain } from './header-chain.ts';
import { isOfOurTime, mayFollow, standsAlone } from './header-rules.ts';
import { provesHeight } from './height-proof.ts';

/** How many headers below a tip are fetched when nothing that we hold is near. */
export const ANCHOR_DEPTH = 10;

/** What one server's tip leads down to. Headers are oldest first, link, and stand for work. */
export type Collected =
  /** The headers follow our block at `parentHeight`. */
  | { readonly tag: 'linked'; readonly parentHeight: number; readonly headers: readonly BlockHeader[] }
  /** Too far from ours, or no ours yet: a chain of its own. Its heights are proven by a coinbase transaction. */
  | { readonly tag: 'apart'; readonly chain: HeaderChain };

type Source = { readonly pool: ServerPool; readonly server: string; readonly network: Network };

/** Asks `server` for the headers from `tip` down. Null when it fails or lies; that counts against it. */
export async function collectHeaders(
  source: Source,
  tip: BlockHash,
  known: HeaderChain | null,
): Promise<Collected | null> {
  const { pool, server } = source;
  const top = await pool.askServer(server, blockHeader(tip));
  const header = top.ok && top.value !== null ? parseHeader(top.value) : null;
  if (header === null) return null;
  if (header.hash !== tip) return distrust(source);
  const parent = known?.heightOf(header.previous);
  if (known !== null && parent !== undefined) return checked(source, known, parent, [header]);

  const below = await pool.askServer(server, block(header.previous));
  if (!below.ok) return null;
  // The genesis block has nothing below it.
  if (below.value === null) return apart(source, [header], 0);
  const height = below.value.height;
  const near = known !== null && height - known.tip.height < HELD && height >= known.baseHeight;
  const found = await descend(source, [header], below.value, near ? known : null);
  if (found === null) return null;
  const { headers, height: lowest } = found;
  const joint = known?.heightOf(headers[0]?.previous ?? header.previous);
  return known !== null && joint !== undefined
    ? checked(source, known, joint, headers)
    : apart(source, headers, lowest);
}

/** Puts headers below `headers` until they link to `known`, or are enough to stand apart. */
async function descend(
  source: Source,
  headers: BlockHeader[],
  first: BlockSummary,
  known: HeaderChain | null,
): Promise<{ readonly headers: readonly BlockHeader[]; readonly height: number } | null> {
  const limit = known === null ? ANCHOR_DEPTH : HELD + 1;
  let height = first.height + 1;
  let page: readonly BlockSummary[] = [first];
  for (;;) {
    for (const summary of page) {
      const header = parseHeader(summaryBytes(summary));
      if (header?.hash !== headers[0]?.previous || header === null) return distrust(source);
      headers.unshift(header);
      height--;
      const linked = known?.heightOf(header.previous) !== undefined;
      const missed = known !== null && height <= known.baseHeight;
      if (linked || missed || headers.length >= limit || height === 0) return { headers, height };
    }
    page = await pageBelow(source, height - 1, headers[0]);
    if (page.length === 0) return null;
  }
}

/** Ten or so blocks in one answer; one at a time from a server that has no such route. */
async function pageBelow(
  { pool, server }: Source,
  height: number,
  above: BlockHeader | undefined,
): Promise<readonly BlockSummary[]> {
  const page = await pool.askServer(server, blocksDownFrom(height));
  if (!page.ok) return [];
  if (page.value !== null) return page.value;
  const single = above && (await pool.askServer(server, block(above.previous)));
  return single?.ok && single.value !== null ? [single.value] : [];
}

function checked(
  source: Source,
  known: HeaderChain,
  parentHeight: number,
  headers: readonly BlockHeader[],
): Promise<Collected | null> | Collected {
  let previous = known.at(parentHeight);
  for (const [i, header] of headers.entries()) {
    if (previous === undefined || !mayFollow(header, previous, parentHeight + 1 + i, source.network))
      return distrust(source);
    previous = header;
  }
  return { tag: 'linked', parentHeight, headers };
}

/** A height stands in no header: where no block of ours leads there, the server has to prove it. */
async function apart(
  source: Source,
  headers: readonly BlockHeader[],
  height: number,
): Promise<Collected | null> {
  const sound = headers.every((header, i) => {
    const previous = headers[i - 1];
    return previous === undefined
      ? standsAlone(header, height, source.network)
      : mayFollow(header, previous, height + i, source.network);
  });
  const chain = new HeaderChain(height, headers);
  if (!sound || !isOfOurTime(chain.tip.height, source.network)) return distrust(source);
  // The genesis block cannot say where it stands.
  const at = Math.max(1, chain.baseHeight);
  const header = chain.at(at);
  const [isProven, isOther] = await Promise.all([
    header === undefined || provesHeight(source.pool, source.server, header, at),
    isOfAnotherNetwork(source),
  ]);
  if (isOther) return lied(source, 'network');
  if (isProven === false) return lied(source, 'block');
  return isProven === null ? null : { tag: 'apart', chain };
}

/** A person who named a server of another network is told so: all of its blocks are false here. */
async function distrust(source: Source): Promise<null> {
  return lied(source, (await isOfAnotherNetwork(source)) ? 'network' : 'block');
}

function lied({ pool, server }: Source, lie: Lie): null {
  pool.distrust(server, lie);
  return null;
}

/** By its first block. False also of who does not say: what it shows is checked in any case. */
async function isOfAnotherNetwork({ pool, server, network }: Source): Promise<boolean> {
  const first = await pool.askServer(server, blockHashAt(0));
  return first.ok && first.value !== null && first.value !== NETWORKS[network].genesisHash;
}
