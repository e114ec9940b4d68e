import { secretBytes } from '../../codec/bytes.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';

/** shachain `<id>/<place>`: one of the 49 secrets from which all that the peer revoked can be derived. */
export const shachainRecord = record(1, { index: varInt, secret: secretBytes(32) });
