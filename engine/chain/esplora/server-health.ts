import type { Random } from '../../base/ports.ts';
import { timestamp, type Timestamp } from '../../base/units.ts';
import type { ChainTrouble, Lie } from '../chain-trouble.ts';

/** What went wrong with one request to one server. */
export type Trouble =
  | 'unreachable'
  | 'timeout'
  | 'too-large'
  | 'aborted'
  /** 429. */
  | 'rate-limited'
  /** 5xx, or a status that no Esplora answers here. */
  | 'server-error'
  /** Not the shape that was asked for. */
  | 'bad-answer'
  /** The right shape, and proven wrong. */
  | 'false-answer';

/** How one server has behaved. */
export type ServerHealth = {
  /** Troubles in a row, weighted; an answer halves them. */
  readonly strikes: number;
  /** Not asked before this moment. */
  readonly restUntil: Timestamp;
  readonly last: Trouble | null;
  /** Of a false answer. */
  readonly lie: Lie | null;
};

export const HEALTHY: ServerHealth = { strikes: 0, restUntil: timestamp(0), last: null, lie: null };

type Penalty = { readonly strikes: number; readonly restSeconds: number };
const PENALTY: Readonly<Record<Trouble, Penalty>> = {
  unreachable: { strikes: 1, restSeconds: 2 },
  timeout: { strikes: 1, restSeconds: 4 },
  'too-large': { strikes: 1, restSeconds: 2 },
  aborted: { strikes: 0, restSeconds: 0 },
  'rate-limited': { strikes: 1, restSeconds: 20 },
  'server-error': { strikes: 1, restSeconds: 4 },
  'bad-answer': { strikes: 2, restSeconds: 4 },
  'false-answer': { strikes: 4, restSeconds: 30 },
};
const LONGEST_REST = 600;

export const afterAnswer = (health: ServerHealth): ServerHealth =>
  health.strikes === 0 ? health : { ...health, strikes: Math.floor(health.strikes / 2) };

/** Rests double with each strike, up to ten minutes, and spread by half so that clients do not return together. */
export function afterTrouble(
  health: ServerHealth,
  trouble: Trouble,
  now: Timestamp,
  random: Random,
  lie: Lie | null = null,
): ServerHealth {
  const { strikes, restSeconds } = PENALTY[trouble];
  const doubled = Math.min(LONGEST_REST, restSeconds * 2 ** Math.min(10, health.strikes));
  const jitter = 0.5 + (random(1)[0] ?? 0) / 256;
  return {
    strikes: health.strikes + strikes,
    restUntil: timestamp(now + Math.ceil(doubled * jitter)),
    last: trouble,
    lie,
  };
}

/** When none of them helps: of their troubles the one that says most. */
export function troubleOf(servers: readonly (readonly [string, ServerHealth])[]): ChainTrouble {
  const known = servers.map(([server, health]) => ({ server, ...health }));
  const lied = known.find(({ lie }) => lie === 'network') ?? known.find(({ lie }) => lie !== null);
  if (lied !== undefined && lied.lie !== null)
    return { code: 'false-answer', server: lied.server, lie: lied.lie };
  const busy = known.find(({ last }) => last === 'rate-limited');
  if (busy !== undefined) return { code: 'rate-limited', server: busy.server };
  const broken = known.find(({ last }) => last !== null && BROKEN.has(last));
  return broken === undefined ? { code: 'unreachable' } : { code: 'broken', server: broken.server };
}

const BROKEN: ReadonlySet<Trouble> = new Set<Trouble>(['server-error', 'bad-answer', 'too-large']);
