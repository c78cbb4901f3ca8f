/** Radio. */
export default function RadioView() {
  return <h1>Radio</h1>;
}
