import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import type { Store, Webhook } from '../../src/store/store.ts';
import { hubPlace, storeFailure } from './store-fixture.ts';
import { event, NOON } from './store-rows.ts';

const SECRET = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vaw==';
const hook = (webhookId: string, more: Partial<Webhook> = {}) => ({
  webhookId,
  url: 'http://192.168.1.5/hook',
  eventTypes: null,
  secret: SECRET,
  createdAt: NOON,
  ...more,
});

function add(store: Store, webhookId: string, more: Partial<Webhook> = {}): void {
  store.transaction(() => store.webhooks.add(hook(webhookId, more)));
}

test('a webhook begins with the events from now on, and is what it was after a restart', () => {
  const place = hubPlace();
  const store = place.open();
  store.append([event('lock.locked'), event('lock.locked')]);
  add(store, 'b', { eventTypes: ['lock.unlocked'] });
  add(store, 'a', { createdAt: NOON + 1 });
  const begun = { throughSeq: 2, retry: null, isFailing: false };
  const expected = [
    { ...hook('b'), eventTypes: ['lock.unlocked'], ...begun },
    { ...hook('a'), createdAt: NOON + 1, ...begun },
  ];
  expect(store.webhooks.list()).toEqual(expected);
  const progress = { throughSeq: 2, retry: { seq: 3, attempts: 4, at: NOON + 0.5 }, isFailing: true };
  store.webhooks.advance('a', progress);
  store.webhooks.advance('unknown', progress);
  store.close();
  const { webhooks } = place.open();
  expect(webhooks.ids()).toEqual(['b', 'a']);
  expect(webhooks.get('a')).toEqual({ ...expected[1], ...progress });
  expect(webhooks.get('unknown')).toBeUndefined();
});

test('one that is changed is tried at once, and has no events from before for types that are new', () => {
  const store = hubPlace().open();
  add(store, 'a', { eventTypes: ['lock.unlocked'] });
  store.append([event('lock.locked'), event('lock.locked')]);
  store.webhooks.advance('a', { throughSeq: 0, retry: { seq: 9, attempts: 1, at: NOON }, isFailing: true });
  const change = (to: Partial<Webhook>) => store.transaction(() => store.webhooks.change('a', to));
  expect(change({ eventTypes: null })).toBe(true);
  expect(store.webhooks.get('a')).toMatchObject({
    url: 'http://192.168.1.5/hook',
    eventTypes: null,
    throughSeq: 2,
    retry: null,
    isFailing: false,
  });
  store.append([event('lock.locked'), event('lock.unlocked')]);
  expect(change({ url: 'http://192.168.1.6/' })).toBe(true);
  expect(store.webhooks.get('a')).toMatchObject({ url: 'http://192.168.1.6/', throughSeq: 2 });
  expect(store.transaction(() => store.webhooks.change('unknown', {}))).toBe(false);
});

test('whoever listens hears that webhooks changed, and not how far they have come', () => {
  const store = hubPlace().open();
  const heard: boolean[] = [];
  store.onCommit(({ webhooks }) => heard.push(webhooks));
  add(store, 'a');
  store.transaction(() => store.webhooks.change('a', { url: 'http://x/' }));
  store.webhooks.advance('a', { throughSeq: 7, retry: null, isFailing: false });
  expect(store.transaction(() => store.webhooks.delete('a'))).toBe(true);
  expect(store.transaction(() => store.webhooks.delete('a'))).toBe(false);
  expect(store.webhooks.ids()).toEqual([]);
  expect(heard).toEqual([true, true, true]);
});

test('its secret is in no file in clear, and opens in no other row', () => {
  const place = hubPlace();
  const store = place.open();
  add(store, 'a');
  add(store, 'b');
  for (const name of readdirSync(place.directory)) {
    expect(readFileSync(path.join(place.directory, name)).includes(SECRET)).toBe(false);
  }
  store.close();
  place.sql("UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE webhook_id = 'b')");
  const { webhooks } = place.open();
  expect(webhooks.get('b')?.secret).toBe(SECRET);
  expect(storeFailure(() => webhooks.get('a'))).toMatchObject({ kind: 'unreadable_row' });
  expect(webhooks.ids()).toEqual(['a', 'b']);
});
