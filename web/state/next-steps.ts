import type { Alarm, Balances, ChannelDetails } from '../../engine/node/api.ts';
import type { Health } from './backup-health.ts';
import type { Wallet } from './wallet.svelte.ts';

export type NextStep =
  | { readonly tag: 'words' }
  /** What channels may need to close by themselves, and is not there. */
  | { readonly tag: 'reserve'; readonly missingSat: bigint }
  | { readonly tag: 'backup'; readonly reason: Exclude<NonNullable<Health['next']>, 'words'> }
  | { readonly tag: 'lock' }
  | { readonly tag: 'channel' }
  /** So much went through it that the wallet opens more slowly. */
  | { readonly tag: 'overused'; readonly channelId: string }
  | { readonly tag: 'install' };

export type Known = {
  readonly state: Wallet['state'];
  readonly balances: Balances | null;
  readonly channels: readonly ChannelDetails[] | null;
  readonly alarms: readonly Alarm[];
  /** What a backup is short of. */
  readonly lacks: Health['next'];
  readonly canInstall: boolean;
  /** The person said that no lock is wanted. */
  readonly noLockMeant: boolean;
};

/**
 * What the home screen asks a person to do, the most pressing first. Of what endangers money each is told, none in
 * place of another; of what would only be good to have one, and none beside a danger that steps could end.
 */
export function nextSteps(known: Known): readonly NextStep[] {
  const dangers = dangersOf(known);
  // A wallet without a lock may be meant so: that keeps no other step away.
  const isCalm = dangers.every(({ tag }) => tag === 'lock');
  return isCalm ? [...dangers, ...adviceOf(known).slice(0, 1)] : dangers;
}

const holds = ({ balances }: Known): boolean => (balances?.totalMsat ?? 0n) > 0n;

function dangersOf(known: Known): readonly NextStep[] {
  const { state, balances, lacks, alarms } = known;
  const dangers: NextStep[] = [];
  if (state?.tag === 'open' && !state.wordsConfirmed && holds(known)) dangers.push({ tag: 'words' });
  const missingSat = balances === null ? 0n : balances.onchain.keptWantedSat - balances.onchain.keptSat;
  // Where they are wanted by a certain block, the alarm asks for them.
  const isAsked = alarms.some(({ code }) => code === 'claim-unpaid');
  if (missingSat > 0n && !isAsked) dangers.push({ tag: 'reserve', missingSat });
  if (lacks !== null && lacks !== 'words') dangers.push({ tag: 'backup', reason: lacks });
  const isUnlocked = state?.tag === 'open' && !state.lock.passphrase && state.lock.passkeys.length === 0;
  if (isUnlocked && !known.noLockMeant && holds(known)) dangers.push({ tag: 'lock' });
  return dangers;
}

function adviceOf(known: Known): readonly NextStep[] {
  const { balances, channels, canInstall } = known;
  const overused = channels?.find(({ state, isOverused }) => state === 'ready' && isOverused);
  // Coins that lie there and no channel: the way to fast payments is one step.
  const hasNoChannel = channels !== null && channels.every(({ state }) => state === 'closed');
  return [
    ...(overused === undefined ? [] : [{ tag: 'overused', channelId: overused.channelId } as const]),
    ...(hasNoChannel && (balances?.onchain.spendableSat ?? 0n) > 0n ? [{ tag: 'channel' } as const] : []),
    ...(canInstall && holds(known) ? [{ tag: 'install' } as const] : []),
  ];
}
