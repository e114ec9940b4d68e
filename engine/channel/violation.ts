/** What the machine does about a broken rule. */
export type Severity =
  /** Tell the peer and ignore the message. */
  | 'warn'
  /** BOLT 2: "MUST send a `warning` and close the connection". Nothing signed is lost: both sides start over. */
  | 'disconnect'
  /** BOLT 2: "send an `error` and fail the channel". Our latest commitment goes to the chain, where we have one. */
  | 'fail';

/** The peer broke a rule of the protocol. */
export type Violation = {
  readonly severity: Severity;
  /** The rule in the spec's own words, with its section. */
  readonly rule: string;
  /** What we saw. Ours, never the peer's words: safe to log, to show and to send back. */
  readonly detail: string;
};
