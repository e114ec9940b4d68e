import { err, ok, type Result } from '../base/result.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import type { UnknownMessage } from '../wire/wire-message.ts';
import { isShallow, membersOf } from './json-text.ts';
import { isRecord } from './scalars.ts';

/** bLIP 50 §Lightning Peer-To-Peer Transport: "All LSPS messages MUST use the BOLT8 message ID 37913". */
export const LSPS_MESSAGE = 37_913;

/**
 * What an LSP says. bLIP 50 §Message Payload Format: "If the client, the received payload MUST parse to a JSON object that
 * is a JSON-RPC 2.0 response or notification object."
 */
export type LspMessage =
  /** `result` as it was written, and read. */
  | {
      readonly tag: 'result';
      readonly id: string;
      readonly text: string;
      readonly result: Readonly<Record<string, unknown>>;
    }
  /** `words` are the LSP's: printable ASCII, cut to a line, for the log. `id`: null when it could not read ours. */
  | { readonly tag: 'error'; readonly id: string | null; readonly code: number; readonly words: string }
  | { readonly tag: 'notification'; readonly method: string };

/**
 * One request. bLIP 50 §Message Payload Format: "MUST send single complete JSON-RPC 2.0 request objects, UTF-8-encoded, as
 * payloads for BOLT8 message ID 37913."; "MUST NOT send JSON-RPC 2.0 notification objects (i.e. every object it sends must
 * have an `id` field)."; "MUST NOT batch multiple JSON-RPC 2.0 request objects in an array".
 * @param params the members of the `params` object as JSON. bLIP 50 §Message Payload Format: "MUST NOT use by-position
 * parameter structures, and MUST use by-name parameter structures." bLIP 50 §Common Schemas: "When a schema specifies a JSON
 * string format, characters that can be embedded into a JSON string without escapes MUST be encoded directly."
 */
export function requestMessage(
  id: string,
  method: string,
  params: readonly (readonly [name: string, json: string])[],
): UnknownMessage {
  const named = params.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',');
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(method)},"params":{${named}}}`;
  return { name: 'unknown', type: LSPS_MESSAGE, payload: encodeUtf8(text) };
}

/** The error is a bad message format: why, in our words. */
export function readLspMessage(payload: Uint8Array): Result<LspMessage, string> {
  // bLIP 50 §Message Payload Format: "The payload MUST NOT contain any 0 bytes."
  if (payload.includes(0)) return err('a byte of zero');
  const text = decodeUtf8(payload);
  if (text === null) return err('not UTF-8');
  if (!isShallow(text)) return err('nested too deep');
  // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized `result` fields"; "MUST recursively ignore
  // unrecognized fields from any dictionaries in a recognized `result` field, to any depth." bLIP 50 §LSPS Method And Notification
  // Specifications: "Clients conversely MUST ignore unrecognized keys." Each reader takes what it knows by name.
  const value = parse(text);
  // bLIP 50 §Message Payload Format: "The payload MUST parse as a single complete UTF-8 encoded JSON object […], with
  // optional leading or trailing whitespaces"; "The payload MUST NOT parse as more than a single complete JSON object."
  if (!isRecord(value)) return err('not one JSON object');
  // Also refuses an object that names a member twice.
  const members = membersOf(text);
  if (members === null) return err('a member twice');
  if (value['jsonrpc'] !== '2.0') return err('not JSON-RPC 2.0');
  if (!Object.hasOwn(value, 'id'))
    return typeof value['method'] === 'string'
      ? ok({ tag: 'notification', method: printableLine(value['method'], 60) })
      : err('neither a response nor a notification');
  return response(value, members.get('result'));
}

function response(
  value: Readonly<Record<string, unknown>>,
  text: string | undefined,
): Result<LspMessage, string> {
  const { id, result, error } = value;
  const hasResult = Object.hasOwn(value, 'result');
  if (hasResult === Object.hasOwn(value, 'error')) return err('neither a result nor an error, or both');
  if (hasResult) {
    // bLIP 50 §LSPS Method And Notification Specifications: "MUST define `result` values for its API endpoints that are
    // objects (dictionaries)"
    if (typeof id !== 'string' || !isRecord(result) || text === undefined) return err('not a result');
    return ok({ tag: 'result', id, text, result });
  }
  if ((typeof id !== 'string' && id !== null) || !isRecord(error)) return err('not an error');
  // bLIP 50 §LSPS Method And Notification Specifications: "in which case clients MUST NOT expect a `data` field." It is not
  // looked at, whichever error it is.
  const { code, message } = error;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return err('an error without a code');
  const words = typeof message === 'string' ? printableLine(message, 200) : '';
  return ok({ tag: 'error', id, code, words });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * bLIP 50 §Error Handling: "Clients MUST carefully filter error messages of possibly problematic characters, such as NUL
 * characters, `<`, newlines, or ASCII control characters"; "Clients MAY write them in a log".
 */
const printableLine = (text: string, most: number): string =>
  text.slice(0, most).replace(/[^ !#-%(-;=?-~]/g, '?');
