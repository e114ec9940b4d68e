import http from 'node:http';
import { NETWORKS } from '../../../engine/base/network.ts';
import { writeScores } from '../../../engine/testkit/scores-writer.ts';
import { writeSnapshot } from '../../../engine/testkit/snapshot-writer.ts';
import { toldNetwork } from '../../../engine/testkit/told-network.ts';
import { listen, LOOPBACK } from '../../world/free-port.ts';

export type Told = { readonly nodes: number; readonly channels: number };

/** A server of snapshots, and of scores at /scores, that has what it is told to have. */
export class MapServer {
  #snapshot: Uint8Array = new Uint8Array();
  #scores: Uint8Array = new Uint8Array();
  #port = 0;
  readonly #server = http.createServer(({ url }, response) => {
    const body = url === '/scores' ? this.#scores : url === '/v2/0' ? this.#snapshot : null;
    response.writeHead(body === null ? 404 : 200, { 'access-control-allow-origin': '*' });
    response.end(body);
  });

  static async start(): Promise<MapServer> {
    const server = new MapServer();
    server.#port = await listen(server.#server, 0);
    return server;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.#port}`;
  }

  /** A network of so many nodes, as of `at`; `known` of its channels have scores, as old. @returns what it is */
  has({
    nodeCount,
    known,
    at,
  }: {
    readonly nodeCount: number;
    readonly known: number;
    readonly at: number;
  }): Told {
    const { channels, policies } = toldNetwork(nodeCount, nodeCount, 2);
    const { genesisHash: chainHash } = NETWORKS.regtest;
    this.#snapshot = writeSnapshot({ version: 2, chainHash, at, channels, policies });
    this.#scores = writeScores(
      channels.slice(0, known).map(({ scid }) => ({ scid, least: 1_000n, lessThanAll: 1_000n, at })),
    );
    return {
      nodes: new Set(channels.flatMap(({ nodeA, nodeB }) => [nodeA, nodeB])).size,
      channels: channels.length,
    };
  }

  /** It answers, and what it says makes no sense. */
  talksNonsense(): void {
    this.#snapshot = this.#scores = new TextEncoder().encode('<!doctype html>');
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
