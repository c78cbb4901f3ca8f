import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { axeViolations, logIn, openWindow, overflow, SIZES, startBrowser, type Look } from './browser.ts';
import { startDemo, type RunningDemo } from './demo.ts';
import { viewsOf, type View } from './views.ts';

const LOOKS: readonly Look[] = [
  { size: 'phone', scheme: 'light' },
  { size: 'phone', scheme: 'dark' },
  { size: 'desktop', scheme: 'light' },
  { size: 'desktop', scheme: 'dark' },
];

const folder = path.resolve(process.argv[2] ?? 'screenshots');
let faults = 0;

/** Something to be seen: an entry, a wrong code, a lock that is gone, a battery that is low. */
async function happen(inDemo: RunningDemo): Promise<void> {
  const [first, second, third] = await inDemo.houseLocks();
  const pin = first?.slots.find(({ status, pin: digits }) => status === 'enabled' && digits !== null)?.pin;
  if (pin != null) await inDemo.house(`locks/${first?.id}/keypad`, { pin });
  await inDemo.house(`locks/${first?.id}/keypad`, { pin: '000000' });
  await inDemo.house(`locks/${second?.id}/battery`, { level: 12 });
  await inDemo.house(`locks/${third?.id}/jam`, { active: true });
}

/** Takes it in every look, and complains of what is wrong there. */
async function shoot(page: Page, view: View): Promise<void> {
  await view.open(page);
  for (const { size, scheme } of LOOKS) {
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme: scheme });
    const name = `${view.name}-${size}-${scheme}`;
    const file = path.join(folder, `${name}.png`);
    await page.screenshot({ path: file, fullPage: true });
    console.log(file);
    complain(name, await axeViolations(page));
    complain(name, (await overflow(page)) > 0 ? ['it is wider than its window'] : []);
  }
}

function complain(where: string, what: readonly string[]): void {
  faults += what.length;
  for (const one of what) console.error(`${where}: ${one}`);
}

const [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
try {
  mkdirSync(folder, { recursive: true });
  await happen(demo);
  const { page, faults: found } = await openWindow(browser, demo.http, { size: 'phone', scheme: 'light' });
  const login: View = { name: 'login', open: async () => void (await page.goto(demo.login_url)) };
  await shoot(page, login);
  await logIn(page, demo.login_url);
  for (const view of await viewsOf(demo)) await shoot(page, view);
  complain('page', found);
} finally {
  await browser.close();
  await demo.end();
}
process.exit(faults === 0 ? 0 : 1);
