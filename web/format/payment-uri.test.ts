import { describe, expect, it } from 'vitest';
import { paymentQr, paymentText, paymentUri } from './payment-uri.ts';

const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

describe('payment URI', () => {
  it('is a plain address when nothing is asked', () => {
    const request = { address, invoice: null, amountSat: null, note: '' };
    expect(paymentUri(request)).toBe(`bitcoin:${address}`);
    expect(paymentQr(request)).toBe(`BITCOIN:${address.toUpperCase()}`);
  });

  it('carries amount, note and invoice', () => {
    const request = { address, invoice: 'lnbcrt1abc', amountSat: 12_500n, note: 'Tea & cake' };
    expect(paymentUri(request)).toBe(
      `bitcoin:${address}?amount=0.000125&message=Tea%20%26%20cake&lightning=lnbcrt1abc`,
    );
    expect(paymentQr(request)).toBe(
      `BITCOIN:${address.toUpperCase()}?amount=0.000125&message=Tea%20%26%20cake&lightning=LNBCRT1ABC`,
    );
  });

  it('leaves an address that minds its case alone', () => {
    const request = {
      address: 'mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn',
      invoice: null,
      amountSat: null,
      note: '',
    };
    expect(paymentQr(request)).toBe('BITCOIN:mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn');
  });

  it('of one way alone: an invoice under its own scheme, an address as ever', () => {
    const request = { invoice: 'lnbcrt1abc', amountSat: 12_500n, note: '' };
    expect(paymentText({ ...request, address: null })).toEqual({
      uri: 'lightning:lnbcrt1abc',
      qr: 'LIGHTNING:LNBCRT1ABC',
    });
    const both = { ...request, address };
    expect(paymentText(both)).toEqual({ uri: paymentUri(both), qr: paymentQr(both) });
  });
});
