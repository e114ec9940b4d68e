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
  return { ahead, map, hide: () => (shown = null), end: () => (isOver = true) };
}

it('finds what is found at once, serves others meanwhile, and the turn hears of it without a search', async () => {
  let turns = 0;
  let others = 0;
  const { ahead, map, hide } = stage(() => {
    turns++;
    if (ahead.atOnce(query(WIDE, msat(2_400_000_000 + turns))).ok) others++;
  });
  const asked = query(WIDE);
  const expected = graphRoutes(chainMap(nodes, 3), now)(asked);
  expect(expected.ok).toBe(true);
  const [one, other] = await Promise.all([
    ahead.for((find) => find(asked)),
    // Its second question hangs on the answer to the first.
    ahead.for((find) => (find(asked).ok ? find(query(WIDE, msat(50_000))) : null)),
  ]);
  expect(turns).toBeGreaterThan(2);
  expect(others).toBe(turns);
  const half = graphRoutes(map, now)(query(WIDE, msat(50_000)));
  hide();
  expect(one(query(WIDE))).toEqual(expected);
  expect(other(query(WIDE))).toEqual(expected);
  expect(other(query(WIDE, msat(50_000)))).toEqual(half);
  // Of what was not asked ahead, or has changed since, it knows as much as a search does.
  expect(one(query(msat(2_999_999_999)))).toMatchObject({ ok: false });
  expect(one(query(WIDE, msat(50_000)))).toMatchObject({ ok: false });
});

it('ends with the node', async () => {
  const { ahead, end } = stage(() => end());
  await expect(ahead.for((find) => find(query(WIDE)))).rejects.toBeInstanceOf(Ended);
});
