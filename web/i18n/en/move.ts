export const move = {
  action: 'Move money between channels',
  title: 'Move between channels',
  text: 'Your money goes out by one channel and comes back by another, for the fees of the nodes between. Afterwards you can receive more in the first, and send more from the second.',
  from: 'Out of',
  to: 'Into',
  has: (amount: string): string => `You can send ${amount}`,
  room: (amount: string): string => `You can receive ${amount}`,
  amount: 'How much',
  go: 'Move',
  failed: 'Not moved.',
  tooFew: 'This takes two channels whose peers are connected.',
} as const;
