export const errors = {
  details: 'Details',
  copy: 'Copy details',
  places: {
    'not-a-number': 'Enter digits only.',
    zero: 'Enter an amount above 0.',
    'too-large': 'That is more bitcoin than there will ever be.',
  },
  tooManyPlaces: { sat: 'Satoshis have no fractions.', btc: 'Bitcoin has 8 decimal places at most.' },
} as const;
