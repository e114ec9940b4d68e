import { expect as impatient } from '@playwright/test';

/** As long as a slow machine needs, in journeys and in scripts alike. */
export const expect = impatient.configure({ timeout: 30_000 });
