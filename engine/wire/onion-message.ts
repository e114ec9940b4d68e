import { point, varBytes } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import { tlvs } from '../codec/tlv.ts';
import { plain } from './meta.ts';

/** BOLT 4 §The `onion_message` Message. */
export const onionMessage = message(
  513,
  'onion_message',
  { pathKey: point, packet: varBytes },
  tlvs({}),
  plain('onion'),
);
export type OnionMessage = Infer<typeof onionMessage>;
