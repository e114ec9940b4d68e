import { channelIndexOf } from '../../gossip/graph.ts';
import type { ChannelAmount, RouteRequest } from '../route.ts';
import { directedOf, rowOf, type RouteView } from '../view.ts';
import type { ExtraEdges } from './extra-edges.ts';
import type { Ground } from './ground.ts';

/** What is not to be used, or only for less. */
export function avoidance(
  view: RouteView,
  extra: ExtraEdges,
  { avoid }: RouteRequest,
): Pick<Ground, 'avoided' | 'avoidedNodes' | 'refused'> {
  let avoided: Uint8Array | null = null;
  const refused = new Map<number, number>();
  const bar = (name: number, how: 1 | 2): void => {
    avoided ??= new Uint8Array(2 * view.graph.channels.count);
    if (name >= 0 && avoided[name] !== 1) avoided[name] = how;
  };
  for (const scid of avoid?.scids ?? []) {
    const channel = channelIndexOf(view.graph, scid);
    if (channel < 0) continue;
    bar(2 * channel, 1);
    bar(2 * channel + 1, 1);
  }
  // What the graph says is out of date: an extra edge stands for it, and parts over both would be too much.
  for (const { directed } of extra.edges) bar(directed, 1);
  for (const amount of avoid?.amounts ?? []) {
    const most = Number(amount.amountMsat) - 1;
    const edge = extra.named(amount);
    if (edge !== undefined) {
      edge.most = Math.min(edge.most, most);
      // All that is known of what a channel beside the map can hold.
      if (edge.directed < 0) edge.holds = Math.min(edge.holds, most);
    }
    const name = directedOf(view.graph, amount.scid, amount.from);
    if (name < 0) continue;
    bar(name, 2);
    refused.set(name, Math.min(refused.get(name) ?? Infinity, most + 1));
  }
  const nodes = [...(avoid?.nodes ?? [])].map((id) => extra.find(id));
  return { avoided, refused, avoidedNodes: nodes.length === 0 ? null : new Set(nodes) };
}

/** Runs `search` with what is under way counted as used. */
export function* beside<T>(
  view: RouteView,
  extra: ExtraEdges,
  inFlight: readonly ChannelAmount[],
  search: () => Generator<undefined, T>,
): Generator<undefined, T> {
  const { used } = view.space;
  const rows = inFlight.map((amount) => {
    const edge = extra.named(amount);
    if (edge !== undefined) edge.used += Number(amount.amountMsat);
    const name = edge === undefined ? directedOf(view.graph, amount.scid, amount.from) : -1;
    return name < 0 ? -1 : rowOf(view, name);
  });
  const count = (sign: 1 | -1): void => {
    for (const [i, row] of rows.entries())
      if (row >= 0) used[row] = (used[row] ?? 0) + sign * Number(inFlight[i]?.amountMsat ?? 0);
  };
  count(1);
  try {
    return yield* search();
  } finally {
    count(-1);
  }
}
