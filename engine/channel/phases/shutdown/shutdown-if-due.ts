import { coreOf, type ShuttingDown } from '../../state.ts';
import { NO_PROPOSALS } from '../../session.ts';
import type { Work } from '../../work.ts';

/** Follow-up: says shutdown when nothing of ours waits to be signed. */
export function shutdownIfDue(work: Work): void {
  const { durable, session, env } = work;
  if (durable?.phase !== 'shutting-down' || durable.shutdownSent || session.link !== 'ready') return;
  // BOLT 2 §shutdown: "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a
  // `shutdown`."
  if (env.moreToCome || hasUnsigned(durable)) return;
  work.durable = { ...durable, shutdownSent: true };
  work.send({ name: 'shutdown', channelId: durable.params.channelId, script: durable.localScript });
}

function hasUnsigned({ ledger, params }: ShuttingDown): boolean {
  for (const { step } of ledger.outgoing.values()) if (step === 0) return true;
  for (const { step } of ledger.incoming.values()) if (step === 5) return true;
  return params.opener === 'local' && ledger.feeUpdates.some(({ step }) => step === 0);
}

/** Follow-up: goes on to closing_signed when both have said shutdown and nothing is left in either commitment. */
export function negotiateIfDue(work: Work): void {
  const { durable, session } = work;
  if (durable?.phase !== 'shutting-down' || session.link !== 'ready') return;
  const { ledger, remoteScript } = durable;
  if (!durable.shutdownSent || remoteScript === null) return;
  if (ledger.outgoing.size > 0 || ledger.incoming.size > 0 || ledger.feeUpdates.length > 0) return;
  if (ledger.unacked !== null || session.proposals !== NO_PROPOSALS) return;
  work.durable = {
    ...coreOf(durable),
    phase: 'negotiating',
    localScript: durable.localScript,
    remoteScript,
    closeFeerate: durable.closeFeerate,
    isAsked: durable.isAsked,
    since: work.env.height,
    mutual: null,
  };
}
