import type { LspServer, NodeApi } from '../../engine/node/api.ts';
import type { BuiltNode } from '../../engine/platform/build-node.ts';
import type { NodeSettings } from '../real/scenarios/stage.ts';
import { valueOf } from '../real/scenarios/values.ts';
import type { Leyden, ListeningLeyden } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { ChromiumLeyden } from './chromium/chromium-leyden.ts';
import type { Place } from './place.ts';

/** Only what listens can be dialled: nothing in a page does. */
export type Us = Leyden | ListeningLeyden;

type Ours = NodeSettings & {
  /** Who sells it channels. */
  readonly lsps?: readonly LspServer[];
};

/** A new wallet. */
export const begun = (place: Place, settings: Ours): Promise<Us> =>
  place === 'process' ? LocalLeyden.start(settings) : ChromiumLeyden.start(settings);

/** Words that had a wallet, on an empty disk: its coins are found. */
export async function restored(place: Place, settings: Ours): Promise<Us> {
  if (place === 'chromium') return ChromiumLeyden.restore(settings);
  const leyden = await LocalLeyden.start(settings);
  valueOf(await (leyden.api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
  return leyden;
}
