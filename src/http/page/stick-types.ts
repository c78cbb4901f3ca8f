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
