/** Why a stick could not be opened. */
export type RadioFault = 'port_missing' | 'port_forbidden' | 'port_taken';

/**
 * By what the library that opens serial ports says (`@serialport/bindings-cpp`: the system's own words): it takes an advisory
 * lock (`flock`), so that a second program gets EWOULDBLOCK; one that has the port for itself alone (TIOCEXCL) makes it EBUSY.
 * `null`: it was opened, or says nothing of the port.
 */
export function faultOf(message: string): RadioFault | null {
  if (/cannot lock port|resource busy/i.test(message)) return 'port_taken';
  if (/no such (file|device)[^,]*, cannot open/i.test(message)) return 'port_missing';
  if (/permission denied, cannot open/i.test(message)) return 'port_forbidden';
  return null;
}

/** A sentence for a person. `holders` are the programs that have the port, as far as anybody may see them. */
export function faultText(fault: RadioFault, port: string, holders: readonly string[]): string {
  switch (fault) {
    case 'port_taken': {
      const who = holders.length === 0 ? 'another program' : holders.join(' and ');
      return `the stick at ${port} is in use by ${who}: two programs can't share one stick`;
    }
    case 'port_missing':
      return `no stick is plugged in at ${port}`;
    case 'port_forbidden':
      return `the hub's user may not open ${port}: it has to be in the group of that device`;
  }
}
