import { afterEach, expect, it } from 'vitest';
import { ok } from '../engine/base/result.ts';
import type { NodeApi } from '../engine/node/api.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { currentNode } from './current-node.ts';
import { remote, serve } from './rpc.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** As the page has it: through the proxy of the worker's service. */
function reached(node: NodeApi | Refusal): NodeApi {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve({ node: currentNode(() => Promise.resolve(node)) }, port1);
  return remote<{ readonly node: NodeApi }>(port2).node;
}

const node = {
  nodeId: () => Promise.resolve(ok('02ab')),
  bolt11: { claim: (preimage: string) => Promise.resolve(ok(preimage)) },
} as unknown as NodeApi;

it('reaches methods and those in groups, with their arguments', async () => {
  expect(await reached(node).nodeId()).toEqual(ok('02ab'));
  expect(await reached(node).bolt11.claim('00ff')).toEqual(ok('00ff'));
});

it('refuses while no wallet is open', async () => {
  expect(await reached({ code: 'no-wallet' }).bolt11.claim('00ff')).toEqual({
    ok: false,
    error: { code: 'no-wallet' },
  });
});
