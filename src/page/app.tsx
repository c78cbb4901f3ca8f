import { lazy, Suspense } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import { Route, Router, Switch } from 'wouter-preact';
import { ApiError, currentSession } from './api.ts';
import { useHashPath, useHashSearch } from './hash.ts';
import { openStream } from './live.ts';
import { timezone } from './time.ts';
import { Frame } from './ui/frame.tsx';
import { Toasts } from './ui/toast.tsx';
import { OverviewView } from './views/overview/overview.tsx';

// What the first view does not need comes when it is asked for.
const LockView = lazy(() => import('./views/lock/lock.tsx'));
const CodesView = lazy(() => import('./views/codes/codes.tsx'));
const PairingView = lazy(() => import('./views/pairing/pairing.tsx'));
const RadioView = lazy(() => import('./views/radio.tsx'));
const DoctorView = lazy(() => import('./views/doctor.tsx'));
const ClaimView = lazy(() => import('./views/claim/claim.tsx'));
const LogView = lazy(() => import('./views/log.tsx'));
const BackupView = lazy(() => import('./views/backup.tsx'));

/** The whole page: one frame, and in it the view that the address names. */
export function App() {
  const failure = useSession();
  if (failure !== null)
    return (
      <p class="fatal" role="alert">
        {failure}
      </p>
    );
  return (
    <Router hook={useHashPath} searchHook={useHashSearch}>
      <Frame>
        <Suspense fallback={<p class="quiet">Loading…</p>}>
          <Switch>
            <Route path="/" component={OverviewView} />
            <Route path="/locks/:deviceId">{({ deviceId }) => <LockView deviceId={deviceId} />}</Route>
            <Route path="/codes/:deviceId?">{({ deviceId }) => <CodesView deviceId={deviceId} />}</Route>
            <Route path="/codes/:deviceId/new">
              {({ deviceId }) => <CodesView deviceId={deviceId} isNew />}
            </Route>
            <Route path="/pairing" component={PairingView} />
            <Route path="/radio" component={RadioView} />
            <Route path="/doctor" component={DoctorView} />
            <Route path="/claim" component={ClaimView} />
            <Route path="/log" component={LogView} />
            <Route path="/backup" component={BackupView} />
            <Route>
              <h1>Not here</h1>
              <p>There is no such view.</p>
            </Route>
          </Switch>
        </Suspense>
      </Frame>
      <Toasts />
    </Router>
  );
}

/** Logs nobody in, but learns who is, and then begins to listen. Answers why that failed. */
function useSession(): string | null {
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    currentSession()
      .then((session) => {
        timezone.value = session.timezone;
        openStream();
      })
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.message : String(error)));
  }, []);
  return failure;
}
