import { RpcError } from './rpc-error.ts';
import type { LdkStore } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

const KEY = 'lsp-webhooks';
const MOST = 4;
/** bLIP 55: "must not send another `lsps5.payment_incoming` notification within its cooldown window". */
const COOL_DOWN_MS = 60_000;

/** LSPS5 as a service: what clients want to be called when they are away, kept over restarts. */
export class LspWebhooks {
  readonly #store: LdkStore;
  /** zbase32, by the LSP's node key. */
  readonly #sign: (message: string) => string;
  readonly #warn: (text: string) => void;
  /** Client, then app name, then webhook. */
  readonly #hooks: Map<string, Map<string, string>>;
  readonly #called = new Map<string, number>();

  constructor(store: LdkStore, sign: (message: string) => string, warn: (text: string) => void) {
    this.#store = store;
    this.#sign = sign;
    this.#warn = warn;
    const saved = store.get(KEY);
    const entries =
      saved === null ? [] : (JSON.parse(Buffer.from(saved).toString()) as [string, [string, string][]][]);
    this.#hooks = new Map(entries.map(([client, hooks]) => [client, new Map(hooks)]));
  }

  /** Null: no method of LSPS5. @throws {RpcError} */
  run(client: string, method: string, { app_name: name, webhook }: Json): Json | null {
    switch (method) {
      case 'lsps5.set_webhook':
        return this.#set(client, name, webhook);
      case 'lsps5.list_webhooks':
        return { app_names: [...this.#of(client).keys()], max_webhooks: MOST };
      case 'lsps5.remove_webhook':
        if (!this.#of(client).delete(String(name))) throw new RpcError(1_010, 'app_name_not_found');
        this.#save();
        return {};
      default:
        return null;
    }
  }

  /** A client that is away is told. @returns whether there is anything that tells it */
  notify(client: string, method: string): boolean {
    const hooks = [...this.#of(client).values()];
    const last = this.#called.get(`${client} ${method}`) ?? -Infinity;
    if (hooks.length > 0 && performance.now() - last > COOL_DOWN_MS) {
      this.#called.set(`${client} ${method}`, performance.now());
      for (const hook of hooks) this.#call(hook, method);
    }
    return hooks.length > 0;
  }

  /** It was here: whatever comes after it has left again is news. */
  seen(client: string): void {
    for (const key of this.#called.keys()) if (key.startsWith(client)) this.#called.delete(key);
  }

  #set(client: string, name: unknown, webhook: unknown): Json {
    if (typeof name !== 'string' || typeof webhook !== 'string')
      throw new RpcError(-32_602, 'invalid params');
    if (JSON.stringify(name).length - 2 > 64 || webhook.length > 1_024) throw new RpcError(500, 'too_long');
    if (!URL.canParse(webhook)) throw new RpcError(501, 'url_parse_error');
    // A real one takes https alone; this one stands on the machine of whoever tries it.
    if (!/^https:|^http:\/\/127\.0\.0\.1:/.test(webhook)) throw new RpcError(502, 'unsupported_protocol');
    const hooks = this.#of(client);
    if (!hooks.has(name) && hooks.size >= MOST) throw new RpcError(503, 'too_many_webhooks');
    const unchanged = hooks.get(name) === webhook;
    hooks.set(name, webhook);
    this.#hooks.set(client, hooks);
    this.#save();
    if (!unchanged) this.#call(webhook, 'lsps5.webhook_registered');
    return { num_webhooks: hooks.size, max_webhooks: MOST, no_change: unchanged };
  }

  #of(client: string): Map<string, string> {
    return this.#hooks.get(client) ?? new Map<string, string>();
  }

  #call(webhook: string, method: string): void {
    const body = JSON.stringify({ jsonrpc: '2.0', method, params: {} });
    const timestamp = new Date().toISOString();
    const signature = this.#sign(
      `LSPS5: DO NOT SIGN THIS MESSAGE MANUALLY: LSP: At ${timestamp} I notify ${body}`,
    );
    const headers = {
      'content-type': 'application/json',
      'x-lsps5-timestamp': timestamp,
      'x-lsps5-signature': signature,
    };
    fetch(webhook, { method: 'POST', headers, body, redirect: 'manual' }).then(
      ({ status }) => {
        if (status !== 200) this.#warn(`a webhook answered ${status}`);
      },
      () => this.#warn('a webhook was not reached'),
    );
  }

  #save(): void {
    const text = JSON.stringify([...this.#hooks].map(([client, hooks]) => [client, [...hooks]]));
    this.#store.commit({ put: new Map([[KEY, new Uint8Array(Buffer.from(text))]]), remove: new Set() });
  }
}
