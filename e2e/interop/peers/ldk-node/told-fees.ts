import http from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, LOOPBACK } from '../../../world/free-port.ts';
import { bitcoinOf, type RpcTarget } from '../../../world/rpc.ts';

/** bitcoind as ldk-node asks it, but for what it estimates: on a chain without history that is what a scenario says. */
export class ToldFees {
  readonly port: number;
  /** sat per 1,000 weight, for any number of blocks; null: as bitcoind has it. */
  perKw: number | null = null;
  readonly #target: RpcTarget;
  #server: http.Server | null = null;

  constructor(target: RpcTarget, port: number) {
    this.#target = target;
    this.port = port;
  }

  async start(): Promise<void> {
    const server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    await listen(server, this.port);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await text(request);
    const { id, method } = JSON.parse(body) as { readonly id: unknown; readonly method: string };
    if (method === 'estimatesmartfee' && this.perKw !== null) {
      const result = { feerate: bitcoinPerKvb(this.perKw), blocks: 1 };
      send(response, 200, JSON.stringify({ result, error: null, id }));
      return;
    }
    const { authorization = '' } = request.headers;
    const asked = { method: 'POST', headers: { authorization }, body };
    const answer = await fetch(`http://${LOOPBACK}:${this.#target.port}`, asked);
    send(response, answer.status, await answer.text());
  }
}

/** Four units of weight are a virtual byte. */
const bitcoinPerKvb = (perKw: number): number => Number(bitcoinOf(BigInt(perKw) * 4n));

function send(response: http.ServerResponse, status: number, said: string): void {
  const bytes = Buffer.from(said);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
