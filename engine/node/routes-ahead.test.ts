import { expect, it } from 'vitest';
import { blockHeight, msat, timestamp, type Msat } from '../base/units.ts';
import { payChannel, testNode } from '../payment/fixtures/pay-world.ts';
import { graphRoutes, type RouteMap } from '../payment/graph-routes.ts';
import type { RouteQuery } from '../payment/route.ts';
import { chainMap } from '../testkit/chain-map.ts';
import { Ended } from './driver.ts';
import { RoutesAhead } from './routes-ahead.ts';

const [us, ...nodes] = Array.from({ length: 12 }, (_, i) => testNode(i + 1).id);
const now = () => timestamp(1_000_000);

/** More than one or two of three channels carry. */
const query = (sendable: Msat, amount = msat(2_400_000_000)): RouteQuery => ({
  ourId: us!,
  payee: nodes.at(-1)!,
  amount,
  maxFee: msat(1_000_000),
  finalCltvExpiry: blockHeight(1_000),
  maxCltvExpiry: blockHeight(3_000),
  routeHints: [],
  maxParts: 3,
  inFlight: () => [],
  policies: [],
  channels: [payChannel(1, nodes[0]!, { sendable })],
  avoid: { channels: new Set(), scids: new Set(), nodes: new Set(), amounts: [] },
});
const WIDE = msat(10n ** 10n);

/** Each slice takes ten milliseconds; `served` is what others do in between. */
function stage(served: () => void = () => undefined) {
  const map = chainMap(nodes, 3);
  let ms = 0;
  let shown: RouteMap | null = map;
  let isOver = false;
  const ahead = new RoutesAhead(
    {
      now,
      monotonicMs: () => (ms += 10),
      after: (_, run) => {
        queueMicrotask(() => {
          served();
          run();
        });
        return () => undefined;
      },
    },
    () => shown,
    () => isOver,
  );
  return { ahead, hide: () => (shown = null), end: () => (isOver = true) };
}

it('finds what is found at once, one search after the other, and serves others meanwhile', async () => {
  let turns = 0;
  const { ahead } = stage(() => turns++);
  const map = chainMap(nodes, 3);
  const [whole, half] = [query(WIDE), query(WIDE, msat(50_000))];
  const heard: unknown[] = [];
  const found = await Promise.all([
    ahead.for((find) => find(whole)),
    // Its second question hangs on the answer to the first.
    ahead.for((find) => (find(whole).ok ? find(half) : null)),
  ]);
  heard.push(...found);
  expect(turns).toBeGreaterThan(2);
  expect(heard).toEqual([graphRoutes(map, now)(whole), graphRoutes(map, now)(half)]);
  expect(heard).toMatchObject([{ ok: true }, { ok: true }]);
});

it('asks nobody to wait where there is no map: to a peer, and not beyond', async () => {
  let turns = 0;
  const { ahead, hide } = stage(() => turns++);
  hide();
  expect(await ahead.for((find) => find({ ...query(WIDE), payee: nodes[0]! }))).toMatchObject({ ok: true });
  expect(await ahead.for((find) => find(query(WIDE)))).toMatchObject({ ok: false });
  expect(turns).toBe(0);
});

it('ends with the node', async () => {
  const { ahead, end } = stage(() => end());
  await expect(ahead.for((find) => find(query(WIDE)))).rejects.toBeInstanceOf(Ended);
});
