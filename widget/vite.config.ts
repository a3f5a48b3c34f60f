import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const OUT = here('../peyk/web/widget');
const FONT = 'node_modules/@fontsource-variable/vazirmatn';

/** Lit writes its version and a table on `globalThis`: the page is another's house, so they stay in our script. */
function noGlobals(): Plugin {
  return {
    name: 'peyk-no-globals',
    transform(code, id) {
      if (!/node_modules\/(lit|lit-html|lit-element|@lit)\//.test(id)) return null;
      const quiet = code
        .replace(/\(\w+\.\w+Versions\s*\?\?=\s*\[\]\)\.push\("[^"]*"\)/g, '0')
        .replace(
          /Symbol\.metadata\s*\?\?=\s*Symbol\("metadata"\),\s*\w+\.litPropertyMetadata\s*\?\?=\s*new WeakMap/,
          '0',
        );
      if (!quiet.includes('litPropertyMetadata')) return quiet;
      const own = 'const peykMetadata = Symbol("metadata"), litPropertyMetadata = new WeakMap();\n';
      return own + quiet.replaceAll('Symbol.metadata', 'peykMetadata');
    },
  };
}

/** Comments and indentation of the sheets are for us, not for customers. */
function smallSheets(): Plugin {
  return {
    name: 'peyk-small-sheets',
    transform(code, id) {
      if (!id.includes('/src/styles/')) return null;
      return code.replace(/css`[^`]*`/g, (sheet) => sheet.replace(/\/\*[^]*?\*\//g, '').replace(/\s*\n\s*/g, ' '));
    },
  };
}

/** Vazirmatn's Arabic subset, one variable file for all weights, with its licence beside it. */
function fonts(): Plugin {
  return {
    name: 'peyk-fonts',
    writeBundle() {
      mkdirSync(`${OUT}/fonts`, { recursive: true });
      copyFileSync(here(`${FONT}/files/vazirmatn-arabic-wght-normal.woff2`), `${OUT}/fonts/vazirmatn.woff2`);
      copyFileSync(here(`${FONT}/LICENSE`), `${OUT}/fonts/OFL.txt`);
    },
  };
}

export default defineConfig({
  root: here('.'),
  plugins: [noGlobals(), smallSheets(), fonts()],
  build: {
    target: 'es2022',
    outDir: OUT,
    emptyOutDir: true,
    reportCompressedSize: true,
    // Not "lib": that would put what the entry exports on the page's globals.
    rolldownOptions: {
      input: here('src/index.ts'),
      output: { format: 'iife', entryFileNames: 'peyk.js', comments: { legal: true } },
    },
  },
});
