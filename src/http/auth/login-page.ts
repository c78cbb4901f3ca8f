/** What the login page shows: a code that came with the link, and what went wrong. */
interface LoginView {
  readonly code?: string;
  readonly message?: string;
}

/** The sign of the page, drawn here too because its file has another name after every build. */
const ICON =
  '<rect width="32" height="32" rx="7" fill="#1f6f54"/><path d="M10 15v-3a6 6 0 0 1 12 0v3" fill="none" stroke="#fff" stroke-width="2.6"/><rect x="8" y="14" width="16" height="11" rx="2.6" fill="#fff"/><g fill="#1f6f54"><circle cx="12.5" cy="19.5" r="1.4"/><circle cx="16" cy="19.5" r="1.4"/><circle cx="19.5" cy="19.5" r="1.4"/></g>';

/** The page on which a person redeems a one-time code. Without scripts, so that nothing can fail on it. */
export function loginPage({ code = '', message = '' }: LoginView): string {
  const alert = message === '' ? '' : `<p class="alert" role="alert">${escaped(message)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Log in · lockhub</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<svg viewBox="0 0 32 32" width="44" height="44" aria-hidden="true">${ICON}</svg>
<h1>Log in to lockhub</h1>
<form method="post" action="/login">
<label for="code">One-time code</label>
<input id="code" name="code" value="${escaped(code)}" required maxlength="40" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" autofocus aria-describedby="hint">
${alert}
<p id="hint">It works once, for ten minutes. On the hub, <code>lockhub login-link --config FILE</code> prints one.</p>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
