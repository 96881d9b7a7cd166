import { join } from 'node:path';
import { VitePWA } from 'vite-plugin-pwa';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { everyWord, firstLoad } from './scripts/first_load.mjs';

/** What `main.tsx` imports at once, without `main.tsx` itself: the console shares some of it, and must not run that. */
const FIRST_LOAD =
  /\/src\/(member_app|account\/api|model\/quiet|platform\/random|words\/choose_language|views\/(app_frame|feed\/(feed|not_joined|opening)_view|shared\/(lazy_page|now|service_notices)))\.tsx?$/;

/** What the page asks for before the app: which language its reader speaks, and the words of it. */
const OWN_LANGUAGE = /\/src\/words\/own_language\.ts$|vite\/preload-helper/;

const WORDS = /^first\.(en|cy)$/;

const DIST = join(import.meta.dirname, 'dist');

export default defineConfig({
  plugins: [
    wordsFirst(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/service-worker',
      filename: 'sw.ts',
      // The page registers it itself, and its manifest is a file of its own.
      injectRegister: false,
      manifest: false,
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['index.html', 'favicon.svg', 'assets/*.{css,js}'],
        dontCacheBustURLsMatching: /^assets\//,
        // What the app needs to open, and nothing of the console.
        manifestTransforms: [
          async (entries) => {
            const needed = new Set([...firstLoad(DIST).keys(), ...everyWord(DIST)]);
            return { manifest: entries.filter(({ url }) => needed.has(`/${url}`)) };
          },
        ],
      },
    }),
  ],
  build: {
    target: 'es2022',
    // The content security policy allows no inline script, and every browser we serve preloads modules by itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['index.html', 'console.html'],
      output: {
        chunkFileNames: ({ name }) => (WORDS.test(name) ? 'assets/words-[name]-[hash].js' : 'assets/shared-[hash].js'),
        // What the first load of the app needs comes in one file with all that it stands on: one request, and smaller
        // than its parts.
        codeSplitting: { groups: [{ name: 'own_language', test: OWN_LANGUAGE, priority: 1 }, { name: 'first', test: FIRST_LOAD }] },
      },
    },
  },
  test: {
    setupFiles: ['src/testing/every_language.ts'],
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    restoreMocks: true,
  },
});

/** The app's file is large, and takes a moment on a slow network: by then the words are here, and cost no time. */
function wordsFirst(): Plugin {
  return {
    name: 'words-first',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { path, bundle }) {
        const own = Object.values(bundle ?? {}).find(({ name }) => name === 'own_language');
        if (path !== '/index.html' || own === undefined) return [];
        const attrs = { type: 'module', async: true, crossorigin: true, src: `/${own.fileName}` };
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}
