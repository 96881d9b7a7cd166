import { join } from 'node:path';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { firstLoad } from './scripts/first_load.mjs';

/** What `main.tsx` imports at once, without `main.tsx` itself: the console shares some of it, and must not run that. */
const FIRST_LOAD =
  /\/src\/(member_app|account\/api|model\/quiet|platform\/(local_values|random)|words\/choose_language|views\/(app_frame|feed\/(feed|not_joined|opening)_view|shared\/(lazy_page|now|service_notices)))\.tsx?$/;

const DIST = join(import.meta.dirname, 'dist');

export default defineConfig({
  plugins: [
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
            const needed = firstLoad(DIST);
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
        chunkFileNames: 'assets/shared-[hash].js',
        // What the first load of the app needs comes in one file with all that it stands on: one request, and smaller
        // than its parts.
        codeSplitting: { groups: [{ name: 'first', test: FIRST_LOAD }] },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    restoreMocks: true,
  },
});
