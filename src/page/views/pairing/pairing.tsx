/** Pairing. */
export default function PairingView() {
  return <h1>Pairing</h1>;
}
