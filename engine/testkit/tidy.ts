import { afterAll, vi } from 'vitest';
import { beginAnew } from './fake-chain.ts';

beginAnew();

// Test files share a process: what one of them put in the place of a function or the clock ends with it.
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
