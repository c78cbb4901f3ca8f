import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Sizes at which every view has to work: a phone in a hand, and a desktop. */
export const SIZES = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 860 },
} as const;

export interface Look {
  readonly size: keyof typeof SIZES;
  readonly scheme: 'light' | 'dark';
}

/** A page of the hub in a real browser. */
export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What must not be: requests to other hosts, errors of scripts, and what the page's policy refused. */
  readonly faults: string[];
  /** Bytes over the wire of what was fetched from the hub so far. */
  bytes(): number;
}

/** Debian's own Chromium; `cameraFile` is a film (y4m) that its camera sees for ever. */
export function startBrowser(cameraFile?: string): Promise<Browser> {
  const args = [
    // It has no sandbox where it runs as root, as in a container.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(cameraFile === undefined
      ? []
      : ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${cameraFile}`]),
  ];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/** A new window without cookies; what it must not do is written down in `faults`. */
export async function openWindow(browser: Browser, hub: string, { size, scheme }: Look): Promise<Opened> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    // Not the zone of the site, which the page has to keep to.
    timezoneId: 'Asia/Tokyo',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  let bytes = 0;
  await context.route(
    (url) => url.origin !== new URL(hub).origin && url.protocol.startsWith('http'),
    (route) => {
      faults.push(`asked another host: ${route.request().url()}`);
      return route.abort();
    },
  );
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`));
  page.on('console', (line) => {
    // A hub that is cut off or refuses is told by the page itself; the browser says so as well.
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource'))
      faults.push(line.text());
  });
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  return { page, context, faults, bytes: () => bytes };
}

/** Redeems a one-time link. */
export async function logIn(page: Page, loginUrl: string): Promise<void> {
  await page.goto(loginUrl);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What a screen reader or a keyboard would stumble over, by axe; one line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
  );
}

/** Pixels by which the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
