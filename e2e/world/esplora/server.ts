import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from '../free-port.ts';
import type { Rpc } from '../rpc.ts';
import { ChainIndex } from './chain-index.ts';
import { Faults, type Fault, type RequestFault } from './faults.ts';
import { match, Refused, type Context, type Reply, type Route } from './route.ts';
import { blockRoutes } from './routes/block-routes.ts';
import { broadcastRoutes } from './routes/broadcast-routes.ts';
import { mempoolRoutes } from './routes/mempool-routes.ts';
import { scriptRoutes } from './routes/script-routes.ts';
import { txRoutes } from './routes/tx-routes.ts';

const ROUTES: readonly Route[] = [
  ...blockRoutes,
  ...txRoutes,
  ...scriptRoutes,
  ...mempoolRoutes,
  ...broadcastRoutes,
];
const MAX_BODY = 4_000_000;
/** Requests, and transactions. */
const KEPT = 10_000;

/** Esplora's HTTP interface over bitcoind, answering as Blockstream's server does, and wrongly when told to. */
export class EsploraServer {
  readonly url: string;
  /** "GET /blocks/tip/hash" and the like: the last ones, in order. */
  readonly requests: string[] = [];
  /** What it was asked to take, taken or not, in hex: the last ones, in order. */
  readonly posted: string[] = [];
  readonly #server: http.Server;
  readonly #faults: Faults;
  readonly #context: Context;
  #feeEstimates: Readonly<Record<string, number>> | null = null;

  private constructor(server: http.Server, port: number, rpc: Rpc, index: ChainIndex) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    this.#faults = new Faults(index);
    this.#context = {
      index,
      faults: this.#faults,
      rpc,
      feeEstimates: () => this.#feeEstimates,
      posted: (rawTx) => keep(this.posted, rawTx),
    };
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(rpc: Rpc, port = 0): Promise<EsploraServer> {
    const index = new ChainIndex(rpc);
    await index.refresh();
    const server = http.createServer();
    return new EsploraServer(server, await listen(server, port), rpc, index);
  }

  /** Something goes wrong from now on. */
  inject(fault: Fault): Promise<void> {
    return this.#faults.inject(fault);
  }

  /** Everything works again. */
  heal(): Promise<void> {
    return this.#faults.heal();
  }

  /** sat/vB by blocks to wait; null: what bitcoind estimates, which is nothing on a young chain. */
  setFeeEstimates(estimates: Readonly<Record<string, number>> | null): void {
    this.#feeEstimates = estimates;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const path = new URL(request.url ?? '/', this.url).pathname;
    keep(this.requests, `${method} ${path}`);
    const body = await readBody(request);
    const faults = this.#faults.strike(path);
    for (const fault of faults) if (fault.kind === 'delay') await pause(fault.ms);
    const broken = faults.find((fault) => fault.kind === 'status');
    send(response, broken === undefined ? await this.#answer(method, path, body) : failure(broken), faults);
  }

  async #answer(method: string, path: string, body: string): Promise<Reply> {
    try {
      // A preflight finds nothing either: only simple requests work, as with the real server.
      const found = match(ROUTES, method, path);
      if (found === null) throw new Refused(404, 'endpoint does not exist');
      await this.#context.index.refresh();
      return await found.route.answer(this.#context, found.parameters, body);
    } catch (error) {
      const status = error instanceof Refused ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      return { status, type: 'text/plain', body: message, maxAge: 0 };
    }
  }
}

function keep(last: string[], one: string): void {
  last.push(one);
  if (last.length > KEPT) last.shift();
}

const failure = (fault: Extract<RequestFault, { kind: 'status' }>): Reply => ({
  status: fault.status,
  type: 'text/plain',
  body: http.STATUS_CODES[fault.status] ?? 'broken',
  maxAge: 0,
});

function send(response: http.ServerResponse, reply: Reply, faults: readonly RequestFault[]): void {
  const whole = Buffer.from(reply.body);
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  const isCut = faults.some((fault) => fault.kind === 'truncate');
  const isDropped = faults.some((fault) => fault.kind === 'drop');
  const body = isCut ? half : whole;
  response.writeHead(reply.status, {
    'access-control-allow-origin': '*',
    'content-type': reply.type,
    'content-length': body.length,
    ...(reply.maxAge > 0 && { 'cache-control': `public, max-age=${reply.maxAge}` }),
  });
  if (!isDropped) return void response.end(body);
  response.write(half, () => response.destroy());
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error('body too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
