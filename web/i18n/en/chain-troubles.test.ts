import { expect, it } from 'vitest';
import type { ChainTrouble } from '../../../engine/node/api.ts';
import { chainTrouble } from './chain-troubles.ts';

const server = 'https://chain.example/api';
const TROUBLES: readonly ChainTrouble[] = [
  { code: 'unreachable' },
  { code: 'rate-limited', server },
  { code: 'broken', server },
  { code: 'disputed' },
  { code: 'stale', blockAt: 1_700_000_000 },
  { code: 'fees-disputed' },
  { code: 'fees-unknown', since: 1_700_000_000 },
  { code: 'fees-alone', server, held: false },
  { code: 'fees-alone', server, held: true },
  ...(['transaction', 'proof', 'block', 'network'] as const).map((lie) => ({
    code: 'false-answer' as const,
    server,
    lie,
  })),
];

it('each trouble of the chain has its own sentence and a next step, and names who makes it', () => {
  const told = TROUBLES.map(chainTrouble);
  expect(new Set(told.map(({ title }) => title)).size).toBe(TROUBLES.length);
  for (const [i, { title, next }] of told.entries()) {
    expect(title).toMatch(/^[A-Za-z].*[^.!]$/);
    expect(next).toMatch(/^[A-Z].*\.$/);
    expect(title.startsWith('chain.example ')).toBe('server' in (TROUBLES[i] ?? {}));
  }
});
