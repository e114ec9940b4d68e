/** A line of the table. What happens stands in scenarios/, under the same name. */
type Line = {
  /** How it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  /** Part of `npm test`: these together take a minute or two for each peer. */
  readonly isDaily?: true;
};

/** In the order of the table, and of a run. */
export const SCENARIO_LINES = [
  { name: 'connect', title: 'We dial, they dial, either hangs up', isDaily: true },
  { name: 'features', title: 'Feature bits that each side sends', isDaily: true },
  { name: 'unknown-features', title: 'Unknown features: odd ones are nothing, even ones end the connection' },

  {
    name: 'open-by-us',
    title: 'We open (anchors, private, scid alias, push), pay, are paid; they close',
    isDaily: true,
  },
  { name: 'open-by-them', title: 'They open (anchors, private, push), both pay; we close', isDaily: true },
  { name: 'open-announced-by-us', title: 'We open an announced channel' },
  { name: 'open-announced-by-them', title: 'They open an announced channel' },

  { name: 'static-remotekey-by-us', title: 'We open without anchors' },
  { name: 'static-remotekey-by-them', title: 'They open without anchors' },
  {
    name: 'zero-conf',
    title: 'They ask to open one to use unconfirmed that we did not buy: refused, and told why',
  },
  {
    name: 'zero-conf-by-us',
    title: 'We open one that they trust us with: paid each way before a block has it, killed, paid, closed',
  },
  {
    name: 'scid-alias',
    title: 'They open (scid alias): our invoices name the alias, and are paid over it, from behind them too',
  },
  {
    name: 'upfront-shutdown',
    title:
      'Closing scripts committed to at opening, and not: what is paid; another one is refused, theirs and ours',
  },

  { name: 'pay-amounts', title: 'Fixed amounts both ways; a chosen one to them', isDaily: true },
  { name: 'pay-chosen-in', title: 'They pay an invoice without an amount' },
  { name: 'in-parts', title: 'In parts over two channels, each way' },
  { name: 'two-hops', title: 'Two hops through them, by a route hint, each way' },
  { name: 'blinded-hops', title: 'We pay over them to who does not say who it is (bLIP 39)' },
  { name: 'three-hops', title: 'Three hops through them, one of which gossip told of, each way' },
  { name: 'keysend', title: 'Without invoice, both ways' },
  { name: 'held-by-them', title: 'They hold a payment: claimed, given back' },
  { name: 'held-by-us', title: 'We hold a payment: claimed, given back' },
  {
    name: 'many-at-once',
    title: 'Payments held by them at once, as many as they take, and not one more; all claimed',
  },
  {
    name: 'many-at-once-by-them',
    title: 'Payments of theirs held by us at once, as many as we take, and not one more; all claimed',
  },
  {
    name: 'refused-by-us',
    title: 'Too little, too much, unknown hash, wrong secret, expired: refused, and told',
  },
  {
    name: 'refused-by-payee',
    title: 'The same of what we pay: refused, and told; what expired we do not pay',
  },
  {
    name: 'refused-by-them',
    title: 'As a hop: too small a fee, too short a time, an unknown channel: refused, and told',
  },
  { name: 'gossip-from-them', title: 'A public channel of theirs gets on our map' },
  { name: 'gossip-to-them', title: 'Our public channel gets into the graph of one who knows them alone' },

  { name: 'kill', title: 'kill -9 of us, of them; reestablished', isDaily: true },
  { name: 'kill-paying', title: 'kill -9 of either at instants of chance while payments go on' },
  { name: 'cuts', title: 'The line cut before and after each message of a payment, in each direction' },
  { name: 'cuts-refused', title: 'The same of a payment that is given back' },
  {
    name: 'cuts-reestablish',
    title: 'Of a payment that is claimed, and again in the reestablishing that follows',
  },
  {
    name: 'cuts-reestablish-opening',
    title: 'Of an opening, our channel_ready lost, and again in the reestablishing that follows',
  },
  {
    name: 'cuts-reestablish-closing',
    title: 'Of a close that either asks for, its shutdown lost, and again in the reestablishing that follows',
  },
  {
    name: 'cuts-opening',
    title: 'The same of an opening by us: a channel, or nothing and it cost nothing',
  },
  { name: 'cuts-opening-by-them', title: 'The same of an opening by them' },
  {
    name: 'cuts-announcing',
    title: 'The same of the announcement of a channel of ours: each has it on its map in the end',
  },
  { name: 'cuts-close-by-us', title: 'The same of a close that we ask for' },
  { name: 'cuts-close-by-them', title: 'The same of a close that they ask for' },
  {
    name: 'cuts-bump-by-us',
    title: 'The same of a closing transaction of ours that is to pay more',
  },
  { name: 'cuts-bump-by-them', title: 'The same of a closing transaction of theirs' },
  { name: 'cuts-fees', title: 'The same of an update_fee by us' },
  { name: 'cuts-fees-by-them', title: 'The same of an update_fee by them' },
  { name: 'fees-by-us', title: 'update_fee by us, up and down' },
  { name: 'fees-by-them', title: 'update_fee by them, up and down' },
  {
    name: 'fee-spike',
    title:
      'Whoever opened, HTLCs held each way: fee rates forty times as high for both, and then lower than before',
  },
  { name: 'reorg', title: 'Another chain takes the funding back before it is deep' },
  { name: 'close-by-us', title: 'We close together' },
  { name: 'close-by-them', title: 'They close together' },
  {
    name: 'close-fees-differ',
    title: 'We close together, where fee rates are not the same for both, and where all are the same',
  },
  { name: 'simple-close', title: 'closing_complete: whoever asks pays, and offers more later' },
  { name: 'close-in-flight-by-us', title: 'We close together, HTLCs pending each way: they end first' },
  { name: 'close-in-flight-by-them', title: 'They close together, HTLCs pending each way: they end first' },
  { name: 'force-by-us', title: 'We close alone', isDaily: true },
  { name: 'force-by-them', title: 'They close alone', isDaily: true },
  { name: 'force-in-flight-by-us', title: 'We close alone, HTLCs pending each way: all of it to the sat' },
  {
    name: 'force-in-flight-by-them',
    title: 'They close alone, HTLCs pending each way: all of it to the sat',
  },
  {
    name: 'force-their-claims-by-us',
    title: 'We close alone: they claim ours by preimage, and take back theirs; the rest is ours to the sat',
  },
  { name: 'force-their-claims-by-them', title: 'They close alone: the same' },
  { name: 'revoked', title: 'They publish what they revoked, HTLCs pending each way: all of it is ours' },
  { name: 'loss-of-ours', title: 'Our disk is lost: words and a backup file bring it back' },
  {
    name: 'loss-of-theirs',
    title: 'Their disk is an old one: they ask for the end of it, or say nothing; nothing of ours is lost',
  },
  { name: 'peer-storage', title: 'Our disk is lost: words and what the peer keeps bring it back' },
  { name: 'onion-messages', title: 'Onion messages: over us and them, over them and us' },
  {
    name: 'channel-bought',
    title: 'A channel bought (LSPS2) for an empty wallet, unconfirmed: paid, pays, dies, paid',
    isDaily: true,
  },
  {
    name: 'channel-bought-ways',
    title: 'The same for an amount that the payer chose, in parts, and with confirmations',
    isDaily: true,
  },
  {
    name: 'channel-bought-killed',
    title:
      'The same, who sells it killed at each step up to the funding: it arrives, or fails and cost nothing',
    isDaily: true,
  },
  {
    name: 'channel-bought-killed-paying',
    title: 'The same, killed at each step from the funding on: it arrives',
    isDaily: true,
  },
] as const satisfies readonly Line[];

export type ScenarioName = (typeof SCENARIO_LINES)[number]['name'];

export const DAILY: readonly ScenarioName[] = (SCENARIO_LINES as readonly (Line & { name: ScenarioName })[])
  .filter(({ isDaily }) => isDaily === true)
  .map(({ name }) => name);
