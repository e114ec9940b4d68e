import { describe, expect, it } from 'vitest';
import { sat } from '../base/units.ts';
import { addressOf } from '../bitcoin/address.ts';
import { p2pkhOfHash, p2shOfHash, witnessProgram } from '../bitcoin/script.ts';
import type { OrderWish } from './lsps1-options.ts';
import { readOrder, type LspOrder } from './lsps1-order.ts';
import { orderFault } from './order-fault.ts';

type Json = Readonly<Record<string, unknown>>;

const address = (script: Uint8Array): string => addressOf(script, 'regtest') ?? '';
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const REFUND = address(witnessProgram(0, bytes(20)));

const LIGHTNING: Json = {
  state: 'EXPECT_PAYMENT',
  expires_at: '2035-01-25T19:29:44.612Z',
  fee_total_sat: '8888',
  order_total_sat: '28888',
  invoice: 'lnbcrt1xyz',
};
const ONCHAIN: Json = {
  state: 'EXPECT_PAYMENT',
  expires_at: '2035-01-25T19:29:44.612Z',
  fee_total_sat: '9999',
  order_total_sat: '29999',
  address: address(witnessProgram(1, bytes(32))),
  min_fee_for_0conf: 253,
  min_onchain_payment_confirmations: 0,
  refund_onchain_address: REFUND,
};
const ORDER: Json = {
  order_id: 'bb4b5d0a-8334-49d8-9463-90a6d413af7c',
  lsp_balance_sat: '5000000',
  client_balance_sat: '20000',
  required_channel_confirmations: 0,
  funding_confirms_within_blocks: 6,
  channel_expiry_blocks: 144,
  token: '',
  created_at: '2012-04-23T18:25:43.511Z',
  announce_channel: false,
  order_state: 'CREATED',
  payment: { bolt11: LIGHTNING, onchain: ONCHAIN },
  channel: null,
};
const WISH: OrderWish = {
  lspBalance: sat(5_000_000),
  clientBalance: sat(20_000),
  confirmations: 0,
  fundingBlocks: 6,
  expiryBlocks: 144,
  token: null,
  refundAddress: REFUND,
};

function order(change: Json = {}): LspOrder | null {
  const read = readOrder({ ...ORDER, ...change });
  return read.ok ? read.value : null;
}
const onchain = (change: Json, more: Json = {}): LspOrder | null =>
  order({ payment: { onchain: { ...ONCHAIN, ...change } }, ...more });
const fault = (read: LspOrder | null, wish: OrderWish = WISH): string | null =>
  read === null ? 'unreadable' : orderFault(read, wish, 'regtest');

describe('an order as an LSP tells it', () => {
  it('is read as the example of the book', () => {
    expect(order()).toMatchObject({
      lspBalance: 5_000_000n,
      clientBalance: 20_000n,
      state: 'created',
      lightning: { state: 'expected', fee: 8_888n, total: 28_888n },
      onchain: { state: 'expected', fee: 9_999n, total: 29_999n, confirmations: 0 },
      channel: null,
    });
  });

  // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized `result` fields"; "MUST recursively ignore unrecognized
  // fields from any dictionaries"
  // bLIP 50 §LSPS Method And Notification Specifications: "An LSP MAY return additional keys in the
  // `response` values"
  it('may have fields that nobody knows, at any depth', () => {
    const more = { of_tomorrow: { x: [{ y: 1 }] } };
    const read = order({
      ...more,
      payment: { ...more, bolt11: { ...LIGHTNING, ...more }, onchain: { ...ONCHAIN, ...more } },
    });
    expect(read).toEqual(order());
  });

  // bLIP 51 §3: "The Client MUST ignore unkown payment options"; "The LSP MAY omit payment options"
  // bLIP 51 §3.2: "MAY pay the `offer`"
  it('may have ways to pay that nobody knows, whatever stands in them, and lack any', () => {
    const bolt12 = { ...LIGHTNING, offer: 'lno1xyz' };
    for (const unknown of [bolt12, [], 'soon', 7, null])
      expect(order({ payment: { bolt12: unknown, onchain: ONCHAIN } })).toMatchObject({
        lightning: null,
        onchain: { total: 29_999n },
      });
    expect(order({ payment: { bolt11: LIGHTNING, onchain: null } })).toMatchObject({ onchain: null });
    expect(fault(order({ payment: { bolt12 } }))).toBe('no way to pay that is known here');
  });

  // bLIP 51 §2: "`order_state <string enum>` Current state of the order"
  it('is created, completed or failed', () => {
    const states = ['CREATED', 'COMPLETED', 'FAILED'].map((word) => order({ order_state: word })?.state);
    expect(states).toEqual(['created', 'completed', 'failed']);
    for (const bad of ['created', 'OPEN', '', null, 1]) expect(order({ order_state: bad })).toBeNull();
  });

  // bLIP 51 §2: "MUST be at most 64 characters long"
  // bLIP 51 §2: "SHOULD be a valid UUID version 4"
  it('has a name of 64 characters at most', () => {
    expect(order({ order_id: 'x'.repeat(64) })).toMatchObject({ orderId: 'x'.repeat(64) });
    for (const bad of ['x'.repeat(65), '', '<b>\n', 'é', 7]) expect(order({ order_id: bad })).toBeNull();
  });

  // bLIP 51 §3.1: "`HOLD` Lighting payment arrived, preimage NOT released"
  // bLIP 51 §3.1: "Clients SHOULD still support this state for backwards compatibility"
  it('is paid over Lightning in five states, of which two are one', () => {
    const states = ['EXPECT_PAYMENT', 'HOLD', 'PAID', 'REFUNDED', 'CANCELLED'].map(
      (state) => order({ payment: { bolt11: { ...LIGHTNING, state } } })?.lightning?.state,
    );
    expect(states).toEqual(['expected', 'hold', 'paid', 'refunded', 'refunded']);
    for (const state of ['HOLD', 'CANCELLED']) expect(onchain({ state })).toBeNull();
  });

  // bLIP 51 §3.1: "MUST be at most 2048 characters long"
  it('has an invoice of 2,048 characters at most', () => {
    const withInvoice = (invoice: unknown) => order({ payment: { bolt11: { ...LIGHTNING, invoice } } });
    expect(withInvoice('l'.repeat(2_048))).not.toBeNull();
    for (const bad of ['l'.repeat(2_049), '', null]) expect(withInvoice(bad)).toBeNull();
  });

  // bLIP 51 §3.3: "MUST be `null` or absent if `min_onchain_payment_confirmations` is greater than 0"
  // bLIP 50 §On-chain Feerates: "On-chain feerates MUST be encoded as JSON integral numbers"
  it('names a fee for haste only where haste is possible, as a whole number', () => {
    const hurried = (fee: unknown, confirmations: number): boolean =>
      onchain({ min_fee_for_0conf: fee, min_onchain_payment_confirmations: confirmations }) !== null;
    expect([hurried(253, 0), hurried(null, 0), hurried(null, 1), hurried(undefined, 1)]).not.toContain(false);
    expect([hurried(253, 1), hurried(1.5, 0), hurried('253', 0)]).not.toContain(true);
  });

  // bLIP 51 §4: "`funding_outpoint` <LSPS0.outpoint> Outpoint of the funding transaction"
  // bLIP 50 §Transaction IDs: "It MUST be converted to little-endian to enable searching"
  it('names the channel that was opened by its funding output, or none', () => {
    const channel = {
      funded_at: '2012-04-23T18:25:43.511Z',
      funding_outpoint: `${'0A'.repeat(32)}:1`,
      expires_at: '2035-04-23T18:25:43.511Z',
    };
    expect(order({ channel })?.channel?.funding).toEqual({ txId: '0a'.repeat(32), index: 1 });
    for (const bad of [{}, [], { ...channel, funding_outpoint: 'soon' }, { ...channel, expires_at: null }])
      expect(order({ channel: bad })).toBeNull();
  });
});

describe('an order is not what was asked for', () => {
  // bLIP 51 §2: "Mirrored from the request"
  it.each([
    ['client_balance_sat', '20001'],
    ['lsp_balance_sat', '4999999'],
    ['required_channel_confirmations', 1],
    ['funding_confirms_within_blocks', 7],
    ['channel_expiry_blocks', 143],
    ['announce_channel', true],
  ])('when its %s is another and worse', (name, said) => {
    expect(fault(onchain({}))).toBeNull();
    expect(fault(onchain({}, { [name]: said }))).toMatch(
      /^(?:an?other|less|a shorter|more|a later|an announced)/,
    );
  });

  // bLIP 51 §Overprovisioning: "The LSP is allowed to overprovision"
  // bLIP 51 §2: "LSP MAY always confirm the channel faster than requested"; "LSP MAY always confirm the
  // funding transaction faster than requested"
  it('but it may give more', () => {
    const more = {
      lsp_balance_sat: '5000001',
      funding_confirms_within_blocks: 1,
      channel_expiry_blocks: 145,
    };
    expect(fault(onchain({}, more))).toBeNull();
  });

  // bLIP 51 §4: "MUST be `null` if the channel opening transaction has not been published yet"
  // bLIP 51 §2: "MUST be `null` if the channel funding transaction is not"
  it('when it has its channel before anybody paid', () => {
    const channel = {
      funded_at: '2012-04-23T18:25:43.511Z',
      funding_outpoint: `${'0a'.repeat(32)}:1`,
      expires_at: '2035-04-23T18:25:43.511Z',
    };
    expect(fault(onchain({}, { channel }))).toBe('an order that is not a new one');
  });

  // bLIP 51 §2: "LSP MUST disable on-chain payments if the client omits this field"
  // bLIP 51 §3.3: "MUST be omitted if the client didn't provide a `refund_onchain_address`"; "LSP SHOULD set this to mirror the
  // order creation request"; "LSP MAY omit this field as it wasn't present in earlier versions"
  it('when it is to be paid on chain, and would be refunded nowhere, or to somebody else', () => {
    expect(fault(onchain({ refund_onchain_address: undefined }))).toBeNull();
    expect(fault(onchain({ refund_onchain_address: undefined }), { ...WISH, refundAddress: null })).toBe(
      'an address to pay to, and none to refund to',
    );
    expect(fault(onchain({ refund_onchain_address: ONCHAIN['address'] }))).toBe('a refund to somebody else');
  });

  // bLIP 51 §2: "SHOULD validate `fee_total_sat` + `client_balance_sat` = `order_total_sat`"
  // bLIP 51 §3.3: "MUST be the `fee_total_sat` plus the `client_balance_sat` requested in satoshi"
  it('when its sum is not the fee and what comes back', () => {
    for (const total of ['29998', '30000'])
      expect(fault(onchain({ order_total_sat: total }))).toBe('a sum that does not add up');
  });

  // bLIP 50 §On-chain Addresses: "An on-chain address MUST be a SegWit address"; "Readers MUST support"
  // bLIP 50 §On-chain Addresses: "An on-chain address MUST be encoded as a string containing"; "Readers MAY
  // support other SegWit versions"
  it('when it is to be paid to what is no SegWit address of this network', () => {
    const good = [witnessProgram(0, bytes(20)), witnessProgram(0, bytes(32)), witnessProgram(1, bytes(32))];
    for (const script of good) expect(fault(onchain({ address: address(script) }))).toBeNull();
    const mainnet = addressOf(witnessProgram(0, bytes(20)), 'mainnet') ?? '';
    for (const bad of [
      address(p2pkhOfHash(bytes(20))),
      address(p2shOfHash(bytes(20))),
      mainnet,
      'bcrt1qnone',
    ])
      expect(fault(onchain({ address: bad }))).toBe('an address that is none');
  });
});
