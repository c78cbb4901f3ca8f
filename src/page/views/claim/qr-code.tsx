/** A QR code from rows of 0 and 1; `name` says what it is to who can't see it. */
export function QrCode({ rows, name }: { readonly rows: readonly string[]; readonly name: string }) {
  const size = rows.length;
  const path = rows.flatMap((row, y) =>
    [...row.matchAll(/1+/g)].map((run) => darkRun(run.index, y, run[0].length)),
  );
  return (
    <svg class="qr" role="img" aria-label={name} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path.join('')} fill="#000" />
    </svg>
  );
}

function darkRun(x: number, y: number, length: number): string {
  return `M${x} ${y}h${length}v1h-${length}z`;
}
