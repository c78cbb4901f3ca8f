import { z } from 'zod';
import { checkUpOf } from '../../src/doctor/check-up.ts';

// A check-up in a process of its own, which may see another part of the file system: prints it as JSON.

const places = z.object({ proc: z.string(), sys: z.string(), etc: z.string(), run: z.string() });
const [configFile = '', where = ''] = process.argv.slice(2);
const checkUp = await checkUpOf(configFile, places.parse(JSON.parse(where)));
process.stdout.write(JSON.stringify(checkUp));
