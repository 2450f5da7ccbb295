// Exercises node-postgres: parameters, types, transactions, errors, a cursorless big result. Ends with "ok".
const { Client } = require('pg');
const fs = require('fs');

(async () => {
  const client = new Client({
    host: 'localhost', port: +process.env.PORT, user: 'app', password: process.env.PASSWORD, database: 'work',
    ssl: { ca: fs.readFileSync(process.env.CA), servername: 'localhost' },
  });
  await client.connect();
  await client.query('CREATE TEMP TABLE n (id serial PRIMARY KEY, name text, doc jsonb, at timestamptz, amount numeric, tags text[])');
  const when = new Date('2024-02-29T12:00:00Z');
  const inserted = await client.query('INSERT INTO n (name, doc, at, amount, tags) VALUES ($1, $2, $3, $4, $5) RETURNING *', ['Zoë', { a: [1] }, when, '12.50', ['x', 'y,z']]);
  const row = inserted.rows[0];
  const expect = (actual, wanted) => { if (JSON.stringify(actual) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`); };
  expect(row, { id: 1, name: 'Zoë', doc: { a: [1] }, at: when, amount: '12.50', tags: ['x', 'y,z'] });
  expect((await client.query({ name: 'prepared', text: 'SELECT count(*)::int AS c FROM generate_series(1, $1)', values: [100000] })).rows, [{ c: 100000 }]);
  expect((await client.query('SELECT g FROM generate_series(1, 50000) g')).rows.length, 50000);
  await client.query('BEGIN');
  try {
    await client.query('INSERT INTO n (id) VALUES (1)');
    throw new Error('the duplicate was accepted');
  } catch (e) {
    expect([e.code, e.constraint], ['23505', 'n_pkey']);
  }
  await client.query('ROLLBACK');
  expect((await client.query('SELECT count(*)::int AS c FROM n')).rows[0].c, 1);
  await client.end();
  console.log('ok');
})().catch(e => { console.error(e); process.exit(1); });
