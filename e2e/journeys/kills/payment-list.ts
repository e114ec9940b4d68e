import { expect } from '@playwright/test';
import type { Result } from '../../../engine/base/result.ts';
import type { PaymentDetails, PaymentPage } from '../../../engine/node/api.ts';
import type { Refusal } from '../../../engine/node/refusal.ts';
import type { PeerEvent } from '../../world/real-peer.ts';
import type { Asked } from './engine-page.ts';
import type { KilledEngine } from './killed-engine.ts';

/** What the engine answered when it was asked to pay. */
export type Sent = { readonly paymentHash: string; readonly asked: Asked };

/** Lightning payments in the wallet's own list. */
export async function listed(engine: KilledEngine): Promise<readonly PaymentDetails[]> {
  const all: PaymentDetails[] = [];
  for (let after: string | undefined; ;) {
    const { payments, next } = await engine.tell<PaymentPage>('node.listPayments', after, 500);
    all.push(...payments.filter(({ kind }) => kind === 'bolt11'));
    if (next === null) return all;
    after = next;
  }
}

/** Payment hashes. */
type Ends = {
  readonly paid: readonly string[];
  readonly received: readonly string[];
  readonly open: readonly string[];
};

export function endsOf(payments: readonly PaymentDetails[]): Ends {
  const hashes = (direction: PaymentDetails['direction'], state: PaymentDetails['state']): string[] =>
    payments
      .filter((payment) => payment.direction === direction && payment.state === state)
      .map(({ paymentHash }) => paymentHash ?? '')
      .sort();
  return {
    paid: hashes('outgoing', 'succeeded'),
    received: hashes('incoming', 'succeeded'),
    // What we asked for and nobody pays is pending as well.
    open: [...hashes('outgoing', 'pending'), ...hashes('incoming', 'claimable')],
  };
}

/** The same as the peer tells it. */
export function endsToldBy(events: readonly PeerEvent[]): Ends {
  const hashes = (type: 'payment-received' | 'payment-sent'): string[] =>
    events.flatMap((event) => (event.type === type ? [event.paymentHash] : [])).sort();
  return { paid: hashes('payment-received'), received: hashes('payment-sent'), open: [] };
}

/** What was said to be begun is in the list, whatever came of it; what was refused was not paid. */
export function expectKept(sent: readonly Sent[], payments: readonly PaymentDetails[]): void {
  const hashesOf = (ours: readonly PaymentDetails[]) => ours.map(({ paymentHash }) => paymentHash);
  const outgoing = payments.filter(({ direction }) => direction === 'outgoing');
  const paid = outgoing.filter(({ state }) => state === 'succeeded');
  for (const { paymentHash, asked } of sent) {
    if (asked.tag === 'dead') continue;
    const answer = asked.value as Result<unknown, Refusal>;
    if (answer.ok) expect(hashesOf(outgoing)).toContain(paymentHash);
    else expect(hashesOf(paid), answer.error.code).not.toContain(paymentHash);
  }
}
