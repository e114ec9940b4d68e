import { describe, expect, it } from 'vitest';
import type { LspTrouble, Refusal } from '../../../engine/node/refusal.ts';
import { phraseText } from '../phrase.ts';
import { channelStates } from './channel-states.ts';
import { paymentFailures } from './payment-failures.ts';
import { explainRefusal, refusals } from './refusals.ts';

/** Fields for every code at once: each text picks its own. */
const fields = {
  detail: 'detail',
  found: 'mainnet',
  known: 1,
  field: 'field',
  what: 'lnurl',
  count: 11,
  position: 3,
  word: 'xyz',
  length: 1,
  limit: 10_000,
  expected: 'regtest',
  bit: 99,
  missingSat: 1n,
  reserveSat: 25_000n,
  mostSat: 6n,
  feeSat: 2n,
  pendingSat: 3n,
  minimumSat: 4n,
  minimum: 8,
  maximumSat: 5n,
  minimumSatPerVb: 1,
  maximumSatPerVb: 2,
  reason: 'no-route',
  lastSyncAt: null,
  state: 'pending',
  waitingFor: 'x',
  expiredAt: 0,
  amountMsat: 1n,
  minimumMsat: 1n,
  maximumMsat: 1n,
  sendableMsat: 1n,
  feeMsat: 1n,
  limitMsat: 1n,
  by: 'invoice',
};

/** Of those whose text picks by another set of reasons. */
const REASONS: { readonly [C in Refusal['code']]?: string } = {
  'backup-unreadable': 'damaged',
  'lsp-failed': 'no-answer',
  'peer-misbehaved': 'floods',
};

describe('what a person is told', () => {
  it.each(Object.keys(refusals) as Refusal['code'][])('%s has a sentence and a next step', (code) => {
    const state = code === 'channel-not-ready' ? 'offline' : 'pending';
    const explained = explainRefusal({
      ...fields,
      code,
      state,
      reason: REASONS[code] ?? fields.reason,
    } as unknown as Refusal);
    for (const phrase of [explained.sentence, explained.next]) {
      const text = phraseText(phrase, 'sat');
      expect(text).toMatch(/^[A-Z0-9].*\.$/s);
      expect(text).not.toMatch(/undefined|NaN|!|mnemonic/);
    }
  });

  // bLIP 50 §Error Handling: "it SHOULD indicate this as an […] error to the user"
  it('an error of an LSP that nobody knows is told as that, by its number and not in the LSP’s words', () => {
    const said = (reason: LspTrouble, errorCode: number): string =>
      phraseText(explainRefusal({ code: 'lsp-failed', reason, errorCode }).sentence, 'sat');
    expect(said('unrecognized', 777)).toContain('an error that Leyden does not recognize (777)');
    expect(said('error', -32_603)).not.toContain('recognize');
  });

  it('too little can be sent: what has to stay is told, and what can be sent once a channel is ready', () => {
    const told = (more: { readonly keptMsat?: bigint; readonly awayMsat?: bigint }) => {
      const { sentence, next, action } = explainRefusal({
        code: 'insufficient-balance',
        sendableMsat: 5_000_000n,
        ...more,
      });
      return [phraseText(sentence, 'sat'), phraseText(next, 'sat'), action];
    };
    expect(told({ keptMsat: 9_000_000n })).toEqual([
      expect.stringMatching(/ 5.000 sat now\. Another 9.000 sat is yours, but has to stay/),
      expect.stringContaining('open another channel'),
      'open-channel',
    ]);
    expect(told({ awayMsat: 40_000_000n })).toEqual([
      expect.stringMatching(/ 5.000 sat now\. Another 40.000 sat is yours, but not ready to be sent/),
      expect.stringMatching(/^Send less, or try again when it is\./),
      'retry',
    ]);
  });

  it('is written alike for states and failures', () => {
    for (const { label, next } of Object.values(channelStates)) {
      expect(label).toMatch(/^[A-Z][^.]*$/);
      expect(next).toMatch(/\.$/);
    }
    for (const { reason, next } of Object.values(paymentFailures)) {
      expect(reason).toMatch(/\.$/);
      expect(next).toMatch(/\.$/);
    }
  });
});
