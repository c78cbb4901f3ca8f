import type { Page } from 'playwright-core';
import type { RunningDemo } from './demo.ts';

/** One view of the page, as it is looked at. */
export interface View {
  readonly name: string;
  /** Goes there and resolves when what it is about is shown. */
  open(page: Page): Promise<void>;
}

/** Every view of the page, with a lock of the demo where one is needed. Somebody has to be logged in. */
export async function viewsOf({ http, api_key: key }: RunningDemo): Promise<readonly View[]> {
  const answer = await fetch(`${http}/devices/list`, { headers: { authorization: `Bearer ${key}` } });
  const { devices } = (await answer.json()) as { devices: readonly { device_id: string }[] };
  const deviceId = devices[0]?.device_id ?? '';
  const view = (name: string, path: string, heading: string | RegExp): View => ({
    name,
    open: async (page) => {
      await page.goto(`${http}/#${path}`);
      await page.getByRole('heading', { name: heading }).first().waitFor();
    },
  });
  return [
    view('overview', '/', /^\d+ locks/),
    view('lock', `/locks/${deviceId}`, 'Timeline'),
    view('codes', '/codes', 'Codes'),
    view('new-code', `/codes/${deviceId}/new`, 'New code'),
    view('pairing', '/pairing', 'Pair a new lock'),
    view('replace', `/pairing?replace=${deviceId}`, /eplace/),
    view('radio', '/radio', 'Zigbee'),
    view('claim', '/claim', 'Claim this hub'),
    {
      name: 'doctor',
      open: async (page) => {
        await page.goto(`${http}/#/doctor`);
        await page.getByText(/^Looked at/).waitFor();
        await page.getByRole('heading', { name: 'Version' }).waitFor();
      },
    },
    view('log', '/log', 'Log'),
    view('backup', '/backup', 'Recovery key'),
  ];
}
