import type { Network } from '../../base/network.ts';
import { hasProofOfWork, targetOf, type BlockHeader } from '../../bitcoin/header.ts';

/** Bitcoin Core: DifficultyAdjustmentInterval. */
const PERIOD = 2_016;

/** The target of difficulty 1. */
const EASIEST = 0xffffn << 208n;
/**
 * Mainnet's difficulty has not been below these since these blocks, hardest first. A header that says less there was not
 * mined by the network: without this floor, headers that nothing links to our own could be had for a few pence, and at
 * their beginning for nothing. The last one has room for years in which miners leave.
 */
const FLOORS: readonly (readonly [since: number, difficulty: number])[] = [
  [600_000, 1e13],
  [540_000, 5e12],
  [480_000, 8e11],
  [400_000, 1e11],
  [330_000, 3e10],
  [300_000, 5e9],
  [250_000, 3e7],
  [150_000, 1e6],
];

/** The easiest target that a block of mainnet can have had at this height. */
export function easiestAt(height: number): bigint {
  return EASIEST / BigInt(FLOORS.find(([since]) => height >= since)?.[1] ?? 1);
}

/** Mainnet was here before there was this wallet: no tip that it can be shown is below, and no channel that it has. */
const EARLIEST = 840_000;

export const isOfOurTime = (height: number, network: Network): boolean =>
  network !== 'mainnet' || height >= EARLIEST;

/** A header stands for work, as far as it can be told without the blocks before it. */
export function standsAlone(header: BlockHeader, height: number, network: Network): boolean {
  if (!hasProofOfWork(header, network)) return false;
  const target = targetOf(header.bits);
  return network !== 'mainnet' || (target !== null && target <= easiestAt(height));
}

/** `header` may follow `previous` at `height`. */
export function mayFollow(
  header: BlockHeader,
  previous: BlockHeader,
  height: number,
  network: Network,
): boolean {
  if (header.previous !== previous.hash || !standsAlone(header, height, network)) return false;
  // The test chains have exceptions of their own, and headers that cost nothing anyway.
  if (network !== 'mainnet' && network !== 'signet') return true;
  if (height % PERIOD !== 0) return header.bits === previous.bits;
  // Bitcoin Core, CalculateNextWorkRequired: a period changes the target by a factor of four at most.
  const target = targetOf(header.bits) ?? 0n;
  const before = targetOf(previous.bits) ?? 0n;
  return target <= before * 4n && target * 5n >= before;
}

const PLANNED_SECONDS = 600;
/** Blocks by luck. */
const LUCK = 200;

type At = { readonly height: number; readonly header: Pick<BlockHeader, 'time'> };

/** Within one period the network may double; then the difficulty follows, and over months it was never faster than this. */
const GROWTH = 1.15;

/** A height that claims more blocks than could be mined since is made up. */
export function hadTime(before: At, after: At): boolean {
  const planned = (after.header.time - before.header.time) / PLANNED_SECONDS;
  const doubled = Math.min(planned, PERIOD) * (2 - GROWTH);
  return after.height - before.height <= planned * GROWTH + doubled + LUCK;
}
