/** What LND answered instead of a result. */
class LndRefusal extends Error {
  override readonly name = 'LndRefusal';
}

export const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
export const hexOf = (text: string): string => Buffer.from(text, 'base64').toString('hex');
/** Transaction ids travel in the order of the wire, and are shown in the other. */
export const txIdOf = (text: string): string => Buffer.from(text, 'base64').reverse().toString('hex');

type Line = {
  readonly result?: unknown;
  readonly error?: { readonly message?: string };
  readonly message?: string;
};

/** LND's REST gateway, without TLS and macaroons. Each call says which shape it expects; nothing here checks it. */
export class LndRest {
  readonly #base: string;

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }
  post<T = unknown>(path: string, body: object): Promise<T> {
    return this.#call<T>('POST', path, body);
  }
  delete(path: string): Promise<unknown> {
    return this.#call('DELETE', path);
  }

  /** The first item of a stream that `isWanted`; the rest is not waited for. */
  async first<T>(
    method: 'GET' | 'DELETE' | 'POST',
    path: string,
    isWanted: (item: T) => boolean,
    body?: object,
  ): Promise<T> {
    const response = await this.#send(method, path, body);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const item = resultOf(text.slice(0, end), path) as T;
        text = text.slice(end + 1);
        // Leaving ends the request, which LND takes well.
        if (isWanted(item)) return item;
      }
    }
    throw new LndRefusal(`${path}: it ended: ${text.slice(0, 500)}`);
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    const answer = JSON.parse(text) as Line;
    if (!response.ok) throw new LndRefusal(`${path}: ${answer.message ?? answer.error?.message ?? text}`);
    return answer as T;
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

function resultOf(line: string, path: string): unknown {
  const { result, error, message } = JSON.parse(line) as Line;
  if (result === undefined) throw new LndRefusal(`${path}: ${error?.message ?? message ?? line}`);
  return result;
}
