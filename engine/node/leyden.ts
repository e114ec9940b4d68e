// What another program needs to run the engine with ports of its own: the package's main entry.
export type * from './api.ts';
export type * from './backup-api.ts';
export type * from './psbt-api.ts';
export type * from './refusal.ts';
export type * from './service-api.ts';
export type { NodeOptions, Servers, Listen, Listening } from './node-options.ts';
export { loadNode, LeydenNode } from './node.ts';
export { parseServersConfig, parseNetworkServers } from './servers-config.ts';
