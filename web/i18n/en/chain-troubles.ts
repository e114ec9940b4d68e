import type { ChainTrouble } from '../../../engine/node/api.ts';
import { fullTime } from '../../format/time.ts';

/** What is wrong with the chain servers, as a title without a full stop; and what to do, as sentences. */
export type TroubleTexts = { readonly title: string; readonly next: string };

type Texts = {
  readonly [C in ChainTrouble['code']]: (
    trouble: Extract<ChainTrouble, { readonly code: C }>,
  ) => TroubleTexts;
};
type Lie = Extract<ChainTrouble, { readonly code: 'false-answer' }>['lie'];

const NOT_BELIEVED = 'It is not believed, and your money is as it was. Use another server.';

const lies: { readonly [L in Lie]: (host: string) => TroubleTexts } = {
  transaction: (host) => ({
    title: `${host} shows a transaction that is not the right one`,
    next: NOT_BELIEVED,
  }),
  proof: (host) => ({ title: `${host} says something is confirmed and cannot prove it`, next: NOT_BELIEVED }),
  block: (host) => ({ title: `${host} shows blocks that cannot be real`, next: NOT_BELIEVED }),
  network: (host) => ({
    title: `${host} serves another network`,
    next: 'Use a server of the network that this wallet is on.',
  }),
};

const troubles: Texts = {
  unreachable: () => ({
    title: 'Chain servers are not reachable',
    next: 'Check your connection. It is tried again by itself.',
  }),
  'rate-limited': ({ server }) => ({
    title: `${hostOf(server)} is asked too often and wants a pause`,
    next: 'It is asked again by itself. With one more server you wait less.',
  }),
  broken: ({ server }) => ({
    title: `${hostOf(server)} does not answer as a chain server does`,
    next: 'Check its address, or use another server.',
  }),
  'false-answer': ({ server, lie }) => lies[lie](hostOf(server)),
  disputed: () => ({
    title: 'Your chain servers contradict each other',
    next: 'None of them is believed until they agree. Remove the one that you trust least, or add another.',
  }),
  stale: ({ blockAt }) => ({
    title: `Your chain servers show no block since ${fullTime(blockAt)}`,
    next: 'They may be behind: use another server. Or the clock of this device is wrong: check it.',
  }),
  'fees-disputed': () => ({
    title: 'Your chain servers are far apart about fees',
    next: 'What you send goes near the lower for now; what keeps channels safe may go by the higher. Remove the one that you trust least, or add a third.',
  }),
  'fees-unknown': ({ since }) => ({
    title: `Your chain servers have not said what fees are since ${fullTime(since)}`,
    next: 'Until they do, fees that you see may be too high or too low. Add another server.',
  }),
  'fees-alone': ({ server, held }) =>
    held
      ? {
          title: `${hostOf(server)} alone says what fees are now`,
          next: 'Until your wallet has been open for an hour in all, what they were before counts beside it. Remove the server that stays silent, or add another.',
        }
      : {
          title: `${hostOf(server)} alone says what fees are`,
          next: 'No other one says anything of them, so its word counts. Check your other servers, or add one.',
        },
};

export const chainTrouble = (trouble: ChainTrouble): TroubleTexts =>
  (troubles[trouble.code] as (one: ChainTrouble) => TroubleTexts)(trouble);

function hostOf(server: string): string {
  try {
    return new URL(server).host;
  } catch {
    return server;
  }
}
