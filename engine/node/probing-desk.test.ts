import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { ok } from '../base/result.ts';
import { timestamp } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph, nodeIndexOf } from '../gossip/graph.ts';
import { PaymentBook } from '../payment/book.ts';
import { envOf, payChannel, testNode } from '../payment/fixtures/pay-world.ts';
import type { PaymentEnv } from '../payment/env.ts';
import { PROBE_LIMITS } from '../payment/probe-limits.ts';
import type { FoundWays, RouteQuery } from '../payment/route.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { toldNetwork } from '../testkit/told-network.ts';
import type { Probing } from './node-options.ts';
import type { PaymentDesk } from './payment-desk.ts';
import { ProbingDesk } from './probing-desk.ts';
import type { Turn } from './turn.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
const { channels, policies } = toldNetwork(3, 30, 3);
const applied = applySnapshot(
  emptyGraph(chainHash),
  writeSnapshot({ version: 2, chainHash, at: NOW, channels, policies }),
);
if (!applied.ok) throw new Error(applied.error.code);
const graph = applied.value;

async function desk(begun: Probing | null, isCurrent = true) {
  let probing = begun;
  const asked: RouteQuery[] = [];
  let applied_ = 0;
  const waiting: { readonly at: number; readonly run: () => void }[] = [];
  let now = 0;
  const us = testNode(1);
  const env = () =>
    envOf(us, {
      channels: [payChannel(1, testNode(2).id)],
      findRoutes: (query) => {
        asked.push(query);
        return ok([]);
      },
    });
  let drawn = 7;
  const made = new ProbingDesk(
    {
      payments: new PaymentBook(),
      isCurrent,
      running: {},
      options: {
        clock: {
          now: () => NOW,
          monotonicMs: () => now,
          after: (delay, run) => {
            const one = { at: now + delay, run };
            waiting.push(one);
            return () => void waiting.splice(waiting.indexOf(one), 1);
          },
        },
        random: (length) => Uint8Array.from({ length }, () => (drawn = (drawn * 197 + 71) % 251)),
        servers: () =>
          Promise.resolve(ok({ esplora: [], proxies: [], ...(probing === null ? {} : { probing }) })),
      },
    },
    {
      withWays: <T>(
        look: (env: PaymentEnv) => FoundWays | null,
        run: Parameters<PaymentDesk['withWays']>[1],
      ) =>
        new Promise<T>((resolve) => {
          const found = look(env());
          run({} as Turn, found === null ? env() : { ...env(), found }, (value) => resolve(value as T));
        }),
      apply: () => void applied_++,
    },
    () => graph,
  );
  made.begin();
  /** So many alarms, one after the other. */
  const ring = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      // The servers are asked first.
      await Promise.resolve().then(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      const next = waiting.shift();
      if (next === undefined) return;
      now = next.at;
      next.run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const set = (next: Probing | null): void => void (probing = next);
  return { made, asked, ring, set, applied: () => applied_, now: () => now, waiting };
}

describe('probing by itself', () => {
  it('happens only where it is asked for', async () => {
    const off = await desk(null);
    await off.ring(70);
    expect(off.now()).toBeGreaterThan(3_600_000);
    expect(off.asked).toEqual([]);
  });

  it('one after the other, to nodes of the map, within what is allowed', async () => {
    const on = await desk({ everySeconds: 60, mostSat: 20_000 });
    await on.ring(40);
    expect(on.now()).toBe(40 * 60_000);
    // Some ids of a map that nobody checked are no keys: nobody can be paid by them.
    expect(on.asked.length).toBeGreaterThan(15);
    expect(on.applied()).toBe(on.asked.length);
    expect(new Set(on.asked.map(({ payee }) => payee)).size).toBeGreaterThan(5);
    for (const { payee, amount, maxParts, maxCltvExpiry, finalCltvExpiry } of on.asked) {
      expect(nodeIndexOf(graph, payee)).toBeGreaterThanOrEqual(0);
      expect(amount).toBeGreaterThanOrEqual(1_000_000n);
      expect(amount).toBeLessThanOrEqual(20_000_000n);
      expect(maxParts).toBe(1);
      expect(maxCltvExpiry - finalCltvExpiry).toBeLessThan(PROBE_LIMITS.maxCltvDelta);
    }
  });

  it('begins within a minute or two of being asked for, and ends when it is not any more', async () => {
    const changed = await desk(null);
    await changed.ring(3);
    changed.set({ everySeconds: 10, mostSat: 20_000 });
    await changed.ring(20);
    expect(changed.asked.length).toBeGreaterThan(5);
    changed.set(null);
    const { length } = changed.asked;
    await changed.ring(20);
    expect(changed.asked).toHaveLength(length);
  });

  it('waits for the chain, and ends with the node', async () => {
    const behind = await desk({ everySeconds: 10, mostSat: 20_000 }, false);
    await behind.ring(5);
    expect(behind.asked).toEqual([]);
    const ended = await desk({ everySeconds: 10, mostSat: 20_000 });
    await ended.ring(2);
    ended.made.stop();
    const { length } = ended.asked;
    await ended.ring(5);
    expect(ended.asked).toHaveLength(length);
  });
});
