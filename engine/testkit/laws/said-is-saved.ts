import { equalBytes, toHex } from '../../base/bytes.ts';
import type { BlockHeight } from '../../base/units.ts';
import { fundingSighash } from '../../commitment/funding.ts';
import { verifyEcdsa } from '../../crypto/secp256k1.ts';
import { unackedCommitment } from '../../channel/commitments.ts';
import { loadChannels } from '../../channel/load.ts';
import type { ChannelMessage } from '../../channel/message.ts';
import type { Env } from '../../channel/env.ts';
import type { Durable } from '../../channel/state.ts';
import { law } from './law.ts';
import type { LawDisk } from './law-disk.ts';
import type { EnvOf } from './watched-machine.ts';

type Speaker = { readonly disk: LawDisk; readonly envOf: EnvOf; readonly feerates: Parameters<EnvOf>[1] };

/** At the moment in which a message that binds us leaves, the disk holds the state that it speaks of. */
export function saidIsSaved(
  { disk, envOf, feerates }: Speaker,
  message: ChannelMessage,
  height: BlockHeight,
): void {
  if (
    message.name !== 'commitment_signed' &&
    message.name !== 'revoke_and_ack' &&
    message.name !== 'channel_reestablish' &&
    message.name !== 'update_fulfill_htlc'
  )
    return;
  const loaded = loadChannels((table) => disk.rows(table));
  law(loaded.ok, 'channels can be read while we speak');
  const [durable] = loaded.value;
  law(durable !== undefined, 'what binds us is said of a channel on disk', () => message.name);
  binds(durable, message, envOf(height, feerates));
}

type Binding = ChannelMessage & {
  readonly name: 'commitment_signed' | 'revoke_and_ack' | 'channel_reestablish' | 'update_fulfill_htlc';
};

function binds(durable: Durable, message: Binding, { signer }: Env): void {
  const { ledger, params, active } = durable;
  switch (message.name) {
    case 'commitment_signed': {
      law(ledger.unacked !== null, 'a signature is saved before it is said');
      const { tx } = unackedCommitment(params, ledger, active[0]);
      law(
        verifyEcdsa(message.signature, fundingSighash(tx, 0, active[0].funding), active[0].funding.localKey),
        'what is signed is what is saved',
      );
      return;
    }
    case 'revoke_and_ack':
      law(
        equalBytes(message.perCommitmentSecret, signer.releaseSecret(ledger.localNumber - 1)) &&
          equalBytes(message.nextPerCommitmentPoint, signer.point(ledger.localNumber + 1)),
        'what is revoked is not the latest on disk',
      );
      return;
    case 'channel_reestablish':
      law(
        message.nextCommitmentNumber === BigInt(ledger.localNumber + 1) &&
          message.nextRevocationNumber === BigInt(ledger.remoteNumber),
        'a reconnection speaks of what is on disk',
        () => `${message.nextCommitmentNumber} ${message.nextRevocationNumber}`,
      );
      return;
    case 'update_fulfill_htlc': {
      const removal = ledger.incoming.get(message.id)?.removal;
      law(
        removal?.tag === 'fulfill' && toHex(removal.preimage) === toHex(message.preimage),
        'a preimage is saved as given away before it is',
      );
    }
  }
}
