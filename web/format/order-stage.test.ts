import { describe, expect, it } from 'vitest';
import type { OrderDetails } from '../../engine/node/api.ts';
import { room } from '../i18n/en.ts';
import { orderStage } from './order-stage.ts';

const order = (change: Partial<OrderDetails>): OrderDetails => ({
  id: 'a',
  lsp: { nodeId: '02'.repeat(33), alias: 'Ada' },
  lspOrderId: 'b',
  stage: 'confirming',
  way: 'onchain',
  roomSat: 1_000_000n,
  clientBalanceSat: 0n,
  feeSat: 3_000n,
  totalSat: 3_000n,
  createdAt: 1,
  expiresAt: 2,
  payHere: null,
  paymentId: null,
  cancellationId: null,
  confirmations: 0,
  confirmationsWanted: 1,
  isFeeTooLow: false,
  heldBlocks: null,
  channelId: null,
  refundTxId: null,
  namedChannel: null,
  refundedSat: null,
  preimage: null,
  keptUntil: null,
  ...change,
});

const words = room.order;

describe('the words for where an order stands', () => {
  it.each<[string, Partial<OrderDetails>, { readonly title: string }]>([
    ['its stage', {}, words.stages.confirming],
    ['a fee that no server takes', { isFeeTooLow: true }, words.notTaken],
    ['that fee, once it is paid', { isFeeTooLow: true, stage: 'opening' }, words.stages.opening],
    ['what is to be cancelled', { stage: 'lapsed', paymentId: 'p' }, words.stages.lapsed],
    ['what is being cancelled', { stage: 'lapsed', cancellationId: 'c' }, words.cancelling],
    ['the same before it ran out', { stage: 'unpaid', cancellationId: 'c' }, words.cancelling],
    ['what was cancelled', { stage: 'not-paid', cancellationId: 'c' }, words.stages['not-paid']],
    ['all of it back', { stage: 'refunded', refundedSat: 3_000n }, words.stages.refunded],
    ['some of it back', { stage: 'refunded', refundedSat: 2_999n }, words.partBack],
    ['a channel of another', { stage: 'undelivered', namedChannel: 'paid-for' }, words.named['paid-for']],
    ['no channel', { stage: 'undelivered' }, words.stages.undelivered],
    [
      'what another paid',
      { way: 'elsewhere', stage: 'opening' },
      room.elsewhere.stages.opening ?? words.partBack,
    ],
    ['what another pays as we do', { way: 'elsewhere', stage: 'open' }, words.stages.open],
  ])('%s', (_, change, expected) => {
    expect(orderStage(order(change))).toBe(expected);
  });
});
