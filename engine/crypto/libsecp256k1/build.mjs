// Builds the curve: libsecp256k1 as one WebAssembly module, from the source in npm's secp256k1-wasm by npm's clang, both
// of pinned versions, both checked, the module as well. `npm install` runs this at its end (`prepare`); it does nothing
// where the module is there. bench/crypto/README.md says why we build it.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MODULE_SHA256 } from '../secp256k1-sha256.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SOURCE = join(ROOT, 'node_modules/secp256k1-wasm/depend/secp256k1');
const COMPILER = join(ROOT, 'node_modules/@yowasp/clang');

/** In node_modules, of which npm leaves this folder alone: who has the packages has the module. */
const FOLDER = join(ROOT, 'node_modules/.cache/leyden-curve');
/** For pages, which fetch it. */
const MODULE = join(FOLDER, 'secp256k1.wasm');
/** The same for Node.js: an import, so that whatever bundles a program has it in it. */
const TEXT = join(FOLDER, 'secp256k1.json');

/**
 * Over the C files below. They are bitcoin-core/secp256k1 at 50f33677122fed79dedb05e8046b2fea93496201 (May 2021) with
 * five edits, which change nothing that is computed: two constants and an #error are commented out, a string has room
 * for its zero, a pointer is cast, and memcmp stands where a loop did.
 */
const SOURCE_SHA256 = 'db458e83571dc481f630124bdf517d76271b49bd85112671499ee4558ed73589';

/**
 * Where a flag that hangs on a secret becomes a mask: clang would make branches of some, as upstream found in 2023. What
 * `hidden` of module.c gives back it cannot know. File, text, what takes its place, how often it is there.
 */
const HIDDEN = [
  ['field_10x26_impl.h', 'mask0 = flag +', 'mask0 = hidden(flag) +', 2],
  ['scalar_8x32_impl.h', 'mask0 = flag +', 'mask0 = hidden(flag) +', 1],
  ['scalar_8x32_impl.h', 'mask = !flag - 1', 'mask = -hidden(flag)', 1],
  ['scalar_8x32_impl.h', '((uint32_t) flag - 1)', '(hidden(flag) - 1)', 1],
  ['scalar_8x32_impl.h', 'no |= (', 'no |= hidden(', 14],
  ['scalar_8x32_impl.h', 'yes |= (', 'yes |= hidden(', 10],
  ['scalar_8x32_impl.h', 'm12 = c0', 'm12 = hidden(c0)', 1],
  ['scalar_8x32_impl.h', '2 * (mask == 0) - 1', '2 * hidden(mask == 0) - 1', 1],
  ['scalar_8x32_impl.h', '0xFFFFFFFFUL * (', '0xFFFFFFFFUL * hidden(', 2],
  [
    'ecmult_const_impl.h',
    '= secp256k1_scalar_is_high(scalar)',
    '= hidden(secp256k1_scalar_is_high(scalar))',
    1,
  ],
  [
    'ecmult_const_impl.h',
    '!secp256k1_scalar_is_even(scalar)',
    'hidden(!secp256k1_scalar_is_even(scalar))',
    1,
  ],
  ['ecmult_const_impl.h', '!secp256k1_scalar_is_one(&s)', 'hidden(!secp256k1_scalar_is_one(&s))', 1],
  ['ecmult_const_impl.h', 'mask = (n) >> (sizeof(n) * CHAR_BIT - 1)', 'mask = hidden((n) >> 31)', 1],
  ['modinv32_impl.h', 'cond_add = r8 >> 31', 'cond_add = hidden(r8 >> 31)', 2],
  ['modinv32_impl.h', 'cond_negate = sign >> 31', 'cond_negate = hidden(sign >> 31)', 1],
  ['modinv32_impl.h', 'c1 = zeta >> 31', 'c1 = hidden(zeta >> 31)', 1],
  ['modinv32_impl.h', 'c2 = -(g & 1)', 'c2 = -hidden(g & 1)', 1],
];

// The window by measurement: bench/crypto/README.md.
const COMPILE = `
  --target=wasm32-wasip1 -std=c11 -O3 -mbulk-memory -w -I. -Iinclude -Isrc
  -DUSE_FORCE_WIDEMUL_INT64 -DUSE_EXTERNAL_DEFAULT_CALLBACKS -DECMULT_WINDOW_SIZE=10 -DECMULT_GEN_PREC_BITS=4
  -DENABLE_MODULE_ECDH -DENABLE_MODULE_RECOVERY -DENABLE_MODULE_EXTRAKEYS -DENABLE_MODULE_SCHNORRSIG
`;

// The stack lies below all else, so that running out of it traps; making the context's tables takes 215 kB of it.
const LINK = `
  --no-entry --gc-sections --strip-all --stack-first -z stack-size=524288
  --initial-memory=1048576 --max-memory=1048576
`;

const EXPORTS = `
  malloc wipe_stack secp256k1_context_create secp256k1_context_randomize
  secp256k1_ec_pubkey_parse secp256k1_ec_pubkey_serialize secp256k1_ec_pubkey_create
  secp256k1_ec_pubkey_tweak_mul secp256k1_ec_pubkey_combine
  secp256k1_ec_seckey_verify secp256k1_ec_seckey_negate secp256k1_ec_seckey_tweak_add secp256k1_ec_seckey_tweak_mul
  secp256k1_ecdsa_signature_parse_compact secp256k1_ecdsa_verify
  secp256k1_ecdsa_sign_recoverable secp256k1_ecdsa_recover
  secp256k1_ecdsa_recoverable_signature_parse_compact secp256k1_ecdsa_recoverable_signature_serialize_compact
  secp256k1_ecdh secp256k1_keypair_create secp256k1_xonly_pubkey_parse
  secp256k1_schnorrsig_sign secp256k1_schnorrsig_verify
`;

const words = (/** @type {string} */ text) => text.trim().split(/\s+/);

const sha256 = (/** @type {string | Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/** With line ends of one byte, however it was checked out. */
const readText = (/** @type {string} */ path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

const textOf = (/** @type {Uint8Array} */ module) =>
  JSON.stringify({ base64: Buffer.from(module).toString('base64') });

/** Whether the module is there in both forms, and is the one that this file builds. */
export function isBuilt() {
  if (!existsSync(MODULE) || !existsSync(TEXT)) return false;
  const module = readFileSync(MODULE);
  return sha256(module) === MODULE_SHA256 && readFileSync(TEXT, 'utf8') === textOf(module);
}

/** @typedef {{ [name: string]: Tree | string | Uint8Array }} Tree */

/**
 * The C files of a folder.
 * @param {string} folder
 * @returns {Tree}
 */
const readC = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || /\.[ch]$/.test(entry.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name }) => join(folder, name))
      .map((path) => [path.slice(folder.length + 1), /\.[ch]$/.test(path) ? readText(path) : readC(path)]),
  );

function readSource() {
  if (!existsSync(SOURCE)) throw new Error('secp256k1-wasm, which has its source, is not installed');
  const tree = { include: readC(join(SOURCE, 'include')), src: readC(join(SOURCE, 'src')) };
  const found = sha256(JSON.stringify(tree));
  if (found !== SOURCE_SHA256) throw new Error(`its source has sha256 ${found}, not ${SOURCE_SHA256}`);
  for (const [file, text, replacement, times] of HIDDEN) {
    const parts = tree.src[file].split(text);
    if (parts.length !== times + 1)
      throw new Error(`"${text}" is ${parts.length - 1} times in ${file}, not ${times}`);
    tree.src[file] = parts.join(replacement);
  }
  return tree;
}

/**
 * A section that nothing reads: "The above copyright notice and this permission notice shall be included in all copies".
 * @param {string} text
 */
function noticeSection(text) {
  const name = Buffer.from('license');
  const content = Buffer.concat([Buffer.of(name.length), name, Buffer.from(text)]);
  // LEB128 of two bytes: between 128 and 16,383.
  return Buffer.concat([Buffer.of(0, (content.length & 0x7f) | 0x80, content.length >> 7), content]);
}

/** @returns {Promise<Uint8Array>} the module, unchecked */
async function compile() {
  const files = {
    ...readSource(),
    'module.c': readText(fileURLToPath(new URL('module.c', import.meta.url))),
  };
  if (!existsSync(COMPILER)) throw new Error('its compiler, @yowasp/clang, is not installed');
  const { runClang, runLLVM } = await import('@yowasp/clang');
  /** @type {Uint8Array[]} */
  const said = [];
  const quiet = {
    stderr: (/** @type {Uint8Array | null} */ bytes) => {
      if (bytes !== null) said.push(bytes.slice());
    },
    fetchProgress: () => undefined,
  };
  try {
    // Loads the compiler, and is told of it here: the next call would tell the terminal.
    await runLLVM(null, {}, quiet);
    const compiled = await runClang(
      ['clang', ...words(COMPILE), '-c', 'module.c', '-o', 'module.o'],
      files,
      quiet,
    );
    const exports = words(EXPORTS).map((name) => `--export=${name}`);
    const linked = await runLLVM(
      ['wasm-ld', ...words(LINK), ...exports, 'module.o', '-o', 'module.wasm'],
      compiled,
      quiet,
    );
    const notice = readText(join(SOURCE, 'COPYING'));
    return Buffer.concat([linked['module.wasm'], noticeSection(notice)]);
  } catch (error) {
    throw new Error(`clang: ${Buffer.concat(said).toString() || String(error)}`, { cause: error });
  }
}

/**
 * Makes the module where it is missing or another; some ten seconds.
 * @param {(sentence: string) => void} say
 */
export async function build(say) {
  if (isBuilt()) return;
  say("Building the curve's WebAssembly from libsecp256k1, some ten seconds.");
  const built = await compile();
  const found = sha256(built);
  if (found !== MODULE_SHA256) throw new Error(`what was built has sha256 ${found}, not ${MODULE_SHA256}`);
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, content] of /** @type {const} */ ([
    [TEXT, textOf(built)],
    [MODULE, built],
  ])) {
    // Whole or not at all, also where two build at once.
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, content);
    renameSync(aside, file);
  }
}

// `--with-packages`, as npm calls it: where what only building needs was left out, as for the services, nothing is built.
const isLeftOut = process.argv.includes('--with-packages') && !existsSync(SOURCE) && !existsSync(COMPILER);
const isProgram =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isProgram && !isLeftOut) {
  const say = (/** @type {string} */ sentence) => void process.stderr.write(`${sentence}\n`);
  try {
    await build(say);
  } catch (error) {
    say(`The curve's WebAssembly was not built: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
