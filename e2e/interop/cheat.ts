import { vi } from 'vitest';
import { PaymentBook } from '../../engine/payment/book.ts';
import type { SendRequest } from '../../engine/payment/outgoing-machine.ts';

/** What is sent in place of what an invoice asks for. */
export type Cheat = Partial<Pick<SendRequest, 'amount' | 'paymentHash'>> & {
  readonly paymentSecret?: Uint8Array;
};

/** While `work` goes on the nodes of ours in this process pay something else than they were asked to. */
export async function cheating<T>({ paymentSecret, ...change }: Cheat, work: () => Promise<T>): Promise<T> {
  const send = Reflect.get(PaymentBook.prototype, 'send');
  const spy = vi.spyOn(PaymentBook.prototype, 'send').mockImplementation(function (
    this: PaymentBook,
    id,
    request,
    env,
  ) {
    const recipient =
      paymentSecret === undefined ? request.recipient : { ...request.recipient, paymentSecret };
    return send.call(this, id, { ...request, ...change, recipient }, env);
  });
  try {
    return await work();
  } finally {
    spy.mockRestore();
  }
}
