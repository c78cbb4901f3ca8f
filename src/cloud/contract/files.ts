import { asyncapiDocument } from './asyncapi.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { MESSAGES } from './messages.ts';

/** The folders and the file, below the folder of this source, that are made and nothing else. */
export const GENERATED = ['asyncapi.yaml', 'schemas', 'examples'] as const;

/** Every file of the contract by its path below the folder of this source; the same bytes each time. */
export function contractFiles(): ReadonlyMap<string, string> {
  const files = new Map([['asyncapi.yaml', asyncapiDocument()]]);
  for (const { name, title, schema, examples } of MESSAGES) {
    const { $schema, ...rest } = jsonSchemaOf(schema);
    const $id = `urn:lockhub:contract:v1:${name}`;
    files.set(`schemas/${name}.json`, jsonText({ $schema, $id, title, ...rest }));
    for (const example of examples) files.set(`examples/${example.name}.json`, jsonText(example.payload));
  }
  return files;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
