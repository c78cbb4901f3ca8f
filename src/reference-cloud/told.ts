import type { Reported } from '../cloud/messages/up.ts';
import type { CloudEvent, UpMessage } from './up-message.ts';
import type { Violation } from './violation.ts';

/** Something for a person or a program to read. */
export type Told =
  | {
      readonly kind: 'message';
      readonly hubId: string;
      readonly message: UpMessage;
      /** Of a report: the one before. */
      readonly before?: Reported | undefined;
    }
  /** In order of `seq`, each once. */
  | { readonly kind: 'event'; readonly hubId: string; readonly event: CloudEvent }
  /** A PIN that a command asked for. */
  | { readonly kind: 'pin'; readonly hubId: string; readonly commandId: string; readonly code: string }
  | { readonly kind: 'violation'; readonly hubId: string; readonly violation: Violation }
  | { readonly kind: 'note'; readonly hubId: string; readonly text: string };
