import { toHex } from '../../base/bytes.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Http } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { decodeUtf8, encodeUtf8 } from '../../base/utf8.ts';
import { hkdfSha256 } from '../../crypto/hash.ts';
import type { Secret } from '../../crypto/secret.ts';
import { isWebhook } from '../../lsp/lsps5.ts';
import { webhookUri } from '../../lsp/webhook-uri.ts';
import type { Refusal } from '../refusal.ts';
import type { BrowserPush } from '../wake-api.ts';

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 8_192;
const SALT = encodeUtf8('leyden push relay');
/** 65 bytes. */
const KEY = /^[\w-]{87}$/;
/** For trying out: a relay on this machine, for an LSP on this machine. Any other would have the LSP call itself. */
const LOCAL = /^http:\/\/(?:127\.0\.0\.1|localhost):\d+/;
const LOCAL_WEBHOOK = /^http:\/\/(?:127\.0\.0\.1|localhost):\d+\/[!-~]{1,500}$/;

/** A push relay as services/push-relay/README.md describes it. What it says is checked, and believed no further. */
export class PushRelayClient {
  readonly #http: Http;
  readonly #url: string;
  readonly #secret: Secret;

  /** `secret`: the node's. What names our hooks follows from it, so that nothing needs to be stored. */
  constructor(http: Http, url: string, secret: Secret) {
    this.#http = http;
    this.#url = url;
    this.#secret = secret;
  }

  async key(): Promise<Result<string, Refusal>> {
    const answer = await this.#ask('GET', '/v1/key');
    if (!answer.ok) return answer;
    const { key } = answer.value;
    return typeof key === 'string' && KEY.test(key) ? ok(key) : failed('its key is none');
  }

  /**
   * Makes or renews the hook through which one LSP wakes this browser. bLIP 55 §lsps5.set_webhook: "SHOULD encode the following data
   * in any part of the URI (hostname, path, or `GET` parameters): The LSP node ID. Some authorization to allow the given LSP to wake
   * the client […]. Some way to identify the target device the client is running on."; "This encoding MAY be done by
   * registering all the information with the notification delivery service and then getting a token in return, and only
   * putting the token in the URI."; "MUST use a HTTPS-protocol URI to the notification delivery service."
   * @returns what the LSP is to call
   */
  async subscribe(lsp: NodeId, push: BrowserPush): Promise<Result<string, Refusal>> {
    const { endpoint, p256dh, auth } = push;
    const answer = await this.#ask('POST', this.#pathOf(lsp), { lsp, endpoint, p256dh, auth });
    if (!answer.ok) return answer;
    const { webhook } = answer.value;
    if (typeof webhook !== 'string') return failed('its webhook is none');
    const uri = webhookUri(webhook);
    const isLocal = LOCAL.test(this.#url) && LOCAL_WEBHOOK.test(uri);
    return isWebhook(uri) || isLocal ? ok(uri) : failed('its webhook is none');
  }

  async forget(lsp: NodeId): Promise<Result<void, Refusal>> {
    const answer = await this.#ask('POST', this.#pathOf(lsp), null);
    return answer.ok ? ok(undefined) : answer;
  }

  #pathOf(lsp: NodeId): string {
    const info = encodeUtf8(`${this.#url} ${lsp}`);
    return `/v1/subscriptions/${toHex(hkdfSha256(SALT, this.#secret.expose(), info, 32))}`;
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    json?: object | null,
  ): Promise<Result<Readonly<Record<string, unknown>>, Refusal>> {
    const answer = await this.#http({
      url: this.#url + path,
      method,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MOST_BYTES,
    });
    if (!answer.ok) return failed(answer.error.code);
    if (answer.value.status !== 200) return failed(`status ${answer.value.status}`);
    try {
      const parsed: unknown = JSON.parse(decodeUtf8(answer.value.body) ?? '');
      if (typeof parsed === 'object' && parsed !== null) return ok(parsed as Record<string, unknown>);
    } catch {
      return failed('its answer is not JSON');
    }
    return failed('its answer is no object');
  }
}

const failed = (detail: string): { readonly ok: false; readonly error: Refusal } =>
  err({ code: 'push-relay-failed', detail });
