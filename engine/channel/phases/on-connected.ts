import { combined } from '../../wire/features.ts';
import type { Init } from '../message.ts';
import { patienceOf } from '../session.ts';
import { isLive, type Closing } from '../state.ts';
import type { Work } from '../work.ts';
import { dropConnection } from './drop-connection.ts';
import { sendError } from './send-error.ts';
import { askToClose } from './sync/data-loss.ts';
import { isSimple } from './shutdown/simple-close.ts';
import { isTalking } from './shutdown/talk.ts';
import { reestablish } from './sync/reestablish.ts';

/** BOLT 2 §Message Retransmission: "MUST handle continuation of a previous channel on a new encrypted transport." */
export function onConnected(work: Work, remoteInit: Init): void {
  // A new connection takes the place of the old one, also when that was not seen to end.
  dropConnection(work);
  const { durable, env } = work;
  const remoteFeatures = combined(remoteInit.globalFeatures, remoteInit.features);
  if (durable === null) work.session = { link: 'opening', remoteFeatures, open: { stage: 'idle' } };
  else if (isLive(durable) || (isTalking(durable) && isSimple(env, remoteFeatures))) {
    work.session = { link: 'syncing', remoteFeatures, ...patienceOf(work.session) };
    // BOLT 2 §Message Retransmission: "MUST transmit `channel_reestablish` for each channel."
    work.send(reestablish(durable, env));
  } else {
    work.session = { link: 'over', ...patienceOf(work.session) };
    // BOLT 2 §Message Retransmission: "if a channel is in an error state: SHOULD retransmit the error packet and ignore
    // any other packets for that channel."
    if (durable.phase === 'closing' && durable.failure !== null) sendError(work, durable.failure);
    // Its commitment may have been taken out of a block again.
    if (durable.phase === 'data-loss' || (durable.phase === 'closing' && isLost(durable)))
      askToClose(work, durable);
  }
}

const isLost = ({ lostData, spend }: Closing): boolean => lostData && (spend === null || spend.at === null);
