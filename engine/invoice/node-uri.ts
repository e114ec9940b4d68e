import { parseNodeId, type NodeId } from '../base/ids.ts';

export type NodeUri = { readonly nodeId: NodeId; readonly host: string | null; readonly port: number | null };

const DEFAULT_PORT = 9735;
const HOST_NAME = /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i;
const IPV6 = /^[0-9a-f:.]{2,45}$/i;

/** `id`, `id@host` or `id@host:port`; an IPv6 address stands in brackets. Null for anything else. */
export function parseNodeUri(text: string): NodeUri | null {
  const [, id = '', rest] = /^([0-9a-f]{66})(?:@(.+))?$/is.exec(text) ?? [];
  const nodeId = parseNodeId(id);
  if (nodeId === null) return null;
  if (rest === undefined) return { nodeId, host: null, port: null };
  const [, ipv6, name = '', portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]{1,5}))?$/.exec(rest) ?? [];
  const host = ipv6 ?? name;
  if (!(ipv6 === undefined ? HOST_NAME : IPV6).test(host)) return null;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  return port >= 1 && port <= 65_535 ? { nodeId, host: host.toLowerCase(), port } : null;
}
