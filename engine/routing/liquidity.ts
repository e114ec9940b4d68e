/**
 * How likely it is that a channel of `capacity` can carry `flow` in one direction, when it is known to hold at least
 * `low` and at most `high` on that side. All in millisatoshis.
 *
 * The prior: most channels are drained to one side, so the balance is likelier near an end than in the middle. Half of
 * it is uniform (Pickhardt, Tikhomirov, Biryukov, Nowostawski: Security and Privacy of Lightning Network Payments with
 * Uncertain Channel Balances, 2021), half is a parabola with its foot in the middle, (x − ½)² over the share x of the
 * capacity: so LDK's documentation has it (ProbabilisticScoringFeeParameters, `linear_success_probability`: "most
 * routing nodes do not aggressively rebalance their channels"). What LDK 0.1 computes is half uniform as well, and
 * steeper in its other half: "a probability density function of `128 * (1/256 + 9*(x - 0.5)^8)`". Which of them is
 * nearer to the truth was not measured; the flatter one is less wrong where channels are rebalanced.
 */
export function successProbability(flow: number, low: number, high: number, capacity: number): number {
  if (flow <= low) return 1;
  if (flow >= high) return 0;
  const top = below(high / capacity);
  const span = top - below(low / capacity);
  // Bounds that fade are no whole numbers: they may be closer together than their shares of the capacity can tell.
  return span > 0 ? (top - below(flow / capacity)) / span : (high - flow) / (high - low);
}

/** The probability that the balance is at most the share `x` of the capacity. */
export function below(x: number): number {
  const y = x - 0.5;
  return 0.5 * x + 2 * y * y * y + 0.25;
}

/** What is less likely than that is as bad as that. */
const WORST = 1e-4;

/** −ln of that probability: what risks of channels one after the other add up to. */
export const doubt = (flow: number, low: number, high: number, capacity: number): number =>
  asDoubt(successProbability(flow, low, high, capacity));

export const asDoubt = (chance: number): number =>
  chance >= 1 ? 0 : -Math.log(chance > WORST ? chance : WORST);
