import type { NodeId } from '../../engine/base/ids.ts';
import { messageSigner } from '../../engine/node/message-signature.ts';

/** What an LSP may tell a wallet: the methods of bLIP 55 that a person should be woken for. */
const WAKING = [
  'lsps5.payment_incoming',
  'lsps5.expiry_soon',
  'lsps5.liquidity_management_request',
  'lsps5.onion_message_incoming',
] as const;
export type Waking = (typeof WAKING)[number];

export type Reading =
  | { readonly tag: 'wake'; readonly method: Waking; readonly timeout: number | null }
  /** Rightly signed, and nothing that anybody should be woken for. */
  | { readonly tag: 'nothing' }
  | { readonly tag: 'refused'; readonly status: 400 | 403; readonly why: string };

export type Call = {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** Exactly as it came. */
  readonly body: string;
};

/** bLIP 55 §Webhook Call: "in ISO8601 date format `YYYY-MM-DDThh:mm:ss.uuuZ`" */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const refused = (status: 400 | 403, why: string): Reading => ({ tag: 'refused', status, why });

/**
 * What an LSP's call says, once it is certain that the LSP says it.
 * @param toleranceMs how far the LSP's clock may be from `nowMs`
 */
export function readCall(
  call: Call,
  { lsp, nowMs, toleranceMs }: { readonly lsp: NodeId; readonly nowMs: number; readonly toleranceMs: number },
): Reading {
  const { timestamp, signature, body } = call;
  // bLIP 55 §Webhook Call: "MUST check that the `x-lsps5-timestamp` and `x-lsps5-signature` HTTP headers exist and are
  // the expected formats."
  if (timestamp === undefined || !TIMESTAMP.test(timestamp) || Number.isNaN(Date.parse(timestamp)))
    return refused(400, 'x-lsps5-timestamp is missing or no timestamp');
  if (signature === undefined) return refused(400, 'x-lsps5-signature is missing');
  // bLIP 55 §Webhook Call: "MUST validate the signature against the message template above, with the given timestamp and
  // webhook notification object."
  const signed = `LSPS5: DO NOT SIGN THIS MESSAGE MANUALLY: LSP: At ${timestamp} I notify ${body}`;
  if (messageSigner(signed, signature) !== lsp) return refused(403, 'not signed by the LSP of this hook');
  if (Math.abs(nowMs - Date.parse(timestamp)) > toleranceMs)
    return refused(403, 'the timestamp is too far from now');
  // bLIP 55 §Webhook Call: "MUST validate that the `POST` request body is a valid JSON-RPC 2.0 Notification
  // Object"
  const notification = parseJson(body);
  if (notification === null) return refused(400, 'the body is no JSON-RPC 2.0 notification');
  const method = WAKING.find((known) => known === notification.method);
  // bLIP 55 §Webhook Notification Methods: "Notification delivery services MUST ignore any notification method it does
  // not recognize."; "MUST ignore any parameters it does not recognize." bLIP 55 §Webhook Call: "MAY filter out particular
  // notification methods by its own policy." The wallet itself has just asked for `webhook_registered`.
  if (method === undefined) return { tag: 'nothing' };
  const { timeout } = notification.params;
  const isHeight = typeof timeout === 'number' && Number.isSafeInteger(timeout) && timeout >= 0;
  return { tag: 'wake', method, timeout: method === 'lsps5.expiry_soon' && isHeight ? timeout : null };
}

type Notification = { readonly method: string; readonly params: Readonly<Record<string, unknown>> };

function parseJson(body: string): Notification | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || 'id' in json) return null;
  const { jsonrpc, method, params } = json as Readonly<Record<string, unknown>>;
  const isNamed = typeof params === 'object' && params !== null && !Array.isArray(params);
  if (jsonrpc !== '2.0' || typeof method !== 'string' || !isNamed) return null;
  return { method, params: params as Notification['params'] };
}
