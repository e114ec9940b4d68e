import type { Destination, LightningQuote, OnchainQuote } from '../../../engine/node/api.ts';
import { ADDRESS, never, no, ok } from '../../../web/testkit/fake-wallet.ts';
import { NOW, hex, nodeIdOf, onchain, page, payment } from '../../../web/testkit/snapshots.ts';
import type { Scene } from '../scene.ts';
import { coinsOnly, everyday } from '../wallets.ts';

export const invoice: Extract<Destination, { kind: 'bolt11' }> = {
  kind: 'bolt11',
  invoice: `lnbcrt125u1p${hex(5, 140)}`,
  amountMsat: 12_500_000n,
  description: 'Tea and cake',
  payee: nodeIdOf(0),
  paymentHash: hex(5),
  expiresAt: NOW + 3500,
  fallbackAddress: ADDRESS,
};
export const address: Destination = {
  kind: 'onchain',
  address: ADDRESS,
  amountSat: null,
  label: '',
  message: '',
};
/** The map calls it by this name; no peer of ours does. */
const onMap = {
  node: (nodeId: string) => ok({ nodeId, alias: 'River crossing', features: '', channels: [] }),
};
export const node: Destination = { kind: 'node', nodeId: nodeIdOf(2), host: '127.0.0.1', port: 9735 };
export const quote: LightningQuote = {
  amountMsat: 12_500_000n,
  feeMsat: 3_125n,
  maxFeeMsat: 130_000n,
  payee: nodeIdOf(0),
  payeeAlias: 'Playground',
};
const onchainQuote = (amountSat: bigint): OnchainQuote => ({
  amountSat,
  feeSat: 846n,
  totalSat: amountSat + 846n,
  feerateSatPerVb: 6,
  changeSat: 0n,
});

const draft = (change: object = {}) => ({ 'draft/send': { text: 'pasted', ...change } });
const parsing = (destination: Destination, rest: object = {}) =>
  everyday({ node: { parse: () => ok(destination), ...rest } });
const paying = (destination: Destination, bolt11: object) =>
  everyday({ node: { parse: () => ok(destination) }, bolt11 });
const showing = (one: ReturnType<typeof payment>) => {
  const base = everyday();
  return { ...base, payments: [one], snapshots: { ...base.snapshots, payments: page([one]) } };
};
const pending = (attempts: number) =>
  payment(5, {
    state: 'pending',
    direction: 'outgoing',
    preimage: null,
    settledAt: null,
    feeMsat: null,
    attempts,
  });

export const sending: readonly Scene[] = [
  { name: 'send-empty', hash: '#/send', scenario: () => everyday() },
  {
    name: 'send-wrong',
    hash: '#/send',
    scenario: () =>
      everyday({
        node: { parse: () => no({ code: 'wrong-network', found: 'mainnet', expected: 'regtest' }) },
      }),
    steps: async (view) => {
      await view.getByRole('textbox').fill(`lnbc125u1p${hex(5, 140)}`);
      await view.getByRole('button', { name: 'Continue' }).click();
      await view.getByRole('alert').waitFor();
    },
  },
  {
    name: 'send-scan-blocked',
    hash: '#/send?sheet=scan',
    camera: 'NotAllowedError',
    scenario: () => everyday(),
    steps: (view) => view.getByRole('dialog').getByRole('alert').waitFor(),
  },
  {
    name: 'send-scan-busy',
    hash: '#/send?sheet=scan',
    camera: 'NotReadableError',
    scenario: () => everyday(),
    steps: (view) => view.getByText('does not start').waitFor(),
  },
  {
    name: 'send-invoice',
    hash: '#/send/review',
    scenario: () => paying(invoice, { quote: () => ok(quote) }),
    kept: draft(),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  {
    name: 'send-invoice-may-be-paid',
    hash: '#/send/review',
    scenario: () => paying({ ...invoice, mayBePaid: 'earlier-device' }, { quote: () => ok(quote) }),
    kept: draft(),
    steps: (view) => view.getByRole('alert').waitFor(),
  },
  {
    name: 'send-invoice-onchain-may-be-paid',
    hash: '#/send/review',
    scenario: () =>
      parsing({ ...invoice, mayBePaid: 'invoice' }, { quoteOnchain: () => ok(onchainQuote(12_500n)) }),
    kept: draft({ onchain: true }),
    steps: (view) => view.getByRole('alert').waitFor(),
  },
  {
    name: 'send-invoice-pricing',
    hash: '#/send/review',
    scenario: () => paying(invoice, { quote: never }),
    kept: draft(),
  },
  {
    name: 'send-invoice-any',
    hash: '#/send/review',
    scenario: () =>
      paying({ ...invoice, amountMsat: null, fallbackAddress: null }, { quote: () => ok(quote) }),
    kept: draft(),
  },
  {
    name: 'send-invoice-full',
    hash: '#/send/review',
    scenario: () =>
      paying(
        {
          ...invoice,
          amountMsat: 123_456_789_012_000n,
          description: 'x'.repeat(40).concat(' and more words'.repeat(8)),
        },
        { quote: () => ok({ ...quote, amountMsat: 123_456_789_012_000n, feeMsat: 1_234_567_890_123n }) },
      ),
    kept: draft(),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  {
    name: 'send-invoice-refused',
    hash: '#/send/review',
    scenario: () =>
      paying(invoice, { quote: () => no({ code: 'insufficient-balance', sendableMsat: 8_000_000n }) }),
    kept: draft(),
    steps: (view) => view.getByRole('alert').waitFor(),
  },
  {
    name: 'send-invoice-refused-away',
    hash: '#/send/review',
    scenario: () =>
      paying(invoice, {
        quote: () => no({ code: 'insufficient-balance', sendableMsat: 0n, awayMsat: 40_000_000n }),
      }),
    kept: draft(),
    steps: (view) => view.getByRole('alert').waitFor(),
  },
  {
    name: 'send-onchain-empty',
    hash: '#/send/review',
    scenario: () => parsing(address),
    kept: draft(),
  },
  {
    name: 'send-onchain',
    hash: '#/send/review',
    scenario: () =>
      parsing(
        { ...address, label: 'Ada', message: 'For the boat' },
        { quoteOnchain: () => ok(onchainQuote(250_000n)) },
      ),
    kept: draft({ amountSat: '250000' }),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  {
    name: 'send-onchain-all-custom',
    hash: '#/send/review',
    scenario: () => parsing(address, { quoteOnchain: () => ok(onchainQuote(586_554n)) }),
    kept: draft({ all: true, fee: 'custom', customFee: '2.5' }),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  {
    name: 'send-onchain-short',
    hash: '#/send/review',
    scenario: () =>
      parsing(address, {
        quoteOnchain: () => no({ code: 'insufficient-funds', missingSat: 387_000n, feeSat: 846n }),
      }),
    kept: draft({ amountSat: '1000000' }),
    steps: (view) => view.getByRole('alert').waitFor(),
  },
  {
    name: 'send-interrupted',
    hash: '#/send/review',
    scenario: () => parsing(address),
    kept: draft({ amountSat: '250000', sending: true }),
  },
  {
    name: 'send-node',
    hash: '#/send/review',
    scenario: () => coinsOnly({ node: { parse: () => ok(node) }, graph: onMap }),
    kept: draft(),
  },
  {
    name: 'send-node-pay',
    hash: '#/send/review',
    scenario: () =>
      everyday({
        node: { parse: () => ok(node) },
        spontaneous: { quote: () => ok({ ...quote, amountMsat: 21_000_000n }) },
      }),
    kept: draft({ amountSat: '21000' }),
    steps: (view) => view.getByText('Total').waitFor(),
  },
  {
    name: 'send-node-interrupted',
    hash: '#/send/review',
    scenario: () => parsing(node),
    kept: draft({ amountSat: '21000', sending: true }),
  },
  { name: 'send-finding', hash: `#/send/payment/${hex(5)}`, scenario: () => showing(pending(0)) },
  { name: 'send-another-path', hash: `#/send/payment/${hex(5)}`, scenario: () => showing(pending(3)) },
  {
    name: 'send-done',
    hash: `#/send/payment/${hex(5)}`,
    scenario: () => showing(payment(5, { direction: 'outgoing', description: 'Tea and cake' })),
    steps: (view) => view.getByText('Proof of payment').first().click(),
  },
  {
    name: 'send-failed',
    hash: `#/send/payment/${hex(5)}`,
    scenario: () =>
      showing(
        payment(5, {
          state: 'failed',
          direction: 'outgoing',
          preimage: null,
          failure: { code: 'peer-offline', detail: 'channel closed while waiting', bolt4Code: 4103, hop: 0 },
        }),
      ),
  },
  {
    name: 'send-on-the-way',
    hash: `#/send/transaction/${hex(185)}`,
    scenario: () =>
      showing(
        onchain(65, {
          direction: 'outgoing',
          state: 'pending',
          confirmations: 0,
          amountMsat: 250_000_000n,
          feeMsat: 846_000n,
        }),
      ),
  },
  {
    name: 'send-unasked-failed',
    hash: `#/send/payment/${hex(5)}`,
    scenario: () =>
      showing(
        payment(5, {
          kind: 'spontaneous',
          state: 'failed',
          direction: 'outgoing',
          invoice: null,
          preimage: null,
          failure: { code: 'unknown-to-recipient', detail: 'turned down', bolt4Code: 16399, hop: 0 },
        }),
      ),
  },
];
