import type { Network } from '../../base/network.ts';
import { hasProofOfWork, targetOf, type BlockHeader } from '../../bitcoin/header.ts';

/** Bitcoin Core: DifficultyAdjustmentInterval. */
const PERIOD = 2_016;

/** The target of difficulty 1. */
const EASIEST = 0xffffn << 208n;
/**
 * Since block 840,000 mainnet's difficulty has been above 8·10^13. A header that says much less there was not mined by
 * the network: without this floor, headers that nothing links to our own could be had for a few pence.
 */
const FLOOR_FROM = 840_000;
const FLOOR_TARGET = EASIEST / 10n ** 13n;

/** A header stands for work, as far as it can be told without the blocks before it. */
export function standsAlone(header: BlockHeader, height: number, network: Network): boolean {
  if (!hasProofOfWork(header, network)) return false;
  return network !== 'mainnet' || height < FLOOR_FROM || (targetOf(header.bits) ?? EASIEST) <= FLOOR_TARGET;
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
