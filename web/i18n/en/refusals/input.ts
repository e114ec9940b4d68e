import { msat } from '../../phrase.ts';
import { networks } from '../networks.ts';
import type { RefusalTexts } from './texts.ts';

const networkName = (found: string): string =>
  found in networks ? networks[found as keyof typeof networks].name : found.slice(0, 20);

/** By the engine's own reasons; any other is that of whoever wrote it. */
const psbtReasons: Readonly<Record<string, string>> = {
  'not a PSBT': 'This is not a PSBT.',
  'it misstates one of our coins': 'This transaction lies about one of your coins.',
  'it spends none of our coins': 'This transaction spends none of your coins.',
  'it spends a coin that is spent, or set aside for another transaction':
    'This transaction spends a coin that is spent already, or set aside for another transaction.',
  'it does not show the coins of others, to which taproot signatures commit':
    'This transaction does not show the coins of others in it, so it cannot be checked.',
  'it asks for a signature that others could use for another transaction':
    'This transaction asks for a signature that others could use for another one.',
};

export const inputRefusals: RefusalTexts<
  | 'words-count'
  | 'words-unknown'
  | 'words-checksum'
  | 'words-not-saved'
  | 'empty-input'
  | 'input-too-long'
  | 'unrecognised-input'
  | 'bad-checksum'
  | 'wrong-network'
  | 'invalid-invoice'
  | 'invalid-address'
  | 'invalid-amount'
  | 'invalid-argument'
  | 'unsupported-feature'
> = {
  'words-count': ({ count }) => ({
    sentence: [count === 1 ? 'That is 1 word.' : `Those are ${count} words.`],
    next: ['Recovery words come as 12 or 24. Check for one that is missing or written twice.'],
  }),
  'words-unknown': ({ position }) => ({
    sentence: [`Word ${position} is not a recovery word.`],
    next: ['Check its spelling on your paper.'],
  }),
  'words-checksum': () => ({
    sentence: ['These words do not belong together.'],
    next: ['One is wrong or two are swapped. Compare each with your paper, in order.'],
  }),
  'words-not-saved': ({ limitMsat }) => ({
    sentence: ['Until your recovery words are written down, the wallet takes ', msat(limitMsat), ' at most.'],
    next: ['Write them down and check them: it takes two minutes. Then there is no limit.'],
    action: 'words',
  }),
  'empty-input': () => ({
    sentence: ['There is nothing here yet.'],
    next: ['Paste or scan an invoice, an address or a payment link.'],
  }),
  'input-too-long': ({ limit }) => ({
    sentence: ['That is too long to be a payment.'],
    next: [`Paste only the invoice or address, at most ${limit.toLocaleString('en')} characters.`],
  }),
  'unrecognised-input': () => ({
    sentence: ['This is not something that can be paid.'],
    next: ['Leyden reads Lightning invoices, bitcoin addresses, bitcoin: links and node addresses.'],
  }),
  'bad-checksum': () => ({
    sentence: ['A character in this is wrong or missing.'],
    next: ['Copy it again as a whole, or scan the code.'],
  }),
  'wrong-network': ({ found, expected }) => ({
    sentence: [`This is for ${networkName(found)}. Your wallet is on ${networks[expected].name}.`],
    next: [`Ask for one on ${networks[expected].name}.`],
  }),
  'invalid-invoice': () => ({
    sentence: ['This invoice is damaged.'],
    next: ['Copy it again as a whole, or ask for a new one.'],
  }),
  'invalid-address': () => ({
    sentence: ['This address is not valid.'],
    next: ['Copy it again as a whole, or ask for a new one.'],
  }),
  'invalid-amount': () => ({
    sentence: ['This amount cannot be used.'],
    next: ['Enter a whole number of satoshis above 0.'],
  }),
  'invalid-argument': ({ field, detail }) =>
    field === 'psbt'
      ? {
          sentence: [psbtReasons[detail] ?? 'This transaction cannot be used.'],
          next: ['Ask whoever made it, or bring it in again as a whole: as a .psbt file or in base64.'],
        }
      : {
          sentence: ['Something entered here cannot be used.'],
          next: ['Details name it. Correct it and try again.'],
        },
  'unsupported-feature': () => ({
    sentence: ['This invoice needs something that Leyden cannot do yet.'],
    next: ['Ask for an ordinary Lightning invoice or a bitcoin address.'],
  }),
};
