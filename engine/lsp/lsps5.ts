import type { NodeId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { nonsense, type LspFailure } from './lsp-failure.ts';
import type { RpcAnswer, RpcClient } from './rpc-client.ts';
import { readWhole } from './scalars.ts';

type Rpc = Pick<RpcClient, 'ask'>;

/** bLIP 55 §lsps5.set_webhook: "The `webhook` can be up to 1024 ASCII characters". */
const LONGEST_WEBHOOK = 1_024;
const MOST_WEBHOOKS = 1_000_000;

/** bLIP 55: the result of `lsps5.set_webhook`. */
export type WebhookSet = {
  readonly count: number;
  readonly most: number;
  /** It had this very webhook. */
  readonly unchanged: boolean;
};

/**
 * Whether an LSP may be told to call there. bLIP 55 §lsps5.set_webhook: "The `webhook` URI MUST include the `https` protocol
 * scheme."; "The `webhook` MUST be a URL as defined in RFC 1738."
 */
export const isWebhook = (url: string): boolean =>
  url.length <= LONGEST_WEBHOOK && /^https:\/\/[\w.:[\]-]+(?:[/?][!-~]*)?$/.test(url);

/**
 * Sets what the LSP calls when this wallet sleeps.
 * @param appName one that it had is replaced. bLIP 55 §lsps5.set_webhook: "The `app_name` can be up to 64 bytes in UTF-8
 * format, with `\` escape codes counting as multiple bytes".
 */
export function setWebhook(
  rpc: Rpc,
  lsp: NodeId,
  appName: string,
  webhook: string,
): Promise<Result<WebhookSet, LspFailure>> {
  const params = [
    ['app_name', JSON.stringify(appName)],
    ['webhook', JSON.stringify(webhook)],
  ] as const;
  return asked(rpc, lsp, 'lsps5.set_webhook', params, ({ result }) => {
    // bLIP 55 §lsps5.set_webhook: "Both are unsigned JSON integers."; "`no_change` is a Boolean."
    const count = readWhole(result['num_webhooks'], MOST_WEBHOOKS);
    const most = readWhole(result['max_webhooks'], MOST_WEBHOOKS);
    const unchanged = result['no_change'];
    if (count === null || most === null || typeof unchanged !== 'boolean')
      return nonsense('an answer to set_webhook that cannot be read');
    return ok({ count, most, unchanged });
  });
}

/** bLIP 55 §Webhook Registration API: "Returns a list of `app_name` strings that have currently-registered webhooks." */
export const listWebhooks = (rpc: Rpc, lsp: NodeId): Promise<Result<readonly string[], LspFailure>> =>
  asked(rpc, lsp, 'lsps5.list_webhooks', [], ({ result }) => {
    const names: unknown = result['app_names'];
    return Array.isArray(names) && names.every((name) => typeof name === 'string')
      ? ok(names)
      : nonsense('an answer to list_webhooks that cannot be read');
  });

/** One that it does not have is gone already. */
export async function removeWebhook(
  rpc: Rpc,
  lsp: NodeId,
  appName: string,
): Promise<Result<void, LspFailure>> {
  const params = [['app_name', JSON.stringify(appName)]] as const;
  const removed = await asked(rpc, lsp, 'lsps5.remove_webhook', params, () => ok(undefined));
  return !removed.ok && removed.error.code === 'webhook-unknown' ? ok(undefined) : removed;
}

function asked<T>(
  rpc: Rpc,
  lsp: NodeId,
  method: string,
  params: Parameters<RpcClient['ask']>[2],
  read: (answer: Extract<RpcAnswer, { ok: true }>['value']) => Result<T, LspFailure>,
): Promise<Result<T, LspFailure>> {
  return new Promise((resolve) =>
    rpc.ask(lsp, method, params, (answer) => resolve(answer.ok ? read(answer.value) : err(answer.error))),
  );
}
