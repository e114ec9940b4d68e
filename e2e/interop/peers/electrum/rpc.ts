import { RpcError } from '../../../world/rpc.ts';

type Answer = {
  readonly result?: unknown;
  readonly error?: { readonly code?: number; readonly message?: string } | string | null;
};

/** Electrum's JSON-RPC. Each call says which shape it expects; nothing here checks it. */
export class ElectrumRpc {
  readonly #url: string;
  readonly #authorization: string;

  constructor(port: number, user: string, password: string) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  /** @throws {RpcError} when it refuses; Error when it cannot be reached */
  async call<T = unknown>(method: string, params: object = {}): Promise<T> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { authorization: this.#authorization },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as Answer;
    if (error === undefined || error === null) return result as T;
    const said = typeof error === 'string' ? { message: error } : error;
    throw new RpcError(method, said.code ?? 0, said.message ?? JSON.stringify(error));
  }
}
