import { openIndexedDbStore } from '../../../engine/platform/indexeddb-store.ts';
import { instantiateSecp256k1 } from '../../../engine/platform/secp256k1-web.ts';
import { startNodePair } from '../../node/node-pair.ts';
import { unwrapOk } from '../../node/unwrap.ts';
import type { Surroundings } from '../../node/surroundings.ts';
import type { Answer, Question } from './question.ts';

const AMOUNT_MSAT = 1_000_000n;

/** A database for each node, written strictly: what is committed survives the machine's crash. */
const inBrowser: Surroundings = {
  openStore: async (name) => unwrapOk(await openIndexedDbStore(name)),
  instantiateCurve: instantiateSecp256k1,
  turn: () => new Promise((resolve) => setTimeout(resolve)),
};

async function pay({ payments, warmUp }: Question): Promise<Answer> {
  const pair = await startNodePair(inBrowser);
  const roundTripMs: number[] = [];
  const atRestMs: number[] = [];
  for (const invoice of await pair.invoices(payments + warmUp, AMOUNT_MSAT)) {
    const start = performance.now();
    await pair.pay(invoice);
    roundTripMs.push(performance.now() - start);
    await pair.settled();
    atRestMs.push(performance.now() - start);
  }
  return { roundTripMs: roundTripMs.slice(warmUp), atRestMs: atRestMs.slice(warmUp) };
}

onmessage = ({ data }: MessageEvent<Question>) => {
  pay(data).then(
    (answer) => postMessage(answer),
    (error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
  );
};
