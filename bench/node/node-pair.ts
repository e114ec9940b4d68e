import { toHex } from '../../engine/base/bytes.ts';
import { sat } from '../../engine/base/units.ts';
import { scriptOfAddress } from '../../engine/bitcoin/address.ts';
import { sha256 } from '../../engine/crypto/hash.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { FakeChain, paying } from '../../engine/testkit/fake-chain.ts';
import { FakeEsplora } from '../../engine/testkit/fake-esplora.ts';
import { CAPACITY_SAT, PUSH_MSAT, type PaymentPair } from '../pair.ts';
import { BenchNode } from './bench-node.ts';
import { MemoryLink } from './memory-link.ts';
import type { Surroundings } from './surroundings.ts';
import { unwrapOk } from './unwrap.ts';

const EXPIRY_SECONDS = 86_400;
const FUNDS_SAT = 20_000_000n;
const DESCRIPTION = 'a real peer';
const BLOCKS_BEFORE = 20;
const MOST_BLOCKS = 10;

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** Two whole nodes, as a page or another program has them, by nothing but their public interface. */
export async function startNodePair(surroundings: Surroundings): Promise<PaymentPair> {
  const { turn } = surroundings;
  const chain = new FakeChain(0);
  const now = Math.floor(Date.now() / 1000);
  chain.mine(BLOCKS_BEFORE, now);
  const esplora = new FakeEsplora('http://esplora', chain);
  const link = new MemoryLink();
  const waiting = new Map<string, Waiting>();
  const preimages: string[] = [];
  let claimable = 0;

  const payer = await BenchNode.start('payer', surroundings, esplora, link, (event) => {
    if (event.tag === 'payment-sent') waiting.get(event.paymentId)?.resolve();
    if (event.tag === 'payment-failed')
      waiting.get(event.paymentId)?.reject(new Error(JSON.stringify(event.failure)));
  });
  const payee = await BenchNode.start('payee', surroundings, esplora, link, (event) => {
    if (event.tag === 'payment-claimable') claimable++;
  });
  await openChannel(chain, payer, payee, turn);

  const hashes = new Map<string, string>();
  const pay = async (invoice: string): Promise<void> => {
    const outcome = new Promise<void>((resolve, reject) =>
      waiting.set(hashes.get(invoice) ?? '', { resolve, reject }),
    );
    unwrapOk(await payer.api.bolt11.send(invoice));
    await outcome;
  };
  let unpaid: Promise<void>[] = [];
  return {
    invoices: async (count, amountMsat, held = false) => {
      const made: string[] = [];
      for (let i = 0; i < count; i++) {
        const request = { amountMsat, description: DESCRIPTION, expirySeconds: EXPIRY_SECONDS };
        const preimage = systemRandom(32);
        const { invoice, paymentHash } = unwrapOk(
          held
            ? await payee.api.bolt11.receiveForHash({ ...request, paymentHash: toHex(sha256(preimage)) })
            : await payee.api.bolt11.receive(request),
        );
        if (held) preimages.push(toHex(preimage));
        hashes.set(invoice, paymentHash);
        made.push(invoice);
      }
      return made;
    },
    pay,
    addAll: async (invoices) => {
      claimable = 0;
      unpaid = invoices.map(pay);
      while (claimable < invoices.length) await turn();
    },
    claimAll: async () => {
      const claims = preimages.splice(0).map((preimage) => payee.api.bolt11.claim(preimage));
      await Promise.all([...unpaid, ...claims]);
    },
    settled: async () => {
      while (!((await isIdle(payer)) && (await isIdle(payee)))) await turn();
    },
    written: () => ({ payer: payer.store.bytesWritten, payee: payee.store.bytesWritten }),
  };
}

const isIdle = async ({ api }: BenchNode): Promise<boolean> =>
  (await api.listChannels()).every(({ isUsable, pendingHtlcs }) => isUsable && pendingHtlcs === 0);

/** Funds the payer on the chain, and opens and confirms a channel. */
async function openChannel(
  chain: FakeChain,
  payer: BenchNode,
  payee: BenchNode,
  turn: Surroundings['turn'],
): Promise<void> {
  const mine = async (): Promise<void> => {
    chain.mine(1, Math.floor(Date.now() / 1000));
    for (const { api } of [payer, payee]) unwrapOk(await api.sync());
    await turn();
  };
  const { address } = unwrapOk(await payer.api.newAddress());
  chain.add(paying([unwrapOk(scriptOfAddress(address, 'regtest')), sat(FUNDS_SAT)]));
  await mine();
  const nodeId = unwrapOk(await payee.api.nodeId());
  unwrapOk(
    await payer.api.openChannel({
      nodeId,
      host: 'payee',
      port: 9735,
      amountSat: CAPACITY_SAT,
      pushMsat: PUSH_MSAT,
    }),
  );
  for (let i = 0; i < MOST_BLOCKS; i++) {
    await mine();
    if ((await isIdle(payer)) && (await isIdle(payee))) return;
  }
  throw new Error('the channel did not become usable');
}
