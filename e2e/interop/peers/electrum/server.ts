import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { startChild, type Child } from '../../../world/child.ts';
import { LOOPBACK } from '../../../world/free-port.ts';
import type { RpcTarget } from '../../../world/rpc.ts';
import { until } from '../../../world/until.ts';
import { ELECTRUMX_PROGRAM } from '../../builds/electrum.ts';

/** ElectrumX, which tells an Electrum of the chain. Resolves when it takes connections. */
export async function startElectrumX(folder: string, chain: RpcTarget, port: number): Promise<Child> {
  await mkdir(folder, { recursive: true });
  const settings = {
    COIN: 'Bitcoin',
    NET: 'regtest',
    DB_ENGINE: 'leveldb',
    DB_DIRECTORY: folder,
    DAEMON_URL: `http://${chain.user}:${chain.password}@${LOOPBACK}:${chain.port}`,
    SERVICES: `tcp://${LOOPBACK}:${port}`,
    PEER_DISCOVERY: 'off',
    ALLOW_ROOT: 'true',
    COST_SOFT_LIMIT: '0',
    COST_HARD_LIMIT: '0',
    DAEMON_POLL_INTERVAL_BLOCKS: '100',
    DAEMON_POLL_INTERVAL_MEMPOOL: '100',
  };
  const server = startChild('/usr/bin/env', [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ELECTRUMX_PROGRAM,
  ]);
  await until(
    () => {
      if (!server.isRunning()) throw new Error(`ElectrumX ended: ${server.lastWords().slice(-600)}`);
      return isOpen(port);
    },
    { what: 'ElectrumX to listen', timeoutMs: 60_000, everyMs: 100 },
  );
  return server;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
