/** Where a user chooses ports. */
const PORT_OPTIONS = '--mqtt-port, --http-port, --zwave-port, --zigbee-port, --control-port';

/** What to do about a port that another program has; `undefined`: the error is another one. */
export function portTaken(error: unknown): string | undefined {
  if (!isPortTaken(error)) return undefined;
  const { address, port } = error;
  return `${address}:${port} is in use: end the program that has it, or choose another port (${PORT_OPTIONS}).`;
}

function isPortTaken(error: unknown): error is Error & { readonly address: string; readonly port: number } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
}
