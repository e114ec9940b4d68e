import { expect, it } from 'vitest';
import type { CloseReason } from '../peer/close-reason.ts';
import { refusalFromConnection } from './refusal-from.ts';

const socket = { code: 'refused', detail: 'nobody there' } as const;
const violation = { severity: 'disconnect', rule: 'a rule', detail: 'what we saw' } as const;

it.each<[CloseReason, object]>([
  [
    { code: 'flooding', waiting: 900 },
    { reason: 'floods', detail: '900 messages waited to be taken in' },
  ],
  [{ code: 'not-reading', buffered: 9 }, { reason: 'does-not-read' }],
  [
    { code: 'violation', violation },
    { reason: 'broke-rule', detail: 'violation: what we saw' },
  ],
  [{ code: 'decrypt', part: 'length' }, { reason: 'garbled' }],
  [{ code: 'handshake', act: 2, problem: { code: 'length', length: 3 } }, { reason: 'garbled' }],
  [{ code: 'handshake', act: 2, problem: { code: 'tag' } }, { reason: 'another-node' }],
  [{ code: 'silent', waitingFor: 'pong' }, { reason: 'silent' }],
])('what a node did is told as that: %j', (reason, expected) => {
  expect(refusalFromConnection(reason)).toMatchObject({ code: 'peer-misbehaved', ...expected });
});

it.each<[CloseReason, string]>([
  [{ code: 'incompatible', violation }, 'peer-incompatible'],
  [{ code: 'unreachable', socket }, 'peer-unreachable'],
  [{ code: 'ended', socket }, 'peer-unreachable'],
  [{ code: 'replaced' }, 'peer-unreachable'],
])('nobody is blamed for what nobody did: %j', (reason, code) => {
  expect(refusalFromConnection(reason).code).toBe(code);
});
