import type { Finding } from '../core/finding.ts';
import type { Store } from '../store/store.ts';
import type { LinkState } from './link.ts';
import type { Health } from './messages/health.ts';

/** The result of the command `diagnostics`: how the hub, its link and its locks are. No PIN, no name, no secret. */
export function diagnosisOf(
  health: Health,
  link: LinkState,
  store: Store,
  findings: readonly Finding[],
): Readonly<Record<string, unknown>> {
  return {
    health,
    link: {
      status: link.status,
      protocol_version: link.protocolVersion,
      last_failure: link.lastFailure,
    },
    findings,
    devices: store.deviceIds().map((deviceId) => {
      const state = store.lockState(deviceId);
      return {
        device_id: deviceId,
        online: state?.lock.online ?? false,
        failures: state?.lock.failures ?? 0,
        codes: state?.codes.length ?? 0,
        operations_open: store.openOperations().filter((open) => open.deviceId === deviceId).length,
      };
    }),
  };
}
