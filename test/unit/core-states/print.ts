import { wholeTable } from './table.ts';

// Prints the table as it really is, to be compared with table.txt: node test/unit/core-states/print.ts
process.stdout.write(wholeTable());
