import http from 'node:http';
import type { Bitcoind } from './bitcoind.ts';
import { listen } from './free-port.ts';
import type { LdkPeer } from './ldk/ldk-peer.ts';

type Inhabitants = { readonly chain: Bitcoind; readonly peers: readonly LdkPeer[] };
type Body = Readonly<Record<string, unknown>>;
type Action = (inhabitants: Inhabitants, body: Body) => Promise<object>;

const MOST_PER_GIFT_SAT = 1_000_000_000n;
const MOST_BLOCKS = 200;
const MAX_BODY = 100_000;

function textOf(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is needed`);
  return value;
}

function wholeNumberOf(body: Body, name: string): bigint {
  const value = body[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw new Error(`${name} must be a whole number above 0`);
  }
  return BigInt(value);
}

const present = (peer: LdkPeer | undefined): LdkPeer => {
  if (peer === undefined) throw new Error('there is no peer');
  return peer;
};
const payerOf = ({ peers }: Inhabitants): LdkPeer => present(peers[0]);
/** The last that is no LSP, which may be the only one. */
export const payeeOf = ({ peers }: Pick<Inhabitants, 'peers'>): LdkPeer =>
  present(peers.findLast(({ isLsp }) => !isLsp));

const ACTIONS: Readonly<Record<string, Action>> = {
  /** `{address, amountSat}` → `{txid}`, confirmed. */
  '/faucet': async ({ chain }, body) => {
    const amountSat = wholeNumberOf(body, 'amountSat');
    if (amountSat > MOST_PER_GIFT_SAT) throw new Error(`at most ${MOST_PER_GIFT_SAT} sat at a time`);
    return { txid: await chain.fund(textOf(body, 'address'), amountSat) };
  },
  /** `{blocks}` → `{height}` */
  '/mine': async ({ chain }, body) => {
    const blocks = wholeNumberOf(body, 'blocks');
    if (blocks > MOST_BLOCKS) throw new Error(`at most ${MOST_BLOCKS} blocks at a time`);
    await chain.mine(Number(blocks));
    return { height: await chain.height() };
  },
  /** `{amountMsat?, description?}` → `{bolt11, paymentHash}`, of who is paid. */
  '/peer/invoice': (inhabitants, body) =>
    payeeOf(inhabitants).createInvoice({
      ...(body['amountMsat'] !== undefined && { amountMsat: wholeNumberOf(body, 'amountMsat') }),
      ...(body['description'] !== undefined && { description: textOf(body, 'description') }),
    }),
  /** `{bolt11, amountMsat?}` → `{preimage}`, paid by who pays. */
  '/peer/pay': async (inhabitants, body) => {
    const options = body['amountMsat'] === undefined ? {} : { amountMsat: wholeNumberOf(body, 'amountMsat') };
    const { preimage } = await payerOf(inhabitants).pay(textOf(body, 'bolt11'), options);
    return { preimage };
  },
};

/** What a playground's page may ask of its world: `POST` with JSON as text, so that no preflight is needed. */
export class ControlServer {
  readonly url: string;
  readonly #server: http.Server;

  private constructor(server: http.Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(inhabitants: Inhabitants, port = 0): Promise<ControlServer> {
    const server = http.createServer((request, response) => {
      serve(inhabitants, request, response).catch(() => response.destroy());
    });
    return new ControlServer(server, await listen(server, port));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function serve(
  inhabitants: Inhabitants,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { status, value } = await answer(inhabitants, request).catch((error: unknown) => ({
    status: 400,
    value: { error: error instanceof Error ? error.message : String(error) },
  }));
  response.writeHead(status, { 'access-control-allow-origin': '*', 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function answer(
  inhabitants: Inhabitants,
  request: http.IncomingMessage,
): Promise<{ status: number; value: object }> {
  const action = ACTIONS[request.url ?? ''];
  if (request.method !== 'POST' || action === undefined) {
    return { status: 404, value: { error: 'no such thing' } };
  }
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MAX_BODY) throw new Error('body too long');
  }
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new Error('a JSON object is needed');
  return { status: 200, value: await action(inhabitants, body as Body) };
}
