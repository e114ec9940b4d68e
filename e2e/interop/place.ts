/** Where our side runs: in the test's own process, over TCP; or as the built page in Chromium, through the proxy. */
export type Place = (typeof PLACES)[number];

export const PLACES = ['process', 'chromium'] as const;
