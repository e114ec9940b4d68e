import type { BlockHeight } from '../base/units.ts';
import { summary } from '../channel/machine.ts';
import type { ChannelState } from '../channel/state.ts';
import type { ChannelSummary } from '../channel/summary.ts';

type Known = { readonly height: BlockHeight; readonly shown: ChannelSummary | null };

/** Of states, which never change: a payment looks at our channels several times on its way. */
const known = new WeakMap<ChannelState, Known>();

/** `summary`, made once for a state at a height. */
export function knownSummary(state: ChannelState, height: BlockHeight): ChannelSummary | null {
  const before = known.get(state);
  if (before?.height === height) return before.shown;
  const shown = summary(state, height);
  known.set(state, { height, shown });
  return shown;
}
