import type { PageNode } from './types.ts';
import type { RadioKind } from '../../core/lock-event.ts';

/** A serial device, and which radio it is or may be. */
export interface PageStick {
  readonly port: string;
  /** Vendor and product on USB. */
  readonly usb_id: string;
  readonly name: string;
  /** Its ids are those of one radio alone. */
  readonly is_sure: boolean;
  /** Likeliest first; none: the hub does not drive it. */
  readonly uses: readonly { readonly kind: RadioKind; readonly adapter: 'zstack' | 'ember' | null }[];
  /** What somebody said it is; `null`: it is not used. */
  readonly chosen: PageStick['uses'][number] | null;
}

/** `GET /page/radio`. */
export interface RadioView {
  /** Of which somebody chooses; `null`: the config names the radios. */
  readonly sticks: readonly PageStick[] | null;
  readonly radios: readonly {
    readonly radio: RadioKind;
    readonly state: 'starting' | 'ready' | 'down';
    /** Why its stick can't be opened, as a sentence; `null`: that is not why. */
    readonly fault: string | null;
    /** Name of the network: home id or PAN id. */
    readonly network: string | null;
    readonly library: string | null;
    readonly controller: string | null;
    /** Of the stick since the start. */
    readonly frames: { readonly sent: number; readonly received: number; readonly failed: number } | null;
    readonly nodes: readonly PageNode[];
  }[];
}
