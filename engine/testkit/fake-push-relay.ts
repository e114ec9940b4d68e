import { err, ok, type Result } from '../base/result.ts';
import type { HttpFailure, HttpRequest, HttpResponse } from '../base/ports.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import type { BrowserPush } from '../node/wake-api.ts';

/** A push relay as services/push-relay is, without the pushes. */
export class FakePushRelay {
  readonly url = 'https://relay.test';
  readonly key = 'B'.repeat(87);
  /** By the secret name that the wallet gave it. */
  readonly subscriptions = new Map<string, BrowserPush & { readonly lsp: string }>();
  /** In the place of an answer. */
  fault: ((path: string) => { readonly status: number; readonly body: string } | HttpFailure | null) | null =
    null;

  answer({ url, method, body }: HttpRequest): Result<HttpResponse, HttpFailure> {
    const path = url.slice(this.url.length);
    const fault = this.fault?.(path) ?? null;
    if (fault !== null) return 'code' in fault ? err(fault) : said(fault.status, fault.body);
    if (path === '/v1/key') return said(200, JSON.stringify({ key: this.key }));
    const [, secret] = /^\/v1\/subscriptions\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (secret === undefined || method !== 'POST') return said(404, '{}');
    const hook = JSON.parse(String(body)) as (BrowserPush & { readonly lsp: string }) | null;
    if (hook === null) this.subscriptions.delete(secret);
    else this.subscriptions.set(secret, hook);
    return said(200, hook === null ? '{}' : JSON.stringify({ webhook: this.webhookOf(secret) }));
  }

  webhookOf(secret: string): string {
    return `${this.url}/v1/hooks/${secret.slice(0, 8)}`;
  }
}

const said = (status: number, body: string): Result<HttpResponse, HttpFailure> =>
  ok({ status, body: encodeUtf8(body) });
