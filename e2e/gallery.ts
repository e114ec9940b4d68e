// npm run gallery: draws every screen in every state, phone and wide, light and dark, and checks each picture:
// axe, layout shift, sideways scroll (also at 320 px and with text at 200 %), small targets, errors in the console.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { NOW } from '../web/testkit/snapshots.ts';
import { axeFindings, layoutShift, overflow, smallTargets } from './gallery/checks.ts';
import type { Scene } from './gallery/scene.ts';
import { scenes } from './gallery/scenes.ts';
import { serveGallery } from './gallery/site.ts';

const results = fileURLToPath(new URL('.results', import.meta.url));
const folder = `${results}/gallery`;
const only = process.argv.slice(2);

const phone = { width: 390, height: 844 };
const wide = { width: 1280, height: 800 };
const views = [
  { name: 'phone-light', viewport: phone, isMobile: true, hasTouch: true, colorScheme: 'light' },
  { name: 'phone-dark', viewport: phone, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  { name: 'wide-light', viewport: wide, colorScheme: 'light' },
  { name: 'wide-dark', viewport: wide, colorScheme: 'dark' },
] as const;

/** Drawn, and nothing moves any more: what turns for ever is not waited for. */
async function still(page: Page): Promise<void> {
  await page.locator('h1, [role=alert]').first().waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (one) => one.playState === 'finished' || one.effect?.getComputedTiming().iterations === Infinity,
      ),
  );
}

async function draw(
  context: BrowserContext,
  url: string,
  scene: Scene,
  view: string,
): Promise<readonly string[]> {
  const page = await context.newPage();
  const findings: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') findings.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => findings.push(`error: ${error.message}`));
  page.setDefaultTimeout(10_000);
  try {
    await page.goto(`${url}?scene=${scene.name}${scene.hash}`);
    await page.locator('#app > *').first().waitFor({ state: 'attached' });
    await scene.steps?.(page);
    await still(page);
    await page.screenshot({ path: `${folder}/${scene.name}.${view}.png` });
    findings.push(
      ...(await axeFindings(page)),
      ...(await layoutShift(page)),
      ...(await overflow(page, 'as it is')),
    );
    if (view === 'phone-light') {
      findings.push(...(await smallTargets(page)));
      await page.setViewportSize({ width: 320, height: 640 });
      findings.push(...(await overflow(page, 'at 320 px')));
      await page.setViewportSize(phone);
      await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
      findings.push(...(await overflow(page, 'with text at 200 %')));
    }
  } catch (error) {
    findings.push(`not drawn: ${String(error).split('\n')[0]}`);
  } finally {
    await page.close();
  }
  return findings.map((finding) => `${scene.name} ${view}: ${finding}`);
}

function contents(drawn: readonly Scene[]): string {
  const rows = drawn.map(({ name }) => {
    const pictures = views.map(
      (view) => `<img loading="lazy" alt="${view.name}" src="${name}.${view.name}.png">`,
    );
    return `<h2>${name}</h2><p>${pictures.join('')}</p>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Leyden, every screen</title>
<style>body{font:16px system-ui;background:#777}img{height:480px;margin:4px}</style>${rows.join('\n')}\n`;
}

const drawn = scenes.filter(({ name }) => only.length === 0 || only.some((part) => name.startsWith(part)));
if (only.length === 0) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const site = await serveGallery(`${results}/gallery-site`);
const browser = await chromium.launch({
  executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
});
const findings: string[] = [];
for (const { name, ...look } of views) {
  const context = await browser.newContext({
    ...look,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  await context.clock.setFixedTime(NOW * 1000);
  for (const scene of drawn) findings.push(...(await draw(context, site.url, scene, name)));
  await context.close();
}
await browser.close();
await site.stop();
writeFileSync(`${folder}/index.html`, contents(drawn));
for (const finding of findings) console.error(finding);
console.log(
  `gallery: ${drawn.length} scenes in ${views.length} views, ${findings.length} findings, in ${folder}`,
);
process.exit(findings.length === 0 ? 0 : 1);
