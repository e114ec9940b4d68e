import { unreachable } from '../base/assert.ts';
import type { Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import type { PasteRefusal } from './paste-refusal.ts';

export type PaymentAddress = { readonly address: string; readonly script: Uint8Array };

/** An on-chain address of `network`. BIP 173 addresses in upper case, as in QR codes, come back in lower case. */
export function readAddress(text: string, network: Network): Result<PaymentAddress, PasteRefusal> {
  const script = scriptOfAddress(text, network);
  if (script.ok) {
    const isBech32 = /^(bc|tb|bcrt)1/i.test(text);
    return ok({ address: isBech32 ? text.toLowerCase() : text, script: script.value });
  }
  switch (script.error.code) {
    case 'bad-checksum':
      return err({ code: 'bad-checksum' });
    case 'wrong-network':
      return err({
        code: 'wrong-network',
        found: script.error.networks[0] ?? 'unknown',
        expected: network,
      });
    case 'not-an-address':
      return err({ code: 'invalid-address', detail: 'not an address' });
    default:
      return unreachable(script.error);
  }
}
