/** The page of a report in a real browser: what a person sees, clicks, prints, and holds in one hand. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { kubeconfigs } from './cluster.ts';
import { skiffctl } from './doctor.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

describe('the page, in a real browser', { skip: CHROMIUM === undefined && 'no Chromium on this machine' }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skiffctl-page-'));
  const file = (name: string): string => join(directory, `${name}.html`);
  let browser: Browser;
  let requests: string[];

  before(async () => {
    browser = await launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-gpu'], timeout: 60_000 });
    const [real, broken] = await Promise.all([
      skiffctl(['doctor', '--kubeconfig', kubeconfigs.doctor, '--lang', 'zh', '-o', `html=${file('lab')}`]),
      skiffctl(['demo', 'node-down', '--lang', 'zh', '-o', `html=${file('broken')}`]),
    ]);
    assert.ok(existsSync(file('lab')), real.stderr);
    assert.ok(existsSync(file('broken')), broken.stderr);
  });
  after(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens a page; whatever it would load, and every error that it has, ends up in the list. */
  async function open(name: string, viewport = { width: 1280, height: 900 }): Promise<Page> {
    const page = await browser.newPage();
    requests = [];
    page.on('request', (request) => request.url().startsWith('file:') || requests.push(request.url()));
    page.on('pageerror', (error) => requests.push(String(error)));
    page.on('console', (message) => requests.push(message.text()));
    await page.setViewport(viewport);
    await page.goto(pathToFileURL(file(name)).href, { timeout: 30_000 });
    return page;
  }
  /** A number that an expression has in the page, where the names of a browser are known. */
  const inPage = async (page: Page, expression: string): Promise<number> => Number(await page.evaluate(expression));
  const first = (selector: string): string => `document.querySelector(${JSON.stringify(`main:not([hidden]) ${selector}`)})`;
  const shown = (page: Page, selector: string): Promise<string> =>
    page.$$eval(selector, (found) => (found.find((each) => each.checkVisibility()) as { readonly innerText?: string } | undefined)?.innerText ?? '');

  test('the report of the real cluster opens, asks for nothing, and draws every component that is there', async () => {
    const page = await open('lab');
    assert.match(await shown(page, 'h1'), /\p{Script=Han}/u);
    const drawn = await page.$$eval(
      'main:not([hidden]) .picture [data-component]',
      (found) => new Set(found.map((each) => each.getAttribute('data-component'))).size,
    );
    assert.ok(drawn > 60, `${drawn} components are drawn`);
    assert.deepEqual(requests, []);
    await page.close();
  });

  test('the root cause is on the first screen, and stands out in the picture', async () => {
    const page = await open('broken');
    const top = await page.$eval('main:not([hidden]) [data-root-cause="node/node2"]', (found) => found.getBoundingClientRect().top);
    assert.ok(top < 300, `it begins at ${top}`);
    const width = (selector: string): Promise<number> => inPage(page, `parseFloat(getComputedStyle(${first(`.picture ${selector} rect`)}).strokeWidth)`);
    assert.ok((await width('.root')) > (await width('.node:not(.root)')));
    await page.close();
  });

  test('the languages change places at a click, and nothing of the other one stays', async () => {
    const page = await open('broken');
    const chinese = await shown(page, 'h1');
    await page.click('[data-language=en]');
    const english = await shown(page, 'h1');
    assert.match(chinese, /\p{Script=Han}/u);
    assert.doesNotMatch(english, /\p{Script=Han}/u);
    assert.equal(await page.$$eval('main', (found) => found.filter((each) => each.checkVisibility()).length), 1);
    assert.deepEqual(requests, []);
    await page.close();
  });

  test('light and dark: by the preference, and the other one at a click', async () => {
    const page = await open('broken');
    const paper = (): Promise<number> => inPage(page, 'Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])');
    assert.ok((await paper()) > 200);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    assert.ok((await paper()) < 60);
    await page.click('[data-paint]');
    assert.ok((await paper()) > 200);
    await page.close();
  });

  test('a click on a component in the picture opens what is known of it', async () => {
    const page = await open('broken');
    await inPage(page, `${first('.picture [data-component="node/node2"]')}.closest('a').dispatchEvent(new MouseEvent('click', { bubbles: true }))`);
    const details = await page.$eval('details:target', (found) => found.hasAttribute('open') && found.textContent);
    assert.match(String(details), /node2/);
    await page.close();
  });

  test('on a phone nothing is wider than the screen, and the words are readable', async () => {
    for (const name of ['lab', 'broken']) {
      const page = await open(name, PHONE);
      const wide = await inPage(page, 'document.documentElement.scrollWidth');
      const size = await inPage(page, 'parseFloat(getComputedStyle(document.body).fontSize)');
      assert.ok(wide <= PHONE.width, `${name} is ${wide} wide`);
      assert.ok(size >= 13);
      await page.close();
    }
  });

  test('on paper every problem is there without a click', async () => {
    const page = await open('broken');
    const pdf = await page.pdf({ format: 'A4', timeout: 60_000 });
    assert.ok(pdf.length > 20_000);
    await page.emulateMediaType('print');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const closed = await page.$$eval('main:not([hidden]) [data-finding] strong.fail', (found) => found.filter((each) => !each.checkVisibility()).length);
    assert.equal(closed, 0);
    await page.close();
  });
});
