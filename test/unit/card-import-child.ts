import { importCard } from '../../src/provision/import.ts';

const [from = '', to = ''] = process.argv.slice(2);
const done = importCard({ from, to, gid: process.getgid?.() ?? 0 });
process.exit(done.ok ? 0 : 2);
