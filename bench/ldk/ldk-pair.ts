import { setImmediate as turn } from 'node:timers/promises';
import { until } from '../../e2e/world/until.ts';
import { sat } from '../../engine/base/units.ts';
import { serializeTx, withWitness, type Tx } from '../../engine/bitcoin/tx.ts';
import { FakeChain, paying } from '../../engine/testkit/fake-chain.ts';
import { CAPACITY_SAT, PUSH_MSAT, type PaymentPair } from '../pair.ts';
import { BenchLdkNode, type NodeEvents } from './ldk-node.ts';
import { memoryStreams } from './memory-stream.ts';

const BLOCKS_BEFORE = 10;
const BLOCKS_AFTER = 8;

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** Two LDK nodes over an in-memory link, their state kept in memory. */
export async function startLdkPair(): Promise<PaymentPair> {
  const now = Math.floor(Date.now() / 1000);
  const chain = new FakeChain(0);
  chain.mine(BLOCKS_BEFORE, now);
  const payments = new Map<string, Waiting>();
  const held: Uint8Array[] = [];
  let isHolding = false;

  const payerEvents: NodeEvents = {
    fund: (script, amountSat) => {
      const tx = fundingTx(script, amountSat);
      chain.add(tx);
      return serializeTx(tx);
    },
    claimable: () => {},
    sent: (hash) => take(payments, hash)?.resolve(),
    failed: (hash) => take(payments, hash)?.reject(new Error('payment failed')),
  };
  const payer = await BenchLdkNode.start(chain, payerEvents);
  const payee: BenchLdkNode = await BenchLdkNode.start(chain, {
    ...payerEvents,
    claimable: (preimage) => {
      if (isHolding) held.push(preimage);
      else payee.channels.claim_funds(preimage);
    },
  });

  const [near, far] = memoryStreams();
  payee.transport.attach(far);
  payer.transport.attach(near, payee.id);
  await turn();
  payer.open(payee.id, CAPACITY_SAT, PUSH_MSAT);
  await until(() => chain.mempool.length > 0, { what: 'the funding transaction' });
  await turn();
  for (let i = 0; i < BLOCKS_AFTER; i++) {
    chain.mine(1, now);
    for (const node of [payer, payee]) node.blockConnected(chain.tip, chain.blocks.length - 1);
    await turn();
  }
  const isIdle = (): boolean => payer.isIdle() && payee.isIdle();
  await until(isIdle, { what: 'a usable channel' });

  const send = (invoice: string): Promise<void> =>
    new Promise((resolve, reject) => payments.set(payer.pay(invoice), { resolve, reject }));
  let unpaid: Promise<void>[] = [];
  return {
    invoices: async (count, amountMsat) => {
      const made = Array.from({ length: count }, () => payee.createInvoice(amountMsat));
      await turn();
      return made;
    },
    pay: send,
    addAll: async (invoices) => {
      isHolding = true;
      payer.together(() => {
        unpaid = invoices.map(send);
      });
      while (held.length < invoices.length) await turn();
    },
    claimAll: async () => {
      isHolding = false;
      payee.together(() => {
        for (const preimage of held.splice(0)) payee.channels.claim_funds(preimage);
      });
      await Promise.all(unpaid);
    },
    settled: async () => {
      while (!isIdle()) await turn();
    },
    written: () => ({
      payer: payer.written.monitorBytes + payer.written.managerBytes,
      payee: payee.written.monitorBytes + payee.written.managerBytes,
    }),
  };
}

/** LDK asks for witnesses; nobody verifies this one. */
function fundingTx(script: Uint8Array, amountSat: bigint): Tx {
  return withWitness(paying([script, sat(amountSat)]), 0, [Uint8Array.of(1)]);
}

function take(payments: Map<string, Waiting>, hash: string): Waiting | undefined {
  const waiting = payments.get(hash);
  payments.delete(hash);
  return waiting;
}
