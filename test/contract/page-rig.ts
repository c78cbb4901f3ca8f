import type { HttpOptions } from '../../src/http/http.ts';
import type { CommandAnswer } from '../../src/http/page/types.ts';
import { CoreWorld, PLAIN, request } from '../support/core-world.ts';
import { httpScene, json, SkippingClock } from './http-rig.ts';
import { hubPlace } from '../unit/store-fixture.ts';

export const DOOR = '11111111-1111-4111-8111-111111111111';
/** What nobody may see who did not ask for it. */
export const GUEST_PIN = '739158';

/** A hub with one lock that holds the code of one guest, and a person who is logged in at its page. */
export async function pageScene(options: Partial<HttpOptions> = {}) {
  const store = options.store ?? hubPlace().open();
  const clock = new SkippingClock();
  const world = new CoreWorld(PLAIN, DOOR);
  world.passTo(clock.now().earliest);
  world.desire(request('guest-1', GUEST_PIN, { name: 'Ada Guest' }));
  world.work();
  store.commit(undefined, world.state, world.events);
  const scene = await httpScene({ clock, ...options, store });
  const person = await loggedIn(scene);
  return {
    ...scene,
    world,
    clock,
    person,
    page: async <Page>(path: string): Promise<Page> => {
      const answer = await fetch(`${scene.url}/page/${path}`, { headers: { cookie: person.cookie } });
      const body = (await answer.json()) as { readonly page: Page; readonly ok: boolean };
      if (!body.ok) throw new Error(JSON.stringify(body));
      return body.page;
    },
    post: (path: string, body: unknown): Promise<Response> =>
      fetch(`${scene.url}/page/${path}`, json(body, person.headers)),
    command: async (body: unknown): Promise<CommandAnswer['command']> => {
      const answer = await fetch(`${scene.url}/page/commands`, json(body, person.headers));
      return ((await answer.json()) as { readonly page: CommandAnswer }).page.command;
    },
    /** Something happens at the lock, and its loop does what is to be done by now. */
    happen: (deed: (lock: CoreWorld) => void): void => {
      const before = store.lockState(DOOR);
      if (before === undefined) throw new Error('no such lock');
      world.state = before;
      world.events.length = 0;
      world.passTo(clock.now().earliest);
      deed(world);
      world.work();
      store.commit(before, world.state, world.events);
    },
  };
}

export type PageScene = Awaited<ReturnType<typeof pageScene>>;

async function loggedIn({ url, http }: Awaited<ReturnType<typeof httpScene>>) {
  const form = new URLSearchParams(http.loginPath().split('?')[1]);
  const answer = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: form });
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  const who = await fetch(`${url}/page/session`, { headers: { cookie } });
  const { page } = (await who.json()) as { readonly page: { readonly csrf_token: string } };
  return { cookie, headers: { cookie, 'x-csrf-token': page.csrf_token } };
}
