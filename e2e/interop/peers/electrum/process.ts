import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import { startChild, type Child } from '../../../world/child.ts';
import { LOOPBACK } from '../../../world/free-port.ts';
import { until } from '../../../world/until.ts';
import { ELECTRUM_COMMAND, ELECTRUM_ENV } from '../../builds/electrum.ts';
import { ElectrumRpc } from './rpc.ts';

export type ElectrumPorts = { readonly peers: number; readonly rpc: number; readonly server: number };

const USER = 'leyden';
const PASSWORD = 'regtest';
/** sat/kvB: what it then pays for commitments with anchors is half as much again. */
const FEERATE = 5_000;

/** Resolves when its wallet is loaded and it has caught up with the chain. */
export async function startElectrum(
  folder: string,
  ports: ElectrumPorts,
  wishes: PeerWishes,
): Promise<{ readonly child: Child; readonly rpc: ElectrumRpc; readonly id: string }> {
  const home = join(folder, 'regtest');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'config'), JSON.stringify({ ...config(ports), ...unconfirmed(wishes) }));
  const child = startChild('/usr/bin/env', [
    ...ELECTRUM_ENV,
    ...ELECTRUM_COMMAND,
    '--regtest',
    '--dir',
    folder,
    'daemon',
    // In its configuration the protocol would be another one.
    '--server',
    `${LOOPBACK}:${ports.server}:t`,
    '--oneserver',
  ]);
  const rpc = new ElectrumRpc(ports.rpc, USER, PASSWORD);
  await until(
    () => {
      if (!child.isRunning()) throw new Error(`Electrum ended: ${child.lastWords().slice(-600)}`);
      return rpc.call<{ connected: boolean }>('getinfo').then(
        ({ connected }) => connected,
        () => false,
      );
    },
    { what: 'Electrum to answer', timeoutMs: 60_000, everyMs: 100 },
  );
  if (!existsSync(join(home, 'wallets', 'default_wallet'))) await rpc.call('create');
  await rpc.call('load_wallet');
  await injectFeerate(rpc, FEERATE);
  const [id = ''] = (await rpc.call<string>('nodeid')).split('@');
  return { child, rpc, id };
}

/** Without history it knows no fee rates: these are injected, as its own tests do. In sat/kvB. */
export async function injectFeerate(rpc: ElectrumRpc, feerate: number): Promise<void> {
  const estimates = [2, 5, 10, 25, 144, 1008].map((blocks) => `${blocks}: ${feerate}`);
  await rpc.call('test_inject_fee_etas', { fee_est: `{${estimates.join(', ')}}` });
}

const config = ({ peers, rpc }: ElectrumPorts): object => ({
  rpcuser: USER,
  rpcpassword: PASSWORD,
  rpcport: rpc,
  auto_connect: false,
  check_updates: false,
  // Without it, it opens channels with trampoline nodes alone.
  use_gossip: true,
  nostr_relays: '',
  lightning_listen: `${LOOPBACK}:${peers}`,
  lightning_to_self_delay: 144,
  lightning_forward_payments: true,
  test_disable_automatic_fee_eta_update: true,
  log_to_file: true,
  verbosity: '*',
});

/** It takes unconfirmed channels of one node alone, and none while it forwards (lnpeer.py). It dials that node: nobody is there. */
const unconfirmed = ({ takesUnconfirmedFrom, opensUnconfirmed = false }: PeerWishes): object => ({
  ...(opensUnconfirmed ? { open_zeroconf_channels: true } : {}),
  ...(takesUnconfirmedFrom === undefined
    ? {}
    : {
        open_zeroconf_channels: true,
        zeroconf_trusted_node: `${takesUnconfirmedFrom}@${LOOPBACK}:9`,
        lightning_forward_payments: false,
      }),
});
