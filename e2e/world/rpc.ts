import http from 'node:http';

export type RpcTarget = {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Named wallet, when the call is about one. */
  readonly wallet?: string;
};

/** What bitcoind answered instead of a result. `code` as in its source, src/rpc/protocol.h. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message}`);
    this.code = code;
    this.reason = message;
  }
  /** The message alone. */
  readonly reason: string;
}

type Answer = { result: unknown; error: { code: number; message: string } | null };

/** JSON-RPC of bitcoind. Each call says which shape it expects; nothing here checks it. */
export class Rpc {
  readonly target: RpcTarget;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  constructor(target: RpcTarget) {
    this.target = target;
  }

  /** The same node, for calls about this wallet. */
  forWallet(wallet: string): Rpc {
    return new Rpc({ ...this.target, wallet });
  }

  /** @throws {RpcError} when bitcoind refuses; Error when it cannot be reached */
  async call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    const [answer] = await this.#post(method, [{ method, params }]);
    return unwrap<T>(method, answer);
  }

  /** One request for many calls; the results in order. */
  async batch<T = unknown>(method: string, parameterLists: readonly (readonly unknown[])[]): Promise<T[]> {
    if (parameterLists.length === 0) return [];
    const answers = await this.#post(
      method,
      parameterLists.map((params) => ({ method, params })),
    );
    return parameterLists.map((_params, index) => unwrap<T>(method, answers[index]));
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(
    what: string,
    calls: readonly { method: string; params: readonly unknown[] }[],
  ): Promise<(Answer | undefined)[]> {
    const { port, user, password, wallet } = this.target;
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: '1.0', id, ...call })));
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port,
          path: wallet === undefined ? '/' : `/wallet/${encodeURIComponent(wallet)}`,
          method: 'POST',
          agent: this.#agent,
          auth: `${user}:${password}`,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            try {
              const answers = JSON.parse(text) as (Answer & { id: number })[] | Answer;
              if (!Array.isArray(answers)) return resolve([answers]);
              resolve(answers.sort((a, b) => a.id - b.id));
            } catch {
              reject(new Error(`${what}: HTTP ${response.statusCode} ${text.slice(0, 200)}`));
            }
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
}

function unwrap<T>(method: string, answer: Answer | undefined): T {
  if (answer === undefined) throw new Error(`${method}: no answer`);
  if (answer.error !== null) throw new RpcError(method, answer.error.code, answer.error.message);
  return answer.result as T;
}

/** bitcoind counts in bitcoin with 8 decimals, as JSON numbers. */
export const satOf = (bitcoin: number): bigint => BigInt(Math.round(bitcoin * 1e8));
export const bitcoinOf = (amountSat: bigint): string => {
  const digits = amountSat.toString().padStart(9, '0');
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`;
};
