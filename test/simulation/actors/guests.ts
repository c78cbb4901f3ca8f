import { HOUR_MS, MINUTE_MS } from '../../../src/core/time.ts';
import type { Agenda } from '../agenda.ts';
import type { Spec } from '../spec.ts';
import type { World } from '../world.ts';

/** The people in the cloud who want codes: they add, change and delete them, and bring deleted ones back. */
export class Guests {
  readonly #world: World;
  readonly #agenda: Agenda;
  /** Ids that were deleted, by lock. */
  readonly #deleted = new Map<string, Spec>();
  #ids = 0;

  constructor(world: World, agenda: Agenda) {
    this.#world = world;
    this.#agenda = agenda;
  }

  start(): void {
    const { rhythm } = this.#world.setting;
    this.#agenda.every(rhythm.wishMs, () => {
      const lock = this.#agenda.pick(this.#world.locks);
      const deviceId = lock && this.#world.deviceIdOf(lock);
      if (deviceId !== undefined) this.want(deviceId);
    });
    this.#agenda.every(rhythm.repeatMs, () => this.#world.cloud.repeatSomething());
    this.#agenda.every(rhythm.acknowledgeMs, () => this.#world.cloud.acknowledge());
  }

  /** Changes the document of a lock in one way. */
  want(deviceId: string): void {
    const { cloud, random, setting } = this.#world;
    // A code that has ended leaves the document some time later, as clouds do.
    const specs = cloud.specs(deviceId).filter((spec) => !this.#isLongOver(spec));
    const index = Math.floor(random() * (specs.length + 1));
    const spec = specs[index];
    const dice = random();
    const newGeneration = random() < 0.02;
    if (spec === undefined || (dice < 0.35 && specs.length < setting.codesMax)) {
      return cloud.want(deviceId, [...specs, this.#added(deviceId)], newGeneration);
    }
    if (dice < 0.55) {
      this.#deleted.set(deviceId, spec);
      return cloud.want(deviceId, specs.toSpliced(index, 1), newGeneration);
    }
    cloud.want(deviceId, specs.with(index, this.#changed(spec)), newGeneration);
  }

  #isLongOver({ endsAt }: Spec): boolean {
    return endsAt !== null && endsAt < this.#world.time.now - HOUR_MS;
  }

  #added(deviceId: string): Spec {
    const { random } = this.#world;
    const back = this.#deleted.get(deviceId);
    this.#deleted.delete(deviceId);
    this.#ids += 1;
    const id = back?.id ?? `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
    return {
      id,
      ...this.#window(),
      pin: this.#pin(),
      native: random() < 0.8,
      strict: random() < 0.15,
      allowEdits: random() < 0.2,
      maxUses: null,
      weekly: null,
      commonKey: null,
      usePool: false,
    };
  }

  #changed(spec: Spec): Spec {
    const dice = this.#world.random();
    if (dice < 0.4) return { ...spec, pin: this.#pin() };
    if (dice < 0.8) return { ...spec, ...this.#window() };
    if (dice < 0.9) return { ...spec, native: !spec.native };
    return { ...spec, allowEdits: !spec.allowEdits };
  }

  /** Few PINs, so that they meet; leading zeros, because they get lost. */
  #pin(): string {
    const { random, setting } = this.#world;
    return `0${String(100 + Math.floor(random() * setting.codesMax * 1.3))}`;
  }

  #window(): Pick<Spec, 'startsAt' | 'endsAt'> {
    const { random, time, setting } = this.#world;
    const dice = random();
    if (dice < (setting.kind === 'torture' ? 0.25 : 0.08)) return { startsAt: null, endsAt: null };
    const startsAt = time.now + Math.round((random() - 0.1) * setting.aheadMaxMs);
    if (dice < (setting.kind === 'torture' ? 0.35 : 0.12)) return { startsAt, endsAt: null };
    const staysMs = 30 * MINUTE_MS + Math.round(random() * setting.stayMaxMs);
    return { startsAt, endsAt: startsAt + staysMs };
  }
}
