import type { Page } from '@playwright/test';
import { lock, setup } from '../../web/i18n/en.ts';
import { eachPlace } from './stage/places.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

const LONG = '☕<b>0'.repeat(200_000);
const NONSENSE = [
  ' \t ',
  '-1',
  '0',
  '9'.repeat(400),
  '1e999',
  '<img src=x onerror=alert(1)>',
  '\u202e\u0000💸אבג\u{1F468}\u200d👩',
  'javascript:alert(1)',
  '../../etc/passwd',
  LONG,
] as const;

/** Values of the program, not words for a person. */
const RAW = /undefined|\[object|\bNaN\b|Error:/;

/** What is said is a sentence. */
async function expectSentences(page: Page, what: string): Promise<void> {
  const said = await page.getByRole('alert').allInnerTexts();
  for (const text of said) expect(text, what).toMatch(/\w{2,}.*[.?]/s);
  expect(await page.locator('main').innerText(), what).not.toMatch(RAW);
}

// Whatever the page complains of on its console, or throws, fails this journey: see stage/test.ts.
test('every field of every screen takes nonsense, and goes on', async ({ app }) => {
  await withCoins(app);
  const { page } = app;
  let tried = 0;
  await eachPlace(
    page,
    async (place) => {
      const fields = page.locator(
        'main :is(input:not([type=radio], [type=checkbox], [type=file]), textarea)',
      );
      const names = await fields.evaluateAll((all) => all.map(({ id }) => id));
      for (const id of names) {
        const field = page.locator(`[id="${id}"]`);
        for (const text of NONSENSE) {
          // A choice may take its fields away.
          if (!(await field.isVisible()) || !(await field.isEditable())) break;
          const what = `${place}: ${text.slice(0, 40)}`;
          await field.fill(text);
          await field.press('Enter');
          await expect(page.locator('h1'), what).not.toBeEmpty();
          await expectSentences(page, what);
          tried++;
        }
        if (await field.isVisible()) await field.fill('');
      }
      // Without something to pay there is nothing to review: see bad-input.test.ts.
    },
    ['sendReview', 'psbtReview'],
  );
  expect(tried).toBeGreaterThan(10 * NONSENSE.length);
  await app.home.open();
  await page.reload();
  await app.home.expectHoldings({ onchain: 1_000_000n });
});

test('the first run takes no nonsense for words or for a lock', async ({ app }) => {
  const { page } = app;
  await app.setup.beginRestore();
  const tooMany = 'abandon '.repeat(24_000);
  for (const text of ['abandon', 'abandon '.repeat(12), '零 一 二 三', '<b>', tooMany, LONG]) {
    await app.setup.typeWords(text);
    await expect(page.getByRole('alert').first(), text.slice(0, 40)).toContainText(/\w{3,}.*\./);
    await expect(page.locator('h1')).toHaveText(setup.restore.title);
  }
  await page.goBack();

  await app.setup.beginCreate();
  const next = page.getByLabel(lock.fields.next, { exact: true });
  const again = page.getByLabel(lock.fields.again, { exact: true });
  for (const [first, second, why] of [
    ['', '', lock.fields.short],
    ['seven!!', 'seven!!', lock.fields.short],
    ['long enough', 'but another', lock.fields.differ],
    ['é'.repeat(1_001), 'é'.repeat(1_001), lock.fields.long],
    [LONG, LONG, lock.fields.long],
  ] as const) {
    await next.fill(first);
    await again.fill(second);
    await page.locator('#lock button[type=submit]').click();
    await expect(page.getByText(why)).toBeVisible();
    await expect(page.locator('h1')).toHaveText(lock.choose.title);
  }
  // The longest that is taken, of letters that are more than one byte.
  const longest = '👩‍👧'.repeat(200);
  await app.setup.lock(longest);
  await expect(page.getByRole('list', { name: setup.words.list })).toBeVisible();
});
