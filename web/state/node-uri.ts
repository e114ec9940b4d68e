export type NodeAddress = { readonly nodeId: string; readonly host: string; readonly port: number };
export type TypedNode =
  | { readonly state: 'empty' }
  | { readonly state: 'node'; readonly node: NodeAddress }
  | { readonly state: 'wrong'; readonly why: 'no-host' | 'not-a-node' };

const USUAL_PORT = 9735;

/** Only the shape, so that a field can say what is missing while one types. The engine reads it for good. */
export function readNodeUri(text: string): TypedNode {
  const trimmed = text.trim();
  if (trimmed === '') return { state: 'empty' };
  const match =
    /^(0[23][0-9a-f]{64})(?:@(\[[0-9a-f:.]+\]|[^\s@:/]{1,255}|[0-9a-f:.]{2,45}(?=:\d))(?::(\d{1,5}))?)?$/i.exec(
      trimmed,
    );
  if (match === null) return { state: 'wrong', why: 'not-a-node' };
  const [, nodeId = '', host, port] = match;
  if (host === undefined) return { state: 'wrong', why: 'no-host' };
  const number = port === undefined ? USUAL_PORT : Number(port);
  if (number < 1 || number > 65_535) return { state: 'wrong', why: 'no-host' };
  return {
    state: 'node',
    node: { nodeId: nodeId.toLowerCase(), host: host.replace(/^\[|\]$/g, ''), port: number },
  };
}
