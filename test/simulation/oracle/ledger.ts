import type { LockState } from '../../../src/core/lock.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { Spec } from '../spec.ts';
import type { World } from '../world.ts';

/** A code that the hub took, with the PIN it has there. */
export interface InForce extends Spec {
  readonly pin: string;
  /** Since when it is wanted like this. */
  readonly since: Instant;
}

/** Which codes are in force on each lock, told by the documents that the hub took and by the reasons it gives for what it refused. */
export class Ledger {
  /** PINs that people typed into locks. */
  readonly foreign = new Set<string>();
  readonly #world: World;
  readonly #inForce = new Map<string, readonly InForce[]>();
  readonly #versions = new Map<string, readonly [generation: number, version: number]>();
  /** When documents were last taken, by any lock, newest last. */
  readonly #takenAt: Instant[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  of(deviceId: string): readonly InForce[] {
    return this.#inForce.get(deviceId) ?? [];
  }

  /** Documents taken by any lock since an instant. */
  takenSince(at: Instant): number {
    return this.#takenAt.length - 1 - this.#takenAt.findLastIndex((taken) => taken < at);
  }

  /** Follows a commit. Throws when the hub forgot a document, or refused a code without a reason. */
  follow(state: LockState): void {
    const { deviceId, generation, versionReceived } = state.lock;
    const [oldGeneration, oldVersion] = this.#versions.get(deviceId) ?? [0, 0];
    const order = generation - oldGeneration || versionReceived - oldVersion;
    if (order < 0) {
      const [was, is] = [`${oldGeneration}/${oldVersion}`, `${generation}/${versionReceived}`];
      throw new Error(`Document ${was} was taken, and now it is ${is}`);
    }
    if (order === 0) return;
    this.#versions.set(deviceId, [generation, versionReceived]);
    this.#takenAt.push(this.#world.time.now);
    const wanted = this.#world.cloud.specsOf(deviceId, generation, versionReceived);
    const before = this.of(deviceId);
    this.#inForce.set(
      deviceId,
      wanted.flatMap((spec) => this.#taken(spec, state, before, wanted)),
    );
  }

  #taken(
    spec: Spec,
    state: LockState,
    before: readonly InForce[],
    wanted: readonly Spec[],
  ): readonly InForce[] {
    const code = state.codes.find(({ accessCodeId }) => accessCodeId === spec.id);
    const old = before.filter(({ id }) => id === spec.id);
    const [known] = old;
    if (code === undefined) {
      if (this.#hasEnded(spec)) return old;
      throw new Error(`${spec.id} was taken and is not among the codes`);
    }
    if (code.rejected !== null) {
      this.#checkRejection(spec, wanted);
      // What was taken before stays in force when a change of it is refused.
      return old;
    }
    const pin = spec.pin ?? code.pin?.reveal();
    if (pin === undefined) throw new Error(`${spec.id} was taken and has no PIN`);
    const same =
      known !== undefined &&
      JSON.stringify({ ...known, since: 0 }) === JSON.stringify({ ...spec, pin, since: 0 });
    return [same ? known : { ...spec, pin, since: this.#world.time.now }];
  }

  /** As far as the hub can say. */
  #hasEnded({ endsAt }: Spec): boolean {
    return endsAt !== null && endsAt <= this.#world.wall.latestShown;
  }

  /** Nothing is refused without a reason that plain data shows too. */
  #checkRejection(spec: Spec, wanted: readonly Spec[]): void {
    if (this.#hasEnded(spec)) return;
    if (spec.pin === null || this.foreign.has(spec.pin)) return;
    const [from, till] = this.#longest(spec);
    const rivals = [...wanted, ...[...this.#inForce.values()].flat()];
    const clash = rivals.some((rival) => {
      if (rival.id === spec.id || rival.pin !== spec.pin) return false;
      const [rivalFrom, rivalTill] = this.#longest(rival);
      return rivalFrom < till && from < rivalTill;
    });
    if (!clash) throw new Error(`${spec.id} was refused, and nothing stands in its way`);
  }

  /** The longest time a code can be on a lock: preload or lead included. */
  #longest({ startsAt, endsAt }: Spec): readonly [from: Instant, till: Instant] {
    const { nativePreloadMs } = this.#world.setting.policy;
    return [
      startsAt === null ? Number.NEGATIVE_INFINITY : startsAt - nativePreloadMs,
      endsAt ?? Number.POSITIVE_INFINITY,
    ];
  }
}
