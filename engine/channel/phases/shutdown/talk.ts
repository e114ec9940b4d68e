import { blockHeight, type BlockHeight } from '../../../base/units.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import type { Env } from '../../env.ts';
import type { Closing, CloseTalk, Durable, Negotiating } from '../../state.ts';
import { feeOfClosing } from './simple-offer.ts';

/** Signed by both, and in no block: a dearer one may still take its place. */
export type Talking = Closing & { readonly talk: CloseTalk };

/** A channel for which closing_complete may be said. */
export type Closable = Negotiating | Talking;

/** Not where it was given to the chain otherwise: then there is no more to say. */
export const isTalking = (durable: Durable | null): durable is Talking =>
  durable?.phase === 'closing' &&
  durable.talk !== null &&
  durable.failure === null &&
  !durable.lostData &&
  (durable.spend === null || (durable.spend.kind === 'mutual' && durable.spend.at === null));

export const isClosableByBoth = (durable: Durable | null): durable is Closable =>
  durable?.phase === 'negotiating' || isTalking(durable);

export const talkOf = (channel: Closable): CloseTalk =>
  channel.phase === 'negotiating' ? channel : channel.talk;

/** Blocks that what was raised, or taken out of a block again, has to be mined in, however long it all takes already. */
const SHORT_PATIENCE = 36;

/** `since` for one that has that long from now: a peer that raises for ever has to pay for each such time. */
export const anew = ({ height, config }: Env, since: BlockHeight, isSeen: boolean): BlockHeight =>
  blockHeight(
    Math.max(since, height + SHORT_PATIENCE - (isSeen ? config.closingPatience : config.closingTimeout)),
  );

const talkAlone = ({ localScript, remoteScript, closeFeerate, isAsked, since }: CloseTalk): CloseTalk => ({
  localScript,
  remoteScript,
  closeFeerate,
  isAsked,
  since,
});

/** What both signed and how that came to be: to keep it in another phase. */
export function signedSoFar(channel: Durable): Pick<Closing, 'mutual' | 'setAside' | 'talk'> {
  if (channel.phase === 'negotiating')
    return { mutual: channel.mutual, setAside: null, talk: talkAlone(channel) };
  if (channel.phase !== 'closing') return { mutual: null, setAside: null, talk: null };
  const { mutual, setAside, talk } = channel;
  return { mutual, setAside, talk };
}

export const withTalk = (channel: Closable, change: Partial<CloseTalk>): Closable =>
  channel.phase === 'negotiating'
    ? { ...channel, ...change }
    : { ...channel, talk: { ...channel.talk, ...change } };

/** The dearest that both signed, as far as we know or the servers say; null where there is none. */
export function signedByBoth(channel: Negotiating | Closing): Tx | null {
  const mutual = channel.mutual ?? (channel.phase === 'closing' ? channel.setAside : null);
  const seen = channel.phase === 'closing' && channel.spend?.kind === 'mutual' ? channel.spend.tx : null;
  if (mutual === null || seen === null) return mutual ?? seen;
  return feeOfClosing(channel, seen) > feeOfClosing(channel, mutual) ? seen : mutual;
}
