/** What the login page shows: a code that came with the link, and what went wrong. */
interface LoginView {
  readonly code?: string;
  readonly message?: string;
}

/** The page on which a person redeems a one-time code. Without scripts, so that nothing can fail on it. */
export function loginPage({ code = '', message = '' }: LoginView): string {
  const alert = message === '' ? '' : `<p class="alert" role="alert">${escaped(message)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · lockhub</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>lockhub</h1>
<form method="post" action="/login">
<label for="code">One-time code</label>
<input id="code" name="code" value="${escaped(code)}" required maxlength="40" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" autofocus aria-describedby="hint">
<p id="hint">On the hub, <code>lockhub login-link --config FILE</code> prints one.</p>
${alert}
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
