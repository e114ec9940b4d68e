import { toHex } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Scid } from '../../base/units.ts';
import {
  channelIndexOf,
  nodeDetailOf,
  nodeIdAt,
  nodeIndexOf,
  policyAt,
  scidAt,
  type Graph,
} from '../../gossip/graph.ts';
import { channelsOfNode } from '../../gossip/channels-of-node.ts';
import { findNodesInSlices } from '../../gossip/find-nodes.ts';
import { aliasOf } from '../../gossip/node-alias.ts';
import type { Answer } from '../api.ts';
import { invalid, nodeIdArgument, textArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { Ended } from '../driver.ts';
import { inTurns } from '../graph/in-turns.ts';
import type { GraphChannel, GraphPage, GraphPolicy, NetworkGraphApi } from '../graph-api.ts';

const MOST_ITEMS = 1_000;
const MOST_FOUND = 100;
/** A node id; no name is longer than 32 bytes. */
const MOST_TEXT = 66;
const MOST_SCID = 2n ** 64n;

export function graphCommands({ core, graph: desk }: Desks): NetworkGraphApi {
  return {
    info: () => Promise.resolve(desk.info()),
    refresh: async () => {
      if (core.running === null) return err({ code: 'not-running' });
      const outcome = await desk.renew();
      return outcome.ok
        ? ok(desk.info())
        : err({ code: 'snapshot-unavailable', detail: outcome.error.detail });
    },
    refreshScores: async () => {
      if (core.running === null) return err({ code: 'not-running' });
      const outcome = await desk.scores.refresh();
      return outcome.ok ? ok(desk.info()) : err({ code: 'scores-unavailable', detail: outcome.error.detail });
    },
    node: async (nodeId) => {
      const id = nodeIdArgument(nodeId);
      if (!id.ok) return id;
      const { graph } = desk;
      const index = nodeIndexOf(graph, id.value);
      if (index < 0) return err({ code: 'not-on-the-map' });
      const detail = nodeDetailOf(graph, index);
      return ok({
        nodeId: id.value,
        alias: detail === null ? '' : aliasOf(detail),
        features: detail === null ? '' : toHex(detail.features),
        channels: channelsOf(graph, index),
      });
    },
    findNodes: async (text, limit) => {
      const wanted = textArgument(text, 'text', MOST_TEXT);
      if (!wanted.ok) return wanted;
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_FOUND)
        return invalid('limit', `a whole number from 1 to ${MOST_FOUND}`);
      const { graph } = desk;
      const slices = findNodesInSlices(graph, wanted.value, limit);
      const found = await inTurns(core.options.clock, slices, () => core.ended);
      if (found === null) throw new Ended('the node has ended');
      return ok(
        found.map((node) => {
          const detail = nodeDetailOf(graph, node);
          return { nodeId: nodeIdAt(graph, node), alias: detail === null ? '' : aliasOf(detail) };
        }),
      );
    },
    channel: async (scid) => {
      if (typeof scid !== 'bigint' || scid < 0n || scid >= MOST_SCID)
        return invalid('scid', 'a short channel id');
      const index = channelIndexOf(desk.graph, scid as Scid);
      return index < 0 ? err({ code: 'not-on-the-map' }) : ok(channelAt(desk.graph, index));
    },
    listNodes: (from, limit) =>
      page(from, limit, desk.graph.nodes.count, (index) => nodeIdAt(desk.graph, index)),
    listChannels: (from, limit) =>
      page(from, limit, desk.graph.channels.count, (index) => channelAt(desk.graph, index)),
  };
}

function channelsOf(graph: Graph, node: number): readonly bigint[] {
  return Array.from(channelsOfNode(graph, node), (channel) => scidAt(graph, channel));
}

function channelAt(graph: Graph, channel: number): GraphChannel {
  const { nodeA, nodeB, capacity } = graph.channels;
  const known = capacity[channel] ?? 0;
  return {
    scid: scidAt(graph, channel),
    nodeA: nodeIdAt(graph, nodeA[channel] ?? 0),
    nodeB: nodeIdAt(graph, nodeB[channel] ?? 0),
    capacitySat: known === 0 ? null : BigInt(known),
    fromA: policyOf(graph, channel, 0),
    fromB: policyOf(graph, channel, 1),
  };
}

function policyOf(graph: Graph, channel: number, direction: 0 | 1): GraphPolicy | null {
  const policy = policyAt(graph, channel, direction);
  if (policy === null) return null;
  const { feeBase, htlcMinimum, htlcMaximum, ...rest } = policy;
  return { ...rest, feeBaseMsat: feeBase, htlcMinimumMsat: htlcMinimum, htlcMaximumMsat: htlcMaximum };
}

async function page<T>(
  from: number,
  limit: number,
  count: number,
  at: (index: number) => T,
): Answer<GraphPage<T>> {
  if (!Number.isSafeInteger(from) || from < 0) return invalid('from', 'a whole number');
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_ITEMS)
    return invalid('limit', `a whole number from 1 to ${MOST_ITEMS}`);
  const end = Math.min(count, from + limit);
  const items: T[] = [];
  for (let index = from; index < end; index++) items.push(at(index));
  return ok({ items, next: end < count ? end : null });
}
