// Opens a store as Medplum's server does: with the server's own libraries, and what its configuration says of
// the store, unchanged. Reads `{database, ask}` or `{redis, ask}` as JSON from standard input, and tells
// `{answers}` or `{refused}` on standard output.
'use strict';

const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

const from = createRequire(process.env.MEDPLUM_HOME);

async function database({ host, port, dbname, username, password, ssl }, statements) {
  const { Client } = from('pg');
  const client = new Client({ host, port, database: dbname, user: username, password, ssl, connectionTimeoutMillis: 10000 });
  await client.connect();
  try {
    const answers = [];
    for (const text of statements) {
      const { rows } = await client.query({ text, rowMode: 'array' });
      answers.push(rows);
    }
    return answers;
  } finally {
    await client.end();
  }
}

async function cache(config, commands) {
  const { Redis } = from('ioredis');
  const once = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 3000 };
  const client = new Redis({ ...config, ...once });
  let cause;
  client.on('error', (error) => {
    cause ??= error;
  });
  try {
    await client.connect();
    const answers = [];
    for (const [command, ...values] of commands) {
      answers.push(await client.call(command, ...values));
    }
    return answers;
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

const asked = JSON.parse(readFileSync(0, 'utf8'));
const answers = asked.database ? database(asked.database, asked.ask) : cache(asked.redis, asked.ask);
answers.then(
  (answers) => console.log(JSON.stringify({ answers })),
  (error) => console.log(JSON.stringify({ refused: `${error.code ?? ''} ${error.message}`.trim() }))
);
