import { join } from 'node:path';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import { startChild, type Child } from '../../../world/child.ts';
import { freePort, LOOPBACK } from '../../../world/free-port.ts';
import type { RpcTarget } from '../../../world/rpc.ts';
import { until } from '../../../world/until.ts';
import { LND } from '../../builds/lnd.ts';
import { trust } from './acceptor.ts';
import type { LndInfo } from './answers.ts';
import { LndRest } from './rest.ts';

export type LndPorts = { readonly peers: number; readonly rpc: number; readonly rest: number };

const START_MS = 60_000;

export const newPorts = async (): Promise<LndPorts> => ({
  peers: await freePort(),
  rpc: await freePort(),
  rest: await freePort(),
});

/** Resolves when it serves and has caught up with the chain. */
export async function startLnd(
  wishes: PeerWishes,
  chain: RpcTarget,
  ports: LndPorts,
  feeUrl: string,
): Promise<{ readonly child: Child; readonly rest: LndRest; readonly info: LndInfo }> {
  const child = startChild(join(LND.folder, 'lnd'), flags(wishes, chain, ports, feeUrl));
  const rest = new LndRest(ports.rest);
  const ask = <T>(path: string): Promise<T | null> => {
    if (!child.isRunning()) throw new Error(`LND ended: ${child.lastWords().slice(-600)}`);
    return rest.get<T>(path).catch(() => null);
  };
  await until(async () => (await ask<{ state: string }>('/v1/state'))?.state === 'SERVER_ACTIVE', {
    what: 'LND to serve',
    timeoutMs: START_MS,
    everyMs: 50,
  });
  const info = await until(
    async () => {
      const now = await ask<LndInfo>('/v1/getinfo');
      return now?.synced_to_chain === true ? now : null;
    },
    { what: 'LND to catch up', timeoutMs: START_MS, everyMs: 50 },
  );
  if (wishes.takesUnconfirmedFrom !== undefined) await trust(ports.rest, wishes.takesUnconfirmedFrom);
  return { child, rest, info };
}

function flags(
  { alias, folder, anchors = true, upfrontShutdown = false }: PeerWishes,
  chain: RpcTarget,
  { peers, rpc, rest }: LndPorts,
  feeUrl: string,
): string[] {
  return [
    `--lnddir=${folder}`,
    `--alias=${alias}`,
    '--noseedbackup',
    '--no-rest-tls',
    '--no-macaroons',
    `--listen=${LOOPBACK}:${peers}`,
    `--rpclisten=${LOOPBACK}:${rpc}`,
    `--restlisten=${LOOPBACK}:${rest}`,
    '--bitcoin.regtest',
    '--bitcoin.node=bitcoind',
    // Another chain may take back two.
    '--bitcoin.defaultchanconfs=3',
    `--bitcoind.rpchost=${LOOPBACK}:${chain.port}`,
    `--bitcoind.rpcuser=${chain.user}`,
    `--bitcoind.rpcpass=${chain.password}`,
    // Not every bitcoind is built with ZMQ.
    '--bitcoind.rpcpolling',
    '--bitcoind.blockpollinginterval=100ms',
    '--bitcoind.txpollinginterval=100ms',
    `--fee.url=${feeUrl}`,
    '--nobootstrap',
    '--accept-keysend',
    '--maxpendingchannels=20',
    '--trickledelay=50',
    '--protocol.wumbo-channels',
    // Taproot channels are anchored too; and without anchors it takes no type with an alias.
    ...(anchors
      ? ['--protocol.simple-taproot-chans', '--protocol.option-scid-alias', '--protocol.zero-conf']
      : ['--protocol.no-anchors']),
    ...(upfrontShutdown ? ['--enable-upfront-shutdown'] : []),
    '--protocol.rbf-coop-close',
    '--protocol.onion-msg-relay-all',
    '--debuglevel=info,PEER=debug',
  ];
}
