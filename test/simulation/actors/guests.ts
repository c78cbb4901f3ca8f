import type { WeeklyWindow } from '../../../src/core/access-code.ts';
import type { Pull } from '../../../src/core/request/pool.ts';
import { WEEK_DAYS } from '../../../src/core/slot.ts';
import type { Agenda } from '../agenda.ts';
import type { Spec } from '../spec.ts';
import type { World } from '../world.ts';

/** A code that was found on a lock is wanted as it is. */
const FOUND = {
  pin: null,
  startsAt: null,
  endsAt: null,
  maxUses: null,
  weekly: null,
  usePool: false,
} as const;

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
    this.#agenda.every(rhythm.pullMs, () => this.#pullSomething());
    this.#agenda.every(rhythm.handBackMs, () => this.#handSomethingBack());
    this.#agenda.every(rhythm.adoptMs, () => this.#takeCareOfFoundCodes());
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
      const buried = random() < 0.3 ? spec.id : undefined;
      return cloud.want(deviceId, specs.toSpliced(index, 1), newGeneration, buried);
    }
    cloud.want(deviceId, specs.with(index, this.#changed(spec)), newGeneration);
  }

  #isLongOver({ endsAt }: Spec): boolean {
    return endsAt !== null && endsAt < this.#world.time.now - this.#world.setting.leavesAfterMs;
  }

  #added(deviceId: string): Spec {
    const { random } = this.#world;
    const back = this.#deleted.get(deviceId);
    this.#deleted.delete(deviceId);
    const window = this.#window();
    const isShared = random() < 0.08;
    this.#ids += 1;
    const id = back?.id ?? `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
    return {
      id,
      ...window,
      pin: random() < 0.15 || isShared ? null : this.#pin(),
      native: random() < 0.8,
      strict: random() < 0.15,
      allowEdits: random() < 0.2,
      maxUses: random() < 0.1 ? 1 + Math.floor(random() * 3) : null,
      weekly: random() < 0.1 ? this.#weekly() : null,
      commonKey: isShared ? `family ${Math.floor(random() * 3)}` : null,
      usePool: window.endsAt !== null && random() < 0.2,
    };
  }

  /** Some days of the week, over midnight now and then. */
  #weekly(): readonly WeeklyWindow[] {
    const { random } = this.#world;
    const days = WEEK_DAYS.filter(() => random() < 0.6);
    const start = Math.floor(random() * 24);
    const stop = (start + 1 + Math.floor(random() * 8)) % 24;
    return [{ days: days.length === 0 ? WEEK_DAYS : days, start: halfPast(start), stop: halfPast(stop) }];
  }

  /** A guest stands at the door and his code does not work: he gets one from the pool. */
  #pullSomething(): void {
    const { life, cloud, locks } = this.#world;
    const lock = this.#agenda.pick(locks);
    const deviceId = lock && this.#world.deviceIdOf(lock);
    const spec = deviceId === undefined ? undefined : this.#agenda.pick(cloud.specs(deviceId));
    if (deviceId === undefined || spec === undefined || life === null) return;
    const first = life.pull(deviceId, spec.id);
    const again = life.pull(deviceId, spec.id);
    this.#world.note(`backup for ${spec.id.slice(-6)}: ${first?.kind}`);
    if (JSON.stringify(idOf(first)) !== JSON.stringify(idOf(again))) {
      this.#world.witness?.onFailure(`Pulling twice for ${spec.id} gave two codes`);
    }
  }

  /** A code is to stay on its lock, whatever becomes of the cloud. */
  #handSomethingBack(): void {
    const { life, cloud, locks } = this.#world;
    const lock = this.#agenda.pick(locks);
    const deviceId = lock && this.#world.deviceIdOf(lock);
    const spec = deviceId === undefined ? undefined : this.#agenda.pick(cloud.specs(deviceId));
    if (deviceId === undefined || spec === undefined || life === null) return;
    const given = life.handBack(deviceId, spec.id);
    this.#world.note(`${spec.id.slice(-6)} is handed back: ${given?.kind}`);
    if (given?.kind !== 'handed_back') return;
    const specs = cloud.specs(deviceId).filter(({ id }) => id !== spec.id);
    cloud.want(deviceId, specs, false);
  }

  /** A code that was found on a lock becomes one of the cloud's, or goes. */
  #takeCareOfFoundCodes(): void {
    const { cloud, locks, random } = this.#world;
    const lock = this.#agenda.pick(locks);
    const deviceId = lock && this.#world.deviceIdOf(lock);
    const id = deviceId === undefined ? undefined : this.#agenda.pick(cloud.unmanaged(deviceId));
    if (deviceId === undefined || id === undefined) return;
    const specs = cloud.specs(deviceId);
    if (specs.some((spec) => spec.id === id) || cloud.isBuried(deviceId, id)) return;
    if (random() < 0.5) return cloud.want(deviceId, specs, false, id);
    cloud.want(deviceId, [...specs, { ...this.#added(deviceId), ...FOUND, id }], false);
  }

  #changed(spec: Spec): Spec {
    const dice = this.#world.random();
    if (dice < 0.4) return { ...spec, pin: this.#pin() };
    if (dice < 0.8) return { ...spec, ...this.#window(), usePool: false };
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
    if (dice < (setting.kind === 'calm' ? 0.08 : 0.25)) return { startsAt: null, endsAt: null };
    const startsAt = time.now + Math.round((random() - 0.1) * setting.aheadMaxMs);
    if (dice < (setting.kind === 'calm' ? 0.12 : 0.35)) return { startsAt, endsAt: null };
    const staysMs = setting.stayMinMs + Math.round(random() * setting.stayMaxMs);
    return { startsAt, endsAt: startsAt + staysMs };
  }
}

function halfPast(hour: number): string {
  return `${String(hour).padStart(2, '0')}:30`;
}

function idOf(pull: Pull | undefined): string | undefined {
  return pull?.kind === 'pulled' ? pull.backupAccessCodeId : undefined;
}
