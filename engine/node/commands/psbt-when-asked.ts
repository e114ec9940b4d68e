import { err } from '../../base/result.ts';
import type { Answer } from '../api.ts';
import type { Desks } from '../desks.ts';
import type { PsbtApi } from '../psbt-api.ts';
import type { Onchain, psbtCommands } from './psbt.ts';

/**
 * The commands of PSBTs. What reads and writes them is an eighth of the whole engine and seldom needed, so it is loaded
 * with the first of these calls. One that does not arrive is a refusal, and asked for again at the next call.
 */
export function psbtWhenAsked(
  desks: Pick<Desks, 'core' | 'channels'>,
  onchain: Onchain,
  part = (): Promise<{ readonly psbtCommands: typeof psbtCommands }> => import('./psbt.ts'),
): PsbtApi {
  let arriving: Promise<PsbtApi> | null = null;
  const load = (): Promise<PsbtApi> => {
    arriving ??= part().then(
      (arrived) => arrived.psbtCommands(desks, onchain),
      (error: unknown) => {
        arriving = null;
        throw error;
      },
    );
    return arriving;
  };
  async function over<T>(call: (psbt: PsbtApi) => Answer<T>): Answer<T> {
    let psbt: PsbtApi;
    try {
      psbt = await load();
    } catch (error) {
      return err({ code: 'part-missing', detail: `psbt: ${String(error)}` });
    }
    return call(psbt);
  }
  return {
    create: (address, amountSat, fee, maxFeeSat) =>
      over((psbt) => psbt.create(address, amountSat, fee, maxFeeSat)),
    inspect: (text) => over((psbt) => psbt.inspect(text)),
    sign: (text) => over((psbt) => psbt.sign(text)),
    publish: (text) => over((psbt) => psbt.publish(text)),
    list: () => over((psbt) => psbt.list()),
    release: (txId) => over((psbt) => psbt.release(txId)),
  };
}
