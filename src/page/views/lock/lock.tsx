/** One lock. */
export default function LockView({ deviceId }: { readonly deviceId: string }) {
  return <h1>{deviceId}</h1>;
}
