import { describe, expect, it } from 'vitest';
import { nodeId } from '../base/ids.ts';
import { err, ok } from '../base/result.ts';
import { isWebhook, listWebhooks, removeWebhook, setWebhook } from './lsps5.ts';
import type { LspFailure } from './lsp-failure.ts';
import type { RpcClient } from './rpc-client.ts';

const LSP = nodeId(`02${'11'.repeat(32)}`);
type Asked = { readonly method: string; readonly params: Readonly<Record<string, unknown>> };

/** An LSP that answers this. */
function saying(result: Readonly<Record<string, unknown>> | LspFailure): {
  readonly rpc: Pick<RpcClient, 'ask'>;
  readonly asked: Asked[];
} {
  const asked: Asked[] = [];
  const answer =
    'code' in result
      ? err(result as LspFailure)
      : ok({ tag: 'result' as const, id: 'a', text: JSON.stringify(result), result });
  const rpc: Pick<RpcClient, 'ask'> = {
    ask: (_, method, params, done) => {
      asked.push({
        method,
        params: Object.fromEntries(params.map(([name, json]) => [name, JSON.parse(json) as unknown])),
      });
      done(answer);
    },
  };
  return { rpc, asked };
}

describe('a webhook', () => {
  // bLIP 55 §lsps5.set_webhook: "The `webhook` URI MUST include the `https` protocol scheme"
  // bLIP 55 §lsps5.set_webhook: "The `webhook` MUST be a URL"
  it('is a URL of https, in ASCII', () => {
    for (const good of [
      'https://www.example.org/push?l=1234567890abcdefghijklmnopqrstuv&c=best',
      'https://relay.example:8443/v1/hooks/ab',
      'https://[::1]/x',
      'https://relay.example',
    ])
      expect([good, isWebhook(good)]).toEqual([good, true]);
    for (const bad of [
      'http://relay.example/x',
      'HTTPS:relay.example',
      'https://',
      'https://relay.example/ x',
      'https://relay.example/é',
      'https://user:word@relay.example/x',
      'javascript:alert(1)',
      '',
    ])
      expect([bad, isWebhook(bad)]).toEqual([bad, false]);
  });

  // bLIP 55 §lsps5.set_webhook: "The `webhook` can be up to 1024 ASCII characters"
  it('has 1,024 characters at most', () => {
    const long = (length: number): string => 'https://relay.example/'.padEnd(length, 'x');
    expect([isWebhook(long(1_024)), isWebhook(long(1_025))]).toEqual([true, false]);
  });

  // bLIP 55 §lsps5.set_webhook: "The `app_name` can be up to 64 bytes in UTF-8 format"
  // bLIP 55 §lsps5.set_webhook: "Both are unsigned JSON integers"; "`no_change` is a Boolean"
  it('is set by name', async () => {
    const answer = { num_webhooks: 2, max_webhooks: 4, no_change: false, of_tomorrow: 1 };
    const { rpc, asked } = saying(answer);
    const set = await setWebhook(rpc, LSP, 'Leyden', 'https://relay.example/x');
    expect(set).toEqual({ ok: true, value: { count: 2, most: 4, unchanged: false } });
    expect(asked).toEqual([
      {
        method: 'lsps5.set_webhook',
        params: { app_name: 'Leyden', webhook: 'https://relay.example/x' },
      },
    ]);
    for (const bad of [
      { num_webhooks: -1 },
      { num_webhooks: '2' },
      { max_webhooks: 1.5 },
      { max_webhooks: undefined },
      { no_change: 'no' },
    ])
      expect(await setWebhook(saying({ ...answer, ...bad }).rpc, LSP, 'Leyden', '')).toMatchObject({
        error: { code: 'nonsense' },
      });
  });

  // bLIP 50 §Common Schemas: "characters that can be embedded into a JSON string without escapes MUST be encoded directly"
  it('is named in any script, and no more of it is escaped than must be', async () => {
    const written: (readonly string[])[] = [];
    const rpc: Pick<RpcClient, 'ask'> = {
      ask: (_, __, params, done) => {
        written.push(params.map(([, json]) => json));
        done(err({ code: 'no-answer' }));
      },
    };
    await setWebhook(rpc, LSP, 'Лейден/é <"\\', 'https://relay.example/x');
    expect(written).toEqual([['"Лейден/é <\\"\\\\"', '"https://relay.example/x"']]);
  });

  // bLIP 55 §Webhook Registration API: "Returns a list of `app_name` strings"
  it('is listed by name', async () => {
    const { rpc, asked } = saying({ app_names: ['Leyden', 'Another'], max_webhooks: 42 });
    expect(await listWebhooks(rpc, LSP)).toEqual({ ok: true, value: ['Leyden', 'Another'] });
    expect(asked).toEqual([{ method: 'lsps5.list_webhooks', params: {} }]);
    for (const bad of [{}, { app_names: 'Leyden' }, { app_names: [1] }])
      expect(await listWebhooks(saying(bad).rpc, LSP)).toMatchObject({ error: { code: 'nonsense' } });
  });

  // bLIP 55 §lsps5.remove_webhook: "`app_name_not_found` (1010)"
  it('is removed by name, and one that is not there is gone already', async () => {
    const { rpc, asked } = saying({});
    expect(await removeWebhook(rpc, LSP, 'Leyden')).toEqual({ ok: true, value: undefined });
    expect(asked).toEqual([{ method: 'lsps5.remove_webhook', params: { app_name: 'Leyden' } }]);
    const gone = saying({ code: 'webhook-unknown' });
    expect((await removeWebhook(gone.rpc, LSP, 'Leyden')).ok).toBe(true);
    const refused = saying({ code: 'unrecognized', errorCode: 1_011 });
    expect((await removeWebhook(refused.rpc, LSP, 'Leyden')).ok).toBe(false);
  });
});
