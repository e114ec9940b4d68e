/** Which part of the protocol a message belongs to: how the peer session hands it on. */
export type Family =
  | 'connection'
  | 'peer-storage'
  | 'open'
  | 'interactive'
  | 'quiescence'
  | 'splice'
  | 'close'
  | 'update'
  | 'reestablish'
  | 'announce'
  | 'onion'
  | 'gossip'
  | 'gossip-query';

export type MessageMeta = {
  readonly family: Family;
  /** It signs or revokes: with remote backup on, it waits until the backup has the state that it implies. */
  readonly backup: boolean;
};

export const plain = <F extends Family>(family: F): { readonly family: F; readonly backup: false } => ({
  family,
  backup: false,
});
export const binding = <F extends Family>(family: F): { readonly family: F; readonly backup: true } => ({
  family,
  backup: true,
});
