import { SerialAPIParser, ZWaveSerialFrameType, type ZWaveSerialStream } from '@zwave-js/serial';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The serial port of the mock controller, offered over TCP on loopback to one client after the other. */
export interface SerialBridge {
  readonly port: number;
  /** True while a client is connected. */
  connected(): boolean;
  /** Ends the connection, as a stick that is pulled does. */
  unplug(): void;
  close(): Promise<void>;
}

export interface SerialBridgeOptions {
  readonly serial: ZWaveSerialStream;
  /** 0: any free port. */
  readonly port: number;
  /** Called before the first byte of a new client. */
  readonly onClient: () => void;
}

/**
 * Opens the bridge. TCP keeps no message boundaries and the mock controller wants one message a chunk, so what comes
 * in is cut into frames again (field note 1). A new client takes the port from the old one, which may be a dead
 * process whose socket nobody closed.
 */
export async function openSerialBridge({
  serial,
  port,
  onClient,
}: SerialBridgeOptions): Promise<SerialBridge> {
  let client: Socket | undefined;
  const server = createServer((socket) => {
    client?.destroy();
    client = socket;
    socket.setNoDelay(true);
    onClient();
    const frames = framedWriter(serial);
    socket.on('data', (chunk) => void frames.write(chunk).catch(() => socket.destroy()));
    // A killed hub resets its connection; the close event that follows is all that matters.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (client === socket) client = undefined;
      void frames.abort().catch(() => undefined);
    });
  });
  void forward(serial, (data) => client?.write(data));
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    connected: () => client !== undefined,
    unplug: () => client?.destroy(),
    close: async () => {
      client?.destroy();
      server.close();
      await once(server, 'close');
      await serial.close();
    },
  };
}

function framedWriter(serial: ZWaveSerialStream): WritableStreamDefaultWriter<Uint8Array> {
  const parser = new SerialAPIParser();
  const sink = new WritableStream({
    write: async (frame: { type: ZWaveSerialFrameType; data?: unknown }) => {
      if (frame.type === ZWaveSerialFrameType.SerialAPI) await serial.writeAsync(bytesOf(frame.data));
    },
  });
  // An aborted parser, when the client is gone, ends this pipe with its reason.
  parser.readable.pipeTo(sink).catch(() => undefined);
  return parser.writable.getWriter();
}

async function forward(serial: ZWaveSerialStream, write: (data: Uint8Array) => void): Promise<void> {
  for await (const frame of serial.readable) {
    if (frame.type === ZWaveSerialFrameType.SerialAPI) write(bytesOf(frame.data));
  }
}

/** Single control bytes (ACK, NAK, CAN) are numbers on the stream. */
function bytesOf(data: unknown): Uint8Array<ArrayBuffer> {
  if (typeof data === 'number') return Uint8Array.of(data);
  if (data instanceof Uint8Array) return Uint8Array.from(data);
  throw new Error('the serial stream gave a frame that is neither a byte nor bytes');
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
