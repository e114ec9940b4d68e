import { fromHex } from '../base/bytes.ts';
import { parseNodeId, type NodeId } from '../base/ids.ts';
import { isPoint } from '../crypto/secp256k1.ts';

export type NodeUri = { readonly nodeId: NodeId; readonly host: string | null; readonly port: number | null };

const DEFAULT_PORT = 9735;
const HOST_NAME = /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i;
const IPV6 = /^[0-9a-f:.]{2,45}$/i;

/**
 * `id`, `id@host` or `id@host:port`; an IPv6 address stands in brackets, or before its port. Null for anything else.
 * bLIP 50 §Lightning Network Connection Strings: "A reader SHOULD extract the node ID as the part of the string until the first
 * `@` character". bLIP 50 §SECP256K1 Points / Public Keys / Lightning Network Node IDs: "Otherwise, readers MUST allow both
 * lowercase and uppercase hexadecimal digits"; "Readers SHOULD validate that the point is indeed on the SECP256K1 curve".
 */
export function parseNodeUri(text: string): NodeUri | null {
  const [, id = '', rest] = /^([0-9a-f]{66})(?:@(.+))?$/is.exec(text) ?? [];
  const nodeId = parseNodeId(id);
  if (nodeId === null || !isPoint(fromHex(nodeId))) return null;
  if (rest === undefined) return { nodeId, host: null, port: null };
  // The last colon begins the port, unless brackets say where the address ends.
  const [, bracketed, bare = '', portText] =
    /^(?:\[([^\]]*)\]|([^:]*|.*:.*(?=:)))(?::([0-9]{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? bare;
  if (!(bracketed !== undefined || host.includes(':') ? IPV6 : HOST_NAME).test(host)) return null;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  return port >= 1 && port <= 65_535 ? { nodeId, host: host.toLowerCase(), port } : null;
}
