import { describe, expect, it } from 'vitest';
import { sat } from '../base/units.ts';
import { readOptions, wishWithin, type ChannelOptions, type OrderWish } from './lsps1-options.ts';

const GIVEN: Readonly<Record<string, unknown>> = {
  min_required_channel_confirmations: 2,
  min_funding_confirms_within_blocks: 9,
  supports_zero_channel_reserve: true,
  max_channel_expiry_blocks: 20_160,
  min_initial_client_balance_sat: '20000',
  max_initial_client_balance_sat: '100000000',
  min_initial_lsp_balance_sat: '30000',
  max_initial_lsp_balance_sat: '100000000',
  min_channel_balance_sat: '50000',
  max_channel_balance_sat: '100000000',
};

const optionsOf = (change: Readonly<Record<string, unknown>> = {}): ChannelOptions | null => {
  const read = readOptions({ ...GIVEN, ...change });
  return read.ok ? read.value : null;
};

function wish(lspBalance: bigint, change: Readonly<Record<string, unknown>> = {}): OrderWish | object {
  const options = optionsOf(change);
  if (options === null) return { code: 'unreadable' };
  const wished = wishWithin(options, { lspBalance: sat(lspBalance), token: null, refundAddress: null });
  return wished.ok ? wished.value : wished.error;
}

const AMOUNTS = Object.keys(GIVEN).filter((name) => name.endsWith('_sat'));

describe('what an LSP sells channels within', () => {
  // bLIP 51 §1: "MUST be 0 or greater"
  it.each(AMOUNTS)('%s is an amount that there can be', (name) => {
    for (const bad of ['-1', '1.5', 1, null, undefined, '2100000000000001'])
      expect(optionsOf({ [name]: bad })).toBeNull();
  });

  // bLIP 51 §1: "Every `min/max` options pair MUST ensure that `min <= max`"
  it.each(['initial_client_balance', 'initial_lsp_balance', 'channel_balance'])(
    'the bounds of %s are the right way round',
    (name) => {
      expect(optionsOf({ [`min_${name}_sat`]: '70000', [`max_${name}_sat`]: '70000' })).not.toBeNull();
      expect(optionsOf({ [`min_${name}_sat`]: '70001', [`max_${name}_sat`]: '70000' })).toBeNull();
    },
  );

  // bLIP 51 §1: "MUST be 1 or greater"
  it('neither its blocks nor its lease are none', () => {
    expect(optionsOf({ max_channel_expiry_blocks: 0 })).toBeNull();
    expect(optionsOf({ min_funding_confirms_within_blocks: 0 })).toBeNull();
    expect(optionsOf({ max_channel_expiry_blocks: 1, min_funding_confirms_within_blocks: 1 })).not.toBeNull();
    expect(optionsOf({ min_required_channel_confirmations: -1 })).toBeNull();
  });

  // bLIP 51 §1: "Indicates if the LSP supports zeroreserve"
  it('whether it needs no reserve is yes, no, or not said', () => {
    for (const said of [true, false, undefined])
      expect(optionsOf({ supports_zero_channel_reserve: said })).not.toBeNull();
    expect(optionsOf({ supports_zero_channel_reserve: 'no' })).toBeNull();
  });
});

describe('what is asked for', () => {
  // bLIP 51 §2: "MUST be equal or below `base_api.max_initial_lsp_balance_sat`"; "MUST be equal or greater
  // `base_api.min_initial_lsp_balance_sat`"; "MUST be 1 or greater"
  it('is room within the bounds of the LSP, inclusive, and at least a satoshi', () => {
    const bounds = { min_initial_lsp_balance_sat: '40000', max_initial_lsp_balance_sat: '90000' };
    for (const amount of [40_000n, 90_000n])
      expect(wish(amount, bounds)).toMatchObject({ lspBalance: amount });
    const refused = { code: 'channel-out-of-range', min: 40_000n, max: 90_000n };
    for (const amount of [39_999n, 90_001n]) expect(wish(amount, bounds)).toEqual(refused);
    const none = { min_initial_lsp_balance_sat: '0', min_channel_balance_sat: '0' };
    expect(wish(0n, none)).toMatchObject({ code: 'channel-out-of-range', min: 1n });
  });

  it('makes a channel within the bounds of the LSP, with the balance of ours that it insists on', () => {
    expect(wish(29_999n)).toMatchObject({ min: 30_000n });
    expect(wish(39_999n, { min_channel_balance_sat: '60000' })).toMatchObject({ min: 40_000n });
    expect(wish(30_001n, { max_channel_balance_sat: '50000' })).toMatchObject({ max: 30_000n });
    expect(wish(30_000n, { max_channel_balance_sat: '49999', min_channel_balance_sat: '1' })).toEqual({
      code: 'no-offer',
      why: 'none',
    });
  });

  // bLIP 51 §2: "MUST check if option_support_large_channel is enabled before they order a channel larger than 16,777,216
  // satoshi"
  it('is no channel of 2^24 satoshi or more, which we do not offer', () => {
    expect(wish(16_777_215n - 20_000n)).toMatchObject({ lspBalance: 16_757_215n, clientBalance: 20_000n });
    expect(wish(16_777_216n - 20_000n)).toMatchObject({ code: 'channel-out-of-range', max: 16_757_215n });
  });

  // bLIP 51 §2: "MUST be greater or equal `base_api.min_initial_client_balance_sat`"; "MUST be below or equal
  // `base_api.max_initial_client_balance_sat`"; "MUST be 0 or greater"
  // bLIP 51 §1: "`min_initial_client_balance_sat` <LSPS0.sat> Minimum number of satoshi that the client
  // MUST"; "`max_initial_client_balance_sat` <LSPS0.sat> Maximum number of satoshi that the client MUST"
  // bLIP 51 §2: "Client MAY want to have initial spending balance on their"
  it('has as little of ours in it as the LSP takes', () => {
    expect(wish(100_000n)).toMatchObject({ clientBalance: 20_000n });
    const exact = { min_initial_client_balance_sat: '7', max_initial_client_balance_sat: '7' };
    expect(wish(100_000n, exact)).toMatchObject({ clientBalance: 7n });
    expect(wish(100_000n, { min_initial_client_balance_sat: '0' })).toMatchObject({ clientBalance: 0n });
  });

  // bLIP 51 §2: "MUST be greater or equal to `base_api.min_required_channel_confirmations`"; "MUST be greater or equal to
  // `base_api.min_funding_confirms_within_blocks`"; "MUST be below or equal `base_api.max_channel_expiry_blocks`"
  // bLIP 51 §1: "MAY be 0 to allow 0conf channels"
  it('waits no less, and holds no longer, than the LSP says', () => {
    expect(wish(100_000n)).toMatchObject({ confirmations: 2, fundingBlocks: 9, expiryBlocks: 12_960 });
    const hasty = { min_funding_confirms_within_blocks: 1, max_channel_expiry_blocks: 144 };
    expect(wish(100_000n, hasty)).toMatchObject({ fundingBlocks: 6, expiryBlocks: 144 });
  });
});
