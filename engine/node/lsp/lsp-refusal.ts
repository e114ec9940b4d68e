import type { LspFailure } from '../../lsp/lsp-failure.ts';
import type { Refusal } from '../refusal.ts';

/** An LSP's failure in the API's language. */
export function refusalFromLsp(failure: LspFailure): Refusal {
  switch (failure.code) {
    case 'amount-too-small':
      return { code: 'amount-too-small', minimumMsat: failure.minimum };
    case 'amount-too-large':
      return { code: 'amount-too-large', maximumMsat: failure.maximum };
    case 'channel-out-of-range':
      return {
        code: 'channel-amount-out-of-range',
        minimumSat: failure.min,
        maximumSat: failure.max,
      };
    case 'options-changed':
      return { code: 'lsp-failed', reason: 'terms-changed' };
    case 'no-offer':
      return { code: 'lsp-failed', reason: failure.why === 'safety' ? 'unsafe-terms' : 'no-offer' };
    case 'webhook-unknown':
      return { code: 'lsp-failed', reason: 'not-registered' };
    case 'error':
    case 'unrecognized':
      return { code: 'lsp-failed', reason: failure.code, errorCode: failure.errorCode };
    case 'nonsense':
    case 'disconnected':
    case 'no-answer':
    case 'not-offered':
    case 'token-refused':
    case 'client-rejected':
    case 'terms-changed':
    case 'order-unknown':
    case 'webhook-refused':
    case 'too-many-webhooks':
    case 'payment-too-small':
    case 'payment-too-large':
      return { code: 'lsp-failed', reason: failure.code };
  }
}
