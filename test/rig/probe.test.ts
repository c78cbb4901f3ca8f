import { test } from 'vitest';
import { ServiceHub } from './hub.ts';
test('probe', async () => {
  const hub = await ServiceHub.start();
  const t0 = Date.now();
  const look = async (what: string) =>
    console.log(what, Math.round((Date.now() - t0) / 1000), await hub.problems(), await hub.pins());
  await look('met');
  hub.cable.silent = true;
  console.log('silent', new Date().toISOString());
  await hub.wish({ name: 'late', code: '471104' });
  for (let i = 0; i < 10; i += 1) {
    await new Promise((r) => setTimeout(r, 6000));
    await look('silent');
  }
  hub.cable.silent = false;
  console.log('heals', new Date().toISOString());
  for (let i = 0; i < 12; i += 1) {
    await new Promise((r) => setTimeout(r, 6000));
    await look('healed');
    if ((await hub.pins()).includes('471104')) break;
  }
  console.log(await hub.log());
  await hub.end();
}, 300000);
