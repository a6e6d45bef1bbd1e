// Asks a server for its data migrations as Medplum's own client does: signs in with password and code, then
// reads. Reads `{server, email, password}` as JSON from standard input, and tells `{answers}` or `{refused}` on
// standard output.
'use strict';

const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

// The client is a browser's: it keeps what it needs between two steps there.
const kept = new Map();
globalThis.sessionStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key),
};
console.warn = console.error = () => {};

const { MedplumClient } = createRequire(process.env.MEDPLUM_HOME)('@medplum/core');

async function migrations({ server, email, password }) {
  const client = new MedplumClient({ baseUrl: server, fetch });
  const { code } = await client.startLogin({ email, password, remember: false });
  await client.processCode(code);
  const { pendingPostDeployMigration: pending } = await client.get(new URL('admin/super/migrations', server));
  const jobs = await client.searchResources('AsyncJob', 'type=data-migration&_project:missing=true&_sort=-_lastUpdated');
  return { pending, jobs: jobs.map(({ type, dataVersion }) => ({ type, dataVersion })) };
}

migrations(JSON.parse(readFileSync(0, 'utf8'))).then(
  (answers) => console.log(JSON.stringify({ answers })),
  (error) => console.log(JSON.stringify({ refused: error.message }))
);
