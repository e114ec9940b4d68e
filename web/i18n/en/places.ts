/**
 * What a place is called where something leads to it from the first screen: the words of that place are one object, which
 * would come with it whole, before the balance.
 */
export const places = {
  openChannel: 'Open a channel',
  receive: 'Receive',
  servers: 'Servers',
  lsps: 'LSPs',
  logs: 'Logs',
  channels: 'See channels',
  words: 'Write them down',
  restore: 'Bring them here',
} as const;
