import { defineConfig } from 'vite';

const root = new URL('.', import.meta.url).pathname;

/** Builds the page into `.page/`, from where the hub serves it. */
export default defineConfig({
  root,
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: new URL('../../.page/', import.meta.url).pathname,
    emptyOutDir: true,
    // The browsers of the phones that technicians carry for years.
    target: ['chrome110', 'safari16', 'firefox115'],
    // The policy of the server allows no data in a style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
