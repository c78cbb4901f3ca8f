/** Codes. */
export default function CodesView() {
  return <h1>Codes</h1>;
}
