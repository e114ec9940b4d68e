import { feerateToSatPerVb } from '../../bitcoin/fee.ts';
import type { ChainStatus, NodeStatus } from '../api.ts';
import type { Core } from '../core.ts';
import { unpaidClaims } from './unpaid-claims.ts';

export function chainStatus(core: Core): ChainStatus {
  const tip = core.running?.chain.tip() ?? null;
  const { urgent, normal, background } = core.feerates;
  return {
    tipHeight: tip?.height ?? null,
    tipHash: tip?.hash ?? null,
    lastSyncAt: core.lastSyncAt,
    syncing: core.syncing,
    reachable: core.reachable,
    trouble: core.trouble,
    feerates: {
      fast: feerateToSatPerVb(urgent),
      normal: feerateToSatPerVb(normal),
      slow: feerateToSatPerVb(background),
    },
  };
}

export const nodeStatus = (core: Core): NodeStatus => ({
  running: core.running !== null,
  network: core.options.network,
  nodeId: core.running?.identity.nodeId ?? null,
  chain: chainStatus(core),
  // The words were saved since: nothing is turned away any more.
  alarms: [
    ...((core.options.receiveLimit?.() ?? null) === null
      ? core.alarms.filter(({ code }) => code !== 'turned-away')
      : core.alarms),
    ...unpaidClaims(core),
  ],
});
