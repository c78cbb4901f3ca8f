import { z } from 'zod';
import { mayBe, type ChosenRadio, type RadioUse, type SerialStick } from '../../core/radio-stick.ts';
import { invalidInput, notFound, type ApiProblem } from '../problem.ts';
import type { ApiParts, Route } from '../route.ts';
import { pageRoute } from './page-route.ts';
import type { PageStick } from './stick-types.ts';

const PORT_CHARS_MAX = 500;

const choice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('zwave'), port: z.string().max(PORT_CHARS_MAX) }),
  z.object({
    kind: z.literal('zigbee'),
    port: z.string().max(PORT_CHARS_MAX),
    adapter: z.enum(['zstack', 'ember']),
  }),
]);

/** `/page/radio/stick`: somebody says which radio a stick is, and the hub uses it from then on. */
export const pageStick: Route = pageRoute({
  path: '/page/radio/stick',
  verbs: ['POST'],
  scope: 'admin',
  params: choice,
  act: async ({ sticks, log }, radio): Promise<{ readonly sticks: readonly PageStick[] } | ApiProblem> => {
    // The stick may have been pulled out since the page showed it.
    const stick = sticks?.find().find(({ port }) => port === radio.port);
    if (sticks === undefined || stick === undefined) return notFound('stick');
    if (!mayBe(stick, radio)) return invalidInput(`This stick is no radio of that kind: ${stick.name}.`);
    await sticks.use(radio);
    log.info({ ...radio, stick: stick.name }, 'a stick was chosen as a radio');
    return { sticks: sticksOf({ sticks }) ?? [] };
  },
});

/** The sticks that are there; `null`: the config names the radios. */
export function sticksOf({ sticks }: Pick<ApiParts, 'sticks'>): readonly PageStick[] | null {
  if (sticks === undefined) return null;
  const chosen = sticks.chosen();
  return sticks.find().map((stick) => pageStickOf(stick, chosen));
}

function pageStickOf(
  { port, usbId, name, uses, isSure }: SerialStick,
  chosen: readonly ChosenRadio[],
): PageStick {
  const current = chosen.find((radio) => radio.port === port);
  return {
    port,
    usb_id: usbId,
    name,
    is_sure: isSure,
    uses: uses.map(useOf),
    chosen: current === undefined ? null : useOf(current),
  };
}

function useOf(use: RadioUse): PageStick['uses'][number] {
  return { kind: use.kind, adapter: use.kind === 'zigbee' ? use.adapter : null };
}
