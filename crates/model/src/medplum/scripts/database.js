// The database Job: before the server's first start, and with the master user, whom no other pod knows. Makes
// the database, the role that owns everything in it, and the user that the server signs in with. It may run
// any number of times: what is there is left as it is, but for the user's password. A restored database
// (TAKEN_OVER) has to be there.
//
// The server's image has no psql; it has Node, and `pg` beside the server.
'use strict';

const { createHmac, createHash, pbkdf2Sync, randomBytes } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');

const home = process.env.MEDPLUM_HOME || '/usr/src/medplum/packages/server/';
const { Client, escapeIdentifier: name, escapeLiteral: literal } = createRequire(home)('pg');
const { DATABASE, OWNER, APP_USER, APP_PASSWORD } = process.env;

function say(sentence) {
  console.log(sentence);
  try {
    writeFileSync(process.env.TERMINATION_LOG || '/dev/termination-log', sentence);
  } catch {
    // Only in a pod there is one.
  }
}

class Stop extends Error {
  constructor(code, reason, sentence) {
    super(`${reason}: ${sentence}`);
    this.code = code;
  }
}

// What the server keeps of a password. It is made here, so that the password is in no statement, and so in no
// log of the database. RFC 5803, PostgreSQL's "pg_authid".
function verifier(password) {
  const [salt, rounds] = [randomBytes(16), 4096];
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, rounds, 32, 'sha256');
  const keyed = (text) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${server}`;
}

async function connect(database) {
  const pause = Number(process.env.PAUSE_MILLISECONDS || 5000);
  let last;
  for (let tries = 60; tries > 0; tries -= 1) {
    const client = new Client({
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      user: process.env.PGUSER,
      password: process.env.PGPASSWORD,
      database,
      connectionTimeoutMillis: 10000,
      ssl: { rejectUnauthorized: true, ca: readFileSync(process.env.CA_FILE, 'utf8') },
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      last = error;
      // Wrong password, wrong user: no later try is another.
      if (error.code === '28P01' || error.code === '28000') {
        throw new Stop(47, 'MasterRefused', 'the database does not know its master user by this password');
      }
      await new Promise((after) => setTimeout(after, pause));
    }
  }
  throw new Stop(41, 'DatabaseUnreachable', `no answer from ${process.env.PGHOST} over TLS: ${last.message}`);
}

async function exists(client, query, value) {
  return (await client.query(query, [value])).rowCount > 0;
}

async function make() {
  const master = await connect('postgres');
  for (const [role, login] of [[OWNER, 'NOLOGIN'], [APP_USER, 'LOGIN']]) {
    if (!(await exists(master, 'SELECT 1 FROM pg_roles WHERE rolname = $1', role))) {
      await master.query(`CREATE ROLE ${name(role)} ${login}`);
    }
  }
  await master.query(`ALTER ROLE ${name(APP_USER)} PASSWORD ${literal(verifier(APP_PASSWORD))}`);
  await master.query(`GRANT ${name(OWNER)} TO ${name(APP_USER)}, CURRENT_USER`);
  const made = !(await exists(master, 'SELECT 1 FROM pg_database WHERE datname = $1', DATABASE));
  if (made && process.env.TAKEN_OVER) {
    throw new Stop(51, 'DatabaseMissing', `what was restored holds no database ${DATABASE}`);
  }
  if (made) {
    await master.query(`CREATE DATABASE ${name(DATABASE)} OWNER ${name(OWNER)} ENCODING 'UTF8' TEMPLATE template0`);
  }
  // What either user of the application makes belongs to the role that both are.
  await master.query(`ALTER ROLE ${name(APP_USER)} IN DATABASE ${name(DATABASE)} SET role = ${literal(OWNER)}`);
  await master.query(`REVOKE ALL ON DATABASE ${name(DATABASE)} FROM PUBLIC`);
  await master.query(`GRANT CONNECT ON DATABASE ${name(DATABASE)} TO ${name(APP_USER)}`);
  await master.end();
  const inside = await connect(DATABASE);
  await inside.query(`ALTER SCHEMA public OWNER TO ${name(OWNER)}`);
  await inside.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await inside.end();
  say(made ? `database ${DATABASE} is made` : `database ${DATABASE} was there; the user's password is set`);
}

make().catch((error) => {
  // A message of PostgreSQL names roles and databases, and no value.
  say(error instanceof Stop ? error.message : `DatabaseRefused: ${error.message}`);
  process.exit(error instanceof Stop ? error.code : 49);
});
