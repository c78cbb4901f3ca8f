import { concat, Reader, u16, u8, type Bytes } from './bytes.ts';
import type { Answer, Application } from './application.ts';
import type { ReportSetting } from './reporting.ts';
import { encodeValue, GENERAL, isAnalog, readValue, STATUS, type ZclFrame } from './zcl.ts';

/** What has attributes, and reports them. */
type Answering = Pick<Application, 'attributes' | 'reporting'>;

/** Commands that every cluster knows: reading, writing and reporting attributes. */
export function answerGeneral(of: Answering, cluster: number, frame: ZclFrame): Answer {
  const request = new Reader(frame.payload);
  switch (frame.command) {
    case GENERAL.read:
      return command(GENERAL.readResponse, readAll(of, cluster, request));
    case GENERAL.write:
    case GENERAL.writeUndivided:
      return command(GENERAL.writeResponse, writeAll(of, cluster, request));
    case GENERAL.writeNoResponse:
      writeAll(of, cluster, request);
      return { kind: 'silence' };
    case GENERAL.configureReporting:
      return command(GENERAL.configureReportingResponse, configure(of, cluster, request));
    case GENERAL.readReporting:
      return command(GENERAL.readReportingResponse, readSettings(of, cluster, request));
    case GENERAL.discover:
      return command(GENERAL.discoverResponse, discover(of, cluster, request));
    case GENERAL.defaultResponse:
      return { kind: 'silence' };
    default:
      return { kind: 'status', status: STATUS.unsupportedGeneral };
  }
}

function command(of: number, payload: Bytes): Answer {
  return { kind: 'command', command: of, payload };
}

function readAll(of: Answering, cluster: number, request: Reader): Bytes {
  const attributes = of.attributes(cluster);
  const records: Bytes[] = [];
  while (request.left > 0) {
    const id = request.u16();
    const reading = attributes?.get(id)?.read();
    records.push(
      reading === undefined
        ? concat(u16(id), u8(STATUS.unsupportedAttribute))
        : concat(u16(id), u8(STATUS.success), u8(reading.kind), encodeValue(reading.kind, reading.value)),
    );
  }
  return concat(...records);
}

/** One status for all where all was well, otherwise one for each that was not. */
function writeAll(of: Answering, cluster: number, request: Reader): Bytes {
  const attributes = of.attributes(cluster);
  const refused: Bytes[] = [];
  while (request.left > 0) {
    const id = request.u16();
    const kind = request.u8();
    const value = readValue(request, kind);
    const attribute = attributes?.get(id);
    const status = ((): number => {
      if (attribute === undefined) return STATUS.unsupportedAttribute;
      if (attribute.write === undefined) return STATUS.readOnly;
      if (value === undefined || kind !== attribute.read().kind) return STATUS.invalidType;
      return attribute.write(value) ? STATUS.success : STATUS.invalidValue;
    })();
    if (status !== STATUS.success) refused.push(concat(u8(status), u16(id)));
    // Of an unknown type nobody knows where it ends.
    if (value === undefined) break;
  }
  return refused.length === 0 ? u8(STATUS.success) : concat(...refused);
}

function configure(of: Answering, cluster: number, request: Reader): Bytes {
  const refused: Bytes[] = [];
  while (request.left > 0) {
    const direction = request.u8();
    const id = request.u16();
    if (direction !== 0) {
      request.u16();
      continue;
    }
    const kind = request.u8();
    const [minSeconds, maxSeconds] = [request.u16(), request.u16()];
    const change = isAnalog(kind) ? readValue(request, kind) : 0;
    const setting: ReportSetting = { cluster, id, kind, minSeconds, maxSeconds, change: Number(change) };
    const known = of.attributes(cluster)?.get(id)?.read();
    const status = ((): number => {
      if (known === undefined) return STATUS.unsupportedAttribute;
      return known.kind === kind ? STATUS.success : STATUS.invalidType;
    })();
    if (status === STATUS.success) of.reporting.set(setting);
    else refused.push(concat(u8(status), u8(direction), u16(id)));
  }
  return refused.length === 0 ? u8(STATUS.success) : concat(...refused);
}

function readSettings(of: Answering, cluster: number, request: Reader): Bytes {
  const records: Bytes[] = [];
  while (request.left > 0) {
    const direction = request.u8();
    const id = request.u16();
    const setting = of.reporting.settings.find((one) => one.cluster === cluster && one.id === id);
    const reading = of.attributes(cluster)?.get(id)?.read();
    if (setting === undefined || reading === undefined) {
      records.push(concat(u8(STATUS.notFound), u8(direction), u16(id)));
      continue;
    }
    const { minSeconds, maxSeconds, change } = setting;
    const smallest = isAnalog(reading.kind) ? encodeValue(reading.kind, change) : new Uint8Array(0);
    const times = concat(u8(reading.kind), u16(minSeconds), u16(maxSeconds), smallest);
    records.push(concat(u8(STATUS.success), u8(direction), u16(id), times));
  }
  return concat(...records);
}

function discover(of: Answering, cluster: number, request: Reader): Bytes {
  const first = request.u16();
  const most = request.u8();
  const all = [...(of.attributes(cluster) ?? [])].filter(([id]) => id >= first);
  const told = all.slice(0, most).map(([id, attribute]) => concat(u16(id), u8(attribute.read().kind)));
  return concat(u8(told.length === all.length ? 1 : 0), ...told);
}
