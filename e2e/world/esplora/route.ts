import type { Rpc } from '../rpc.ts';
import type { ChainIndex } from './chain-index.ts';
import type { Faults } from './faults.ts';

export type Reply = {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain' | 'application/octet-stream';
  readonly body: string | Uint8Array;
  /** Seconds a browser may keep the answer. */
  readonly maxAge: number;
};

export type Context = {
  readonly index: ChainIndex;
  readonly faults: Faults;
  readonly rpc: Rpc;
  /** sat/vB by blocks to wait: given by a test, instead of bitcoind's estimates. */
  readonly feeEstimates: () => Readonly<Record<string, number>> | null;
  /** Told of each transaction that is posted, before bitcoind is: in hex. */
  readonly posted: (rawTx: string) => void;
};

export type Route = {
  readonly method: 'GET' | 'POST';
  /** Literal segments, and `:name` for a parameter. */
  readonly path: string;
  readonly answer: (
    context: Context,
    parameters: Readonly<Record<string, string>>,
    body: string,
  ) => Reply | Promise<Reply>;
};

/** What may still change is kept for seconds; a block ten deep and what is in it for years. */
const BRIEFLY = 10;
const FOR_YEARS = 157_784_630;
const FINAL_DEPTH = 10;

export const maxAgeAt = (context: Context, height: number | undefined): number =>
  height !== undefined && context.index.tip.height - height + 1 >= FINAL_DEPTH ? FOR_YEARS : BRIEFLY;

export const json = (value: unknown, maxAge = BRIEFLY): Reply => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value),
  maxAge,
});
export const text = (body: string, maxAge = BRIEFLY): Reply => ({
  status: 200,
  type: 'text/plain',
  body,
  maxAge,
});
export const bytes = (body: Uint8Array, maxAge = BRIEFLY): Reply => ({
  status: 200,
  type: 'application/octet-stream',
  body,
  maxAge,
});

/** Ends the request with this answer. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws {Refused} 400 when it is not the hex of 32 bytes */
export function hash32(value: string | undefined): string {
  if (value === undefined || !/^([0-9a-f]{2})*$/i.test(value)) throw new Refused(400, 'Invalid hex string');
  if (value.length !== 64) throw new Refused(400, 'Invalid hex string');
  return value.toLowerCase();
}

/** @throws {Refused} 400 when it is not a whole number that fits 32 bits */
export function wholeNumber(value: string | undefined): number {
  const number = Number(value);
  if (value === undefined || !/^\d+$/.test(value) || number > 0xffff_ffff) {
    throw new Refused(400, 'Invalid number');
  }
  return number;
}

/** Finds the route and the values of its parameters. */
export function match(routes: readonly Route[], method: string, path: string) {
  const segments = path.split('/');
  for (const route of routes) {
    if (route.method !== method) continue;
    const parameters = parametersOf(route.path.split('/'), segments);
    if (parameters !== null) return { route, parameters };
  }
  return null;
}

function parametersOf(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const actual = segments[i] ?? '';
    if (expected.startsWith(':')) parameters[expected.slice(1)] = decodeURIComponent(actual);
    else if (expected !== actual) return null;
  }
  return parameters;
}
