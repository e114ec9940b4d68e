// npm run gallery: draws every screen in every state, phone and wide, light and dark, and checks each picture:
// axe, layout shift, sideways scroll (also at 320 px and with text at 200 %), small targets, errors in the console.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import {
  axeFindings,
  CONTRAST,
  covered,
  layoutShift,
  overflow,
  smallTargets,
  twoFrames,
} from './gallery/checks.ts';
import type { Scene } from './gallery/scene.ts';
import { scenes } from './gallery/scenes.ts';
import { Drawing, galleryContext } from './gallery/show.ts';
import { serveGallery } from './gallery/site.ts';

const results = fileURLToPath(new URL('.results', import.meta.url));
const folder = `${results}/gallery`;
const only = process.argv.slice(2);

const views = [
  { name: 'phone', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  { name: 'wide', viewport: { width: 1280, height: 800 }, isMobile: false, hasTouch: false },
] as const;
type View = (typeof views)[number];
const themes = ['light', 'dark'] as const;

async function drawScene(page: Page, url: string, scene: Scene, view: View): Promise<readonly string[]> {
  await new Drawing(page).show(url, scene);
  const picture = (theme: (typeof themes)[number]): string =>
    `${folder}/${scene.name}.${view.name}-${theme}.png`;
  await page.screenshot({ path: picture('light') });
  const findings = [
    ...(await axeFindings(page)),
    ...(await layoutShift(page)),
    ...(await overflow(page, 'as it is')),
    ...(view.isMobile ? await smallTargets(page) : []),
  ];
  await page.emulateMedia({ colorScheme: 'dark' });
  await twoFrames(page);
  await page.screenshot({ path: picture('dark') });
  findings.push(...(await axeFindings(page, CONTRAST)));
  if (view.isMobile) {
    await page.setViewportSize({ width: 320, height: 640 });
    findings.push(...(await overflow(page, 'at 320 px')));
    await page.setViewportSize(view.viewport);
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    findings.push(...(await overflow(page, 'with text at 200 %')));
    findings.push(...(await covered(page, 'with text at 200 %')));
  }
  return findings;
}

async function draw(
  context: BrowserContext,
  url: string,
  scene: Scene,
  view: View,
): Promise<readonly string[]> {
  const page = await context.newPage();
  const findings: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') findings.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => findings.push(`error: ${error.message}`));
  page.setDefaultTimeout(20_000);
  try {
    findings.push(...(await drawScene(page, url, scene, view)));
  } catch (error) {
    findings.push(`not drawn: ${String(error).split('\n')[0]}`);
  } finally {
    await page.close();
  }
  return findings.map((finding) => `${scene.name} ${view.name}: ${finding}`);
}

function contents(drawn: readonly Scene[]): string {
  const rows = drawn.map(({ name }) => {
    const pictures = views.flatMap((view) =>
      themes.map(
        (theme) =>
          `<img loading="lazy" alt="${view.name}, ${theme}" src="${name}.${view.name}-${theme}.png">`,
      ),
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
async function drawAll(view: View): Promise<readonly string[]> {
  const { viewport, isMobile, hasTouch } = view;
  const context = await galleryContext(browser, { viewport, isMobile, hasTouch });
  const found: string[] = [];
  for (const scene of drawn) found.push(...(await draw(context, site.url, scene, view)));
  await context.close();
  return found;
}

const findings = (await Promise.all(views.map(drawAll))).flat();
await browser.close();
await site.stop();
writeFileSync(`${folder}/index.html`, contents(drawn));
for (const finding of findings) console.error(finding);
console.log(
  `gallery: ${drawn.length} scenes in ${views.length * 2} views, ${findings.length} findings, in ${folder}`,
);
process.exit(findings.length === 0 ? 0 : 1);
