/**
 * Every word the page says in English. Areas are files of their own, so that a screen brings only its own words with
 * it. The codes of the engine are mapped exhaustively: a new one does not compile until it has its sentence.
 */
export { activity } from './en/activity.ts';
export { app } from './en/app.ts';
export { backup } from './en/backup.ts';
export { chainTrouble } from './en/chain-troubles.ts';
export { channels } from './en/channels.ts';
export { channelStates } from './en/channel-states.ts';
export { errors } from './en/errors.ts';
export { home } from './en/home.ts';
export { lsp } from './en/lsp.ts';
export { lock } from './en/lock.ts';
export { move } from './en/move.ts';
export { networkMap } from './en/network-map.ts';
export { networks } from './en/networks.ts';
export { paymentFailures, unaskedRefused } from './en/payment-failures.ts';
export { places } from './en/places.ts';
export { psbt } from './en/psbt.ts';
export { push } from './en/push.ts';
export { receive } from './en/receive.ts';
export { room } from './en/room.ts';
export { send } from './en/send.ts';
export { settings } from './en/settings.ts';
export { setup } from './en/setup.ts';
export { ways } from './en/ways.ts';
export { explainRefusal, refusals } from './en/refusals.ts';
