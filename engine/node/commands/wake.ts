import { nodeId } from '../../base/ids.ts';
import { err, ok } from '../../base/result.ts';
import { listWebhooks, removeWebhook, setWebhook } from '../../lsp/lsps5.ts';
import type { Answer } from '../api.ts';
import { invalid } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { refusalFromLsp } from '../lsp/lsp-refusal.ts';
import { PushRelayClient } from '../lsp/push-relay.ts';
import type { LspServer } from '../lsp-api.ts';
import type { Refusal } from '../refusal.ts';
import type { BrowserPush, WakeApi, WakeOutcome } from '../wake-api.ts';
import { connectTo } from './peers.ts';

/** What LSPs know our webhook by: one for each wallet, wherever it is opened last. */
const APP_NAME = 'Leyden';
const LONGEST_ENDPOINT = 2_048;
const ENDPOINT = /^https?:\/\/[!-~]+$/;

/** LSPs that wake a browser in which the page is closed. */
export function wakeCommands({ core, lsp: desk }: Desks): WakeApi {
  function relay(): ReturnType<typeof ok<PushRelayClient>> | ReturnType<typeof err<Refusal>> {
    if (core.running === null) return err<Refusal>({ code: 'not-running' });
    if (desk.pushRelay === null) return err<Refusal>({ code: 'no-push-relay' });
    const { secret } = core.running.identity;
    return ok(new PushRelayClient(core.options.http, desk.pushRelay, secret));
  }

  async function withEach(
    act: (client: PushRelayClient, server: LspServer) => Promise<Refusal | null>,
    servers = desk.servers,
  ): Answer<readonly WakeOutcome[]> {
    const client = relay();
    if (!client.ok) return client;
    if (desk.servers.length === 0) return err({ code: 'no-lsp' });
    return ok(
      await Promise.all(
        servers.map(async (server) => ({
          lsp: { nodeId: server.nodeId, alias: server.alias },
          refusal: await act(client.value, server),
        })),
      ),
    );
  }

  async function reach({ nodeId: id, host, port }: LspServer): Promise<Refusal | null> {
    const connected = await connectTo(core, nodeId(id), { host, port });
    return connected.ok ? null : connected.error;
  }

  /** The relay first: from then on nobody is woken, whatever the LSP does. */
  async function end(client: PushRelayClient, { nodeId: id }: LspServer): Promise<Refusal | null> {
    const forgotten = await client.forget(nodeId(id));
    return forgotten.ok ? null : forgotten.error;
  }

  async function remove({ nodeId: id }: LspServer): Promise<Refusal | null> {
    const removed = await removeWebhook(desk.rpc, nodeId(id), APP_NAME);
    return removed.ok ? null : refusalFromLsp(removed.error);
  }

  return {
    key: async () => {
      const client = relay();
      return client.ok ? client.value.key() : client;
    },
    enable: async (push) => {
      const fault = faultOf(push);
      if (fault !== null) return invalid('push', fault);
      return withEach(async (client, server) => {
        const lsp = nodeId(server.nodeId);
        const webhook = await client.subscribe(lsp, push);
        if (!webhook.ok) return webhook.error;
        const unreached = await reach(server);
        if (unreached !== null) return unreached;
        const set = await setWebhook(desk.rpc, lsp, APP_NAME, webhook.value);
        return set.ok ? null : refusalFromLsp(set.error);
      });
    },
    check: () =>
      withEach(async (_, server) => {
        const unreached = await reach(server);
        if (unreached !== null) return unreached;
        const names = await listWebhooks(desk.rpc, nodeId(server.nodeId));
        if (!names.ok) return refusalFromLsp(names.error);
        return names.value.includes(APP_NAME) ? null : { code: 'lsp-failed', reason: 'not-registered' };
      }),
    disable: () =>
      withEach(
        async (client, server) => (await end(client, server)) ?? (await reach(server)) ?? remove(server),
      ),
    leave: async (lsps) => {
      if (!Array.isArray(lsps)) return invalid('lsps', 'a list of node ids is needed');
      const isHere = ({ nodeId: id }: LspServer): boolean =>
        core.running !== null && core.running.peers.remoteInit(nodeId(id)) !== null;
      return withEach(
        async (client, server) => (await end(client, server)) ?? (isHere(server) ? remove(server) : null),
        desk.servers.filter((server) => lsps.includes(server.nodeId)),
      );
    },
  };
}

function faultOf(push: unknown): string | null {
  if (typeof push !== 'object' || push === null) return 'a subscription is needed';
  const { endpoint, p256dh, auth } = push as Partial<Record<keyof BrowserPush, unknown>>;
  if (typeof endpoint !== 'string' || endpoint.length > LONGEST_ENDPOINT || !ENDPOINT.test(endpoint))
    return 'an endpoint is needed';
  if (typeof p256dh !== 'string' || !/^[\w-]{87}$/.test(p256dh)) return 'a key of 65 bytes is needed';
  return typeof auth === 'string' && /^[\w-]{22}$/.test(auth) ? null : 'a secret of 16 bytes is needed';
}
