import type { PsbtDetails } from '../../../engine/node/psbt-api.ts';
import { ADDRESS, no, ok } from '../../../web/testkit/fake-wallet.ts';
import { NOW, hex } from '../../../web/testkit/snapshots.ts';
import type { Scene } from '../scene.ts';
import { everyday } from '../wallets.ts';

const TEXT = `cHNidP8BA${'HEC'.repeat(60)}`;
const details: PsbtDetails = {
  txId: hex(61),
  spentSat: 310_000n,
  returnedSat: 59_154n,
  payments: [{ address: ADDRESS, amountSat: 250_000n }],
  feeSat: 846n,
};
const waiting = [
  { psbt: TEXT, txId: hex(61), feeSat: 846n, createdAt: NOW - 7_200 },
  { psbt: TEXT, txId: hex(62), feeSat: 1_234_567n, createdAt: NOW - 90_000 },
];
const looking = (change: Partial<PsbtDetails> = {}) =>
  everyday({ psbt: { list: () => ok(waiting), inspect: () => ok({ ...details, ...change }) } });
const draft = (change: object = {}) => ({ 'draft/psbt': { text: TEXT, ...change } });

export const psbts: readonly Scene[] = [
  { name: 'psbt-empty', hash: '#/psbt', scenario: () => everyday() },
  { name: 'psbt-waiting', hash: '#/psbt', scenario: () => looking() },
  {
    name: 'psbt-wrong',
    hash: '#/psbt',
    scenario: () =>
      everyday({
        psbt: {
          list: () => ok([]),
          inspect: () =>
            no({ code: 'invalid-argument', field: 'psbt', detail: 'it misstates one of our coins' }),
        },
      }),
    steps: async (view) => {
      await view.getByRole('textbox').fill(TEXT);
      await view.getByRole('button', { name: 'Look at it' }).click();
      await view.getByRole('alert').waitFor();
    },
  },
  {
    name: 'psbt-make',
    hash: '#/psbt/make',
    scenario: () =>
      everyday({
        node: {
          quoteOnchain: () =>
            ok({ amountSat: 250_000n, feeSat: 846n, totalSat: 250_846n, feerateSatPerVb: 6, changeSat: 0n }),
        },
      }),
    kept: draft({ text: '', address: ADDRESS, amountSat: '250000' }),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  { name: 'psbt-review', hash: '#/psbt/review', scenario: () => looking(), kept: draft() },
  {
    name: 'psbt-review-joint',
    hash: '#/psbt/review',
    scenario: () =>
      looking({
        txId: hex(70),
        feeSat: null,
        payments: [
          { address: ADDRESS, amountSat: 123_456_789_012n },
          { address: null, amountSat: 0n },
        ],
      }),
    kept: draft({ signed: 'part' }),
  },
  {
    name: 'psbt-review-complete',
    hash: '#/psbt/review',
    scenario: () => looking(),
    kept: draft({ signed: 'all' }),
    steps: (view) => view.getByRole('button', { name: 'Give it up' }).click(),
  },
  {
    name: 'psbt-review-not-ours',
    hash: '#/psbt/review',
    scenario: () => looking({ txId: hex(70), spentSat: 0n, returnedSat: 0n }),
    kept: draft(),
  },
];
