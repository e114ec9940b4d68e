import type { PaymentId } from '../../base/ids.ts';
import type { Bolt11Invoice } from '../../invoice/bolt11.ts';
import type { Desks } from '../desks.ts';

/** Of an invoice that nobody here knows to be paid; what ended unknown here is not paid again whatever a person says. */
export function mayBePaid(
  { core, backup }: Pick<Desks, 'core' | 'backup'>,
  { paymentHash, timestamp }: Pick<Bolt11Invoice, 'paymentHash' | 'timestamp'>,
): boolean {
  const known = core.payments.entry(paymentHash as string as PaymentId, core.options.clock.now());
  if (known !== null && (known.state !== 'failed' || known.failure?.code === 'outcome-unknown')) return false;
  return backup.mayHavePaid(timestamp);
}
