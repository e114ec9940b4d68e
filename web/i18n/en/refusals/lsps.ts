import type { LspTrouble } from '../../../../engine/node/refusal.ts';
import type { Explained } from '../../explained.ts';
import { msat } from '../../phrase.ts';
import type { RefusalTexts } from './texts.ts';

const ANOTHER = 'Choose another LSP, or receive on-chain instead.';

const troubles: { readonly [T in Exclude<LspTrouble, 'unrecognized'>]: Explained } = {
  disconnected: {
    sentence: ['The connection to the LSP ended before it answered. Nothing was bought.'],
    next: ['Try again.'],
    action: 'retry',
  },
  'no-answer': {
    sentence: ['The LSP does not answer. Nothing was bought.'],
    next: ['Try again, choose another LSP, or receive on-chain instead.'],
    action: 'lsps',
  },
  nonsense: {
    sentence: ['The LSP answered in a way that Leyden does not understand. Nothing was bought.'],
    next: [ANOTHER],
    action: 'lsps',
  },
  'not-offered': {
    sentence: ['This LSP does not offer this.'],
    next: [ANOTHER],
    action: 'lsps',
  },
  'token-refused': {
    sentence: ['The LSP does not accept the token in your settings.'],
    next: ['Ask the LSP for a new one, or remove it in Settings.'],
    action: 'lsps',
  },
  'client-rejected': {
    sentence: ['The LSP does not serve this wallet.'],
    next: [ANOTHER],
    action: 'lsps',
  },
  'terms-changed': {
    sentence: ['The price changed before it was bought. Nothing was bought.'],
    next: ['Look at the new price.'],
    action: 'retry',
  },
  'payment-too-small': {
    sentence: ['The LSP does not open a channel for so little.'],
    next: ['Ask for more, or receive on-chain instead.'],
  },
  'payment-too-large': {
    sentence: ['The LSP does not open a channel for so much at once.'],
    next: ['Ask for less.'],
  },
  'no-offer': {
    sentence: ['The LSP opens no channels now.'],
    next: ['Try again later, choose another LSP, or receive on-chain instead.'],
    action: 'lsps',
  },
  'unsafe-terms': {
    sentence: [
      'The LSP asks for terms under which it could cheat you more easily. Leyden does not take them.',
    ],
    next: [ANOTHER],
    action: 'lsps',
  },
  'not-registered': {
    sentence: ['The LSP would not wake this wallet.'],
    next: ['Turn notifications off and on again.'],
  },
  'order-unknown': {
    sentence: ['The LSP does not know the order any more. Nothing was bought.'],
    next: ['Look at the new price.'],
    action: 'retry',
  },
  'webhook-refused': {
    sentence: ['The LSP does not take the address of your push relay.'],
    next: ['Use another relay in Settings, or open Leyden when you expect a payment.'],
    action: 'servers',
  },
  'too-many-webhooks': {
    sentence: ['The LSP wakes as many apps of this wallet as it allows already.'],
    next: ['Turn notifications off where you do not need them, or ask the LSP.'],
  },
  error: {
    sentence: ['The LSP could not do it. Nothing was bought.'],
    next: ['Try again in a few minutes, or choose another LSP.'],
    action: 'lsps',
  },
};

// bLIP 50 §Error Handling: "If the client does not recognize the error `code`, or is expecting a field in the `data` object that
// is not present, it SHOULD indicate this as an […] error to the user"
const unrecognized = (errorCode: number | undefined): Explained => ({
  sentence: [
    `The LSP gave an error that Leyden does not recognize${errorCode === undefined ? '' : ` (${errorCode})`}. Nothing was bought.`,
  ],
  next: ['Try again in a few minutes, or choose another LSP.'],
  action: 'lsps',
});

export const lspRefusals: RefusalTexts<
  | 'no-lsp'
  | 'lsp-failed'
  | 'lsp-wants-trust'
  | 'lsp-fee-above-limit'
  | 'lsp-fee-is-dear'
  | 'quote-expired'
  | 'no-push-relay'
  | 'push-relay-failed'
> = {
  'no-lsp': () => ({
    sentence: ['There is no LSP in your settings: no company that opens channels for you.'],
    next: ['Add one in Settings, or receive on-chain and open a channel yourself.'],
    action: 'lsps',
  }),
  'lsp-failed': ({ reason, errorCode }) =>
    reason === 'unrecognized' ? unrecognized(errorCode) : troubles[reason],
  'lsp-wants-trust': () => ({
    sentence: ['The LSP wants the payment before it shows its own transaction. Nothing was bought.'],
    next: ['Choose another LSP, or trust this one in Settings.'],
    action: 'lsps',
  }),
  'lsp-fee-above-limit': ({ feeMsat, limitMsat }) => ({
    sentence: [
      'The LSP asks for ',
      msat(feeMsat),
      ', and your limit is ',
      msat(limitMsat),
      '. Nothing was bought.',
    ],
    next: ['Choose another LSP, or raise the limit in Settings.'],
    action: 'lsps',
  }),
  'lsp-fee-is-dear': ({ feeMsat }) => ({
    sentence: ['The LSP asks for ', msat(feeMsat), ', more than is usual. Nothing was bought.'],
    next: ['Look at the price again and agree to it.'],
    action: 'retry',
  }),
  'quote-expired': () => ({
    sentence: ['This price has expired. Nothing was bought.'],
    next: ['Ask for a new one.'],
    action: 'retry',
  }),
  'no-push-relay': () => ({
    sentence: ['This page has no push relay, which would wake it while it is closed.'],
    next: ['Keep the page open while you wait for a payment.'],
  }),
  'push-relay-failed': () => ({
    sentence: ['The push relay did not do its part. Nothing was changed.'],
    next: ['Try again in a few minutes.'],
    action: 'retry',
  }),
};
