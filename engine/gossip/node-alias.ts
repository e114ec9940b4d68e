import { decodeUtf8 } from '../base/utf8.ts';
import type { NodeDetail } from './graph/node-details.ts';

/** Control characters, separators of lines, what turns the direction of the text around it, and letters that look like none. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * What the node calls itself, fit to be shown as text on one line; empty when it says nothing that is text.
 * BOLT 7 §Security Considerations for Node Aliases: "Node aliases should always be sanitized before being displayed".
 */
export const aliasOf = ({ alias }: NodeDetail): string =>
  (decodeUtf8(alias) ?? '').replace(UNSEEN, '').trim();
